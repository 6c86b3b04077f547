/** What a scenario found in one respect. */
export interface Verdict {
    what: string;
    /** The figure, in words. */
    value: string;
    isMet: boolean;
    /** What is asked for. */
    target: string;
}

/** @param wrong one line for each person who shows something wrong */
export function noneWrong(what: string, wrong: readonly string[], target = 'none'): Verdict {
    const value = wrong.length === 0 ? 'none' : `${wrong.length}: ${wrong.slice(0, 5).join('; ')}`;
    return { what, value, isMet: wrong.length === 0, target };
}
