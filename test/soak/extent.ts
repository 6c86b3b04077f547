/** How much a scenario does. */
export interface Extent {
    people: number;
    /** People in a PBX call at the begin; as many others do something else. */
    calls: number;
    kills: number;
    /** Changes per second while Node-RED is killed and comes back. */
    churn: number;
    /** Changes during an interruption. */
    changes: number;
    /** How long the process is stopped, in real ms; from 5,000 on it is noticed. */
    freeze: number;
    /** ms after which all tokens have ended that were got before; 0 leaves them out. */
    tokens: number;
}

export const full: Extent = {
    people: 300,
    calls: 50,
    kills: 20,
    churn: 10,
    changes: 500,
    freeze: 60_000,
    tokens: 70 * 60_000,
};

/** For the tests: the same ways, fewer of everything. */
export const short: Extent = {
    people: 40,
    calls: 10,
    kills: 2,
    churn: 8,
    changes: 40,
    freeze: 6_000,
    tokens: 70 * 60_000,
};
