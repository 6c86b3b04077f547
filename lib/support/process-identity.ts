import { readFileSync } from 'node:fs';
import { uptime } from 'node:os';
import * as v from 'valibot';

/** Which process it is, so that another one can tell whether it still runs. */
export const processIdentity = v.object({
    pid: v.pipe(v.number(), v.integer()),
    /** See {@link bootId}. */
    boot: v.string(),
    /**
     * When it was started, in ticks since the boot; absent where the system does not tell. It tells the process from
     * another one with its pid, a later one or one of another container.
     */
    started: v.optional(v.string()),
});
export type ProcessIdentity = v.InferOutput<typeof processIdentity>;

/** How far two boot times that were computed may be apart, in seconds, and be the same. */
const bootTolerance = 5;

/**
 * Another one after every boot of the machine. Where the system names none, it is the date of the boot: a date that is
 * set looks like a boot there, which costs no more than not believing a log.
 * @see https://docs.kernel.org/admin-guide/sysctl/kernel.html (random)
 */
export function bootId(): string {
    return read('/proc/sys/kernel/random/boot_id')?.trim() ?? `at ${Math.round(Date.now() / 1_000 - uptime())}`;
}

/** True if both are ids of the same boot. */
export function isSameBoot(a: string, b: string): boolean {
    if (a === b) return true;
    const [first, second] = [a, b].map(id => (id.startsWith('at ') ? Number(id.slice(3)) : Number.NaN));
    return Math.abs(first! - second!) <= bootTolerance;
}

export function ownIdentity(): ProcessIdentity {
    return { pid: process.pid, boot: bootId(), started: statusOf(process.pid)?.started };
}

/**
 * True if the process still runs. One of another boot or of another container counts as ended: it cannot be seen from
 * here, and the container that was started again is the usual case.
 */
export function isRunning({ pid, boot, started }: ProcessIdentity): boolean {
    if (!isSameBoot(boot, bootId()) || !isPresent(pid)) return false;
    const status = statusOf(pid);
    // A process that was killed stays in the table until its parent looks; a pid is given again after a while.
    return status === undefined || (status.started === started && !'ZX'.includes(status.state));
}

function isPresent(pid: number): boolean {
    try {
        process.kill(pid, 0);
        return true;
    } catch (error) {
        return (error as NodeJS.ErrnoException).code === 'EPERM';
    }
}

/**
 * What Linux says of a process; undefined elsewhere. The name may hold blanks and brackets, so fields count from its end.
 * @see https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
 */
function statusOf(pid: number): { state: string; started: string } | undefined {
    const line = read(`/proc/${pid}/stat`);
    if (line === undefined) return undefined;
    const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0] ?? '', started: fields[19] ?? '' };
}

function read(file: string): string | undefined {
    try {
        return readFileSync(file, 'utf8');
    } catch {
        return undefined;
    }
}
