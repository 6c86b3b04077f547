/** Values that do not belong anywhere. */
const nonsense: unknown[] = [
    ...[null, true, 0, -1, 1e308, '', 'x'.repeat(5000)],
    ...[[], {}, [[[]]], { mt: {} }, '__proto__'],
];

const types = [
    ...['ReplicateAdd', 'ReplicateUpdate', 'ReplicateDel', 'ReplicateNextResult', 'ReplicateStartResult'],
    ...['PresenceUpdate', 'PresenceState', 'SubscribePresenceResult', 'SetPresenceResult', 'AppLoginResult'],
    ...['AppChallengeResult', 'AppInfo', 'AppInfoResult', 'CheckBuild', 'KeepAlive', 'KeepAliveResult'],
    ...['CallAdd', 'CallUpdate', 'UserInfo', 'CreateApiResult', 'MonitorUnallowedAdd', 'toString', '__proto__', ''],
];

/** The same numbers in every run. */
export function randomNumbers(seed: number): () => number {
    let state = seed;
    return () => {
        state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
        return state / 2_147_483_648;
    };
}

/** A frame that no PBX sends; some are no JSON at all. */
export function nonsenseFrame(random: () => number): string {
    const pick = <Item>(items: Item[]): Item => items[Math.floor(random() * items.length)]!;
    const frame = {
        mt: pick<unknown>([...types, ...nonsense]),
        src: pick<unknown>([undefined, 'presence-1', 'presence-2', 'presence-3', ...nonsense]),
        columns: pick<unknown>([
            undefined,
            { guid: pick(nonsense), h323: pick(nonsense), emails: pick(nonsense) },
            ...nonsense,
        ]),
        presence: pick<unknown>([undefined, [{ contact: pick(nonsense), activity: pick(nonsense) }], ...nonsense]),
        error: pick<unknown>([undefined, ...nonsense]),
        apis: pick(nonsense),
        call: pick(nonsense),
        user: pick(nonsense),
    };
    const text = JSON.stringify(frame);
    return random() < 0.2 ? text.slice(0, Math.floor(random() * text.length)) : text;
}
