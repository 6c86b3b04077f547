/**
 * What nodes hold in flows, brought to the form that this version of the package writes. The runtime does it when it
 * creates a node, the editor when it shows one; a flow itself changes only when the dialog is confirmed. No
 * imports: the editor's browser loads this file as well.
 */

type Config = Record<string, unknown>;

/**
 * The steps of each node type: what a flow from before there was a choice meant by not holding it. The first one begins
 * at flows that have no version. Append, never change.
 */
const steps: Record<string, readonly Config[]> = {
    'azure-app': [{ authentication: 'secret' }],
    'teams-accounts': [{ accounts: [] }],
    'pbx-connection': [
        { role: 'client', listen: 'node-red', match: 'address', participation: 'all', slaves: [], pairs: [] },
    ],
    'teams-subscriber': [{ delivery: 'automatic', scope: 'pbx', licence: 'any', plans: [] }],
    'teams-notification-receiver': [{ listen: 'node-red' }],
    'teams-presence-writer': [
        { sets: 'everything', choice: 'respect' },
        { settle: 2, leads: 'newest', offline: 'calls' },
    ],
    'pbx-presence-in': [{ lineState: 'automatic', snapshot: 'differences' }],
    'pbx-presence-out': [{ call: 'busy', contact: 'own' }, { settle: 2 }],
    'presence-map': [{ toPbx: [], toTeams: [] }],
    'presence-simulator': [{}],
};

function fill(config: Config, meant: Config): Config {
    const missing = Object.entries(meant).filter(([name]) => (config[name] ?? '') === '');
    return { ...config, ...structuredClone(Object.fromEntries(missing)) };
}

/** The version of what this package writes for a node of that type. */
export function versionOf(type: string): number {
    return steps[type]?.length ?? 0;
}

/**
 * The configuration of a node in the current version. One of a newer package is left as it is.
 * @param config as a flow holds it; `version` is absent in flows from before there were versions
 */
export function migrate<T extends object>(type: string, config: T): T & { version: number } {
    const { version: held } = config as Config;
    const version = Number(held) || 0;
    const newest = (steps[type] ?? []).slice(version).reduce(fill, config as Config);
    return { ...newest, version: Math.max(version, versionOf(type)) } as T & { version: number };
}
