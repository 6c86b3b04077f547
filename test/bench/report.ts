/** Figures of the bench, one a line; those with a target say whether they meet it. */

export function section(title: string): void {
    process.stdout.write(`\n== ${title}\n`);
}

export function figure(name: string, value: string): void {
    process.stdout.write(`   ${name}: ${value}\n`);
}

/** @param target the figure asked for, in words; a missed one is said plainly and makes the bench fail */
export function verdict(name: string, value: string, isMet: boolean, target: string): void {
    process.stdout.write(`${isMet ? 'ok' : '!!'} ${name}: ${value}  (${isMet ? '' : 'missed: '}${target})\n`);
    if (!isMet) process.exitCode = 1;
}

/** Percentiles of milliseconds. */
export function percentiles(values: readonly number[]): { p50: number; p99: number; max: number; text: string } {
    const sorted = [...values].sort((a, b) => a - b);
    const at = (share: number): number => sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
    const [p50, p99, max] = [at(0.5), at(0.99), at(1)];
    const text = `n ${sorted.length}  p50 ${p50.toFixed(1)} ms  p99 ${p99.toFixed(1)} ms  max ${max.toFixed(1)} ms`;
    return { p50, p99, max, text };
}
