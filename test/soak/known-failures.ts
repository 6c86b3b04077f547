const unknownAfterCrash = 'what was set before a crash is not known after it: the log of claims is not wired yet';
const droppedAtLeaseEnd = 'what is desired is dropped when its lease in Teams ends: Teams is not on the record yet';

/**
 * Scenarios that are not right yet, by name, each with its reason. They run and are reported; they do not make the soak
 * fail, and the tests leave them out. What is right again is taken from here.
 */
export const knownFailures: Readonly<Record<string, string>> = {
    kill: unknownAfterCrash,
    'kill-without-log': unknownAfterCrash,
    'restart-1min': unknownAfterCrash,
    'graph-20min': droppedAtLeaseEnd,
    'sleep-1h': droppedAtLeaseEnd,
    freeze: 'with 300 people two more writes to the PBX than differences; why is not found yet',
};
