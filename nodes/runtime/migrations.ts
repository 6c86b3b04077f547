/**
 * What nodes hold in flows, brought to the form that this version of the package writes. The runtime does it when it
 * creates a node, the editor when it shows one; a flow itself changes only when somebody confirms the dialog. No
 * imports: the editor's browser loads this file as well.
 */

type Config = Record<string, unknown>;

/** Brings a configuration from one version to the next. */
type Step = (config: Config) => Config;

/** Gives what a flow from before there was a choice does not hold the value that it meant then. */
function fill(meant: Config): Step {
    return config => {
        const missing = Object.entries(meant).filter(([name]) => (config[name] ?? '') === '');
        return { ...config, ...structuredClone(Object.fromEntries(missing)) };
    };
}

/** The steps of each node type; the first one begins at flows that have no version. Append, never change. */
const steps: Record<string, readonly Step[]> = {
    'azure-app': [fill({ authentication: 'secret' })],
    'teams-accounts': [fill({ accounts: [] })],
    'pbx-connection': [
        fill({ role: 'client', listen: 'node-red', match: 'address', participation: 'all', slaves: [], pairs: [] }),
    ],
    'teams-subscriber': [fill({ delivery: 'automatic', scope: 'pbx', licence: 'any', plans: [] })],
    'teams-notification-receiver': [fill({ listen: 'node-red' })],
    'teams-presence-writer': [
        fill({ sets: 'everything', choice: 'respect' }),
        fill({ settle: 2, leads: 'newest', offline: 'calls' }),
    ],
    'pbx-presence-in': [fill({ lineState: 'automatic', snapshot: 'differences' })],
    'pbx-presence-out': [fill({ call: 'busy', contact: 'own' }), fill({ settle: 2 })],
    'presence-map': [fill({ toPbx: [], toTeams: [] })],
    'presence-simulator': [fill({})],
};

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
    const newest = (steps[type] ?? []).slice(version).reduce((each, step) => step(each), config as Config);
    return { ...newest, version: Math.max(version, versionOf(type)) } as T & { version: number };
}
