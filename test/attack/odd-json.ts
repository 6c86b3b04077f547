import type { Random } from '../../lib/simulator/random';

/** None is the name of a host: nothing shall be looked up. */
const texts = [
    ...['', ' ', '\u0000', '\ud83d', '💥'.repeat(50), '<script>alert(1)</script>', "' or 1=1 --", '../../ etc/passwd'],
    ...['__PWRD__', '_ADD_', '$'.concat('{HOME}'), '$'.concat('{}'), '__proto__', 'constructor', 'NaN', '1e999', '-1'],
    ...[
        'x'.repeat(5_000),
        'https://127.0.0.1:9',
        '127.0.0.1:9',
        'simulated',
        'custom',
        'null',
        '\r\n[error] x\u001b[31m',
    ],
];
const scalars = [null, true, false, 0, -1, 1.5, 1e308, 2 ** 53, [], {}, [null], [[[[[[]]]]]]];

/** A value of any shape; objects have the names that the route takes, and others. */
export function oddValue(random: Random, names: readonly string[], depth = 3): unknown {
    const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
    const kind = random();
    if (depth === 0 || kind < 0.35) return pick(texts);
    if (kind < 0.55) return pick(scalars);
    const inner = () => oddValue(random, names, depth - 1);
    if (kind < 0.7) return Array.from({ length: Math.floor(random() * 5) }, inner);
    const keys = Array.from({ length: 1 + Math.floor(random() * 8) }, () => pick([...names, '__proto__', 'toString']));
    // Keys such as __proto__ are real ones in JSON.
    return Object.fromEntries(keys.map(key => [key, inner()]));
}

/** The body of a request: mostly an object with names of the route, some that are no JSON at all. */
export function oddBody(random: Random, names: readonly string[]): string {
    const kind = random();
    const body = JSON.stringify(oddValue(random, names)) ?? 'null';
    if (kind < 0.05) return body.slice(0, -1);
    if (kind < 0.08) return '['.repeat(5_000);
    if (kind < 0.1) return `${'{"value":'.repeat(2_000)}1${'}'.repeat(2_000)}`;
    if (kind < 0.12) return '';
    return body;
}
