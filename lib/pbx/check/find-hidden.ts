import { type Clock, pause } from '../../time/clock';
import type { PbxSession } from '../connection/pbx-session';
import { RequestWindow } from '../connection/request-window';

/** Requests that may be on their way at once. */
const windowSize = 32;
/** Milliseconds that a PBX has for the first presence after it has answered a subscription. */
const patience = 1_000;

/**
 * Subscribes the presence of users and finds out whose does not come: without the right, the PBX takes a subscription
 * and tells nothing. The subscriptions end with the session.
 * @param names user names (h323)
 * @returns those whose presence is not told
 * @throws SyncError what ended the session, or PBX_API_MISSING
 */
export async function findHidden(session: PbxSession, names: readonly string[], clock: Clock): Promise<string[]> {
    const silent = new Map(names.map(name => [session.newSource(), name]));
    const sources = [...silent.keys()];
    for (const src of sources) session.mux.listen(src, ({ mt }) => mt === 'PresenceUpdate' && silent.delete(src));
    try {
        const window = new RequestWindow(windowSize);
        const asked = [...silent].map(([src, sip]) =>
            window.run(() => session.request('PbxApi', 'SubscribePresence', { sip }, src)),
        );
        await Promise.all(asked);
        if (silent.size > 0) await pause(clock, patience);
        return [...silent.values()];
    } finally {
        for (const src of sources) session.mux.unlisten(src);
    }
}
