/**
 * Scenarios that are not right yet, by name, each with its reason. They run and are reported; they do not make the soak
 * fail, and the tests leave them out. What is right again is taken from here.
 */
export const knownFailures: Readonly<Record<string, string>> = {
    kill: 'once in three runs somebody who does nothing showed a Teams call in the PBX for 8 s after green; why is not found yet',
    freeze: 'with 300 people one person keeps a do not disturb for longer than 10 s, and there are two writes too many',
};
