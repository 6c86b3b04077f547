/**
 * Named sequences that the product does not get right yet, by the names of `known.test.ts`. The suite fails for an entry
 * that passes: take it out then. The list is to be empty.
 */
export const red: readonly string[] = [
    'O1: a dnd of the PBX outlives a call',
    'O1: busy in the PBX, and a call that lasts',
    'O2: our own session is no Teams call once the user has reset their status',
    'O2: the same, a while later',
    'O3: a dnd of the PBX outlives Graph away for longer than the rest of its lease',
    'O3: a dnd of the PBX outlives 20 minutes without Graph',
    'O3: a dnd and a call outlive an hour of sleep',
    'O4: calls on behalf and calls in the PBX do not hold each other up',
    'O5: what was chosen in Teams after a PBX setting stays when a call begins',
    'O5: what was chosen in Teams after away in the PBX stays through a call',
    'O7: a Teams call is shown though the PBX refuses seven times',
    'O8: nobody shows a Teams call after a crash during PBX calls',
    'O8: a dnd of the PBX that ends while the product is down is not told as that of the user',
    'O9: nor if the crash follows the call at once',
    'O11: a tenant that has forgotten everything is told again',
    'a choice that showed above our session is gone once our session shows',
    'a dnd by hand is not lifted by a weaker setting of the PBX',
    'an equal state is not written, and clearing one side clears only that side',
    'who comes back to Teams shows there what the PBX says',
    'an administrator who refuses a write for a while refuses no later one',
    'who comes back to the PBX within a second shows there what Teams says',
    'a call of somebody with a new address is shown once Teams is known to have it, too',
    'what Teams shows of somebody with a new address stays in the PBX',
];
