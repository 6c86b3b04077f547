import type { Clock } from '../../time/clock';
import { failureOf } from '../connection/frame';
import type { PbxSession } from '../connection/pbx-session';
import { type Entry, entriesOf } from '../reading/reduce-presence';

/** Milliseconds that the PBX may take to tell the list. */
const limit = 2_000;

/**
 * A user's presence list as it is now. There is no request for it, so a further subscription is made and ended.
 * @param sip name of the user
 * @returns undefined where the PBX does not tell it; never rejects
 * @see https://sdk.innovaphone.com/14r1/doc/appwebsocket/PbxApi.htm
 */
export function readBack(session: PbxSession, sip: string, clock: Clock): Promise<Entry[] | undefined> {
    const src = session.newSource();
    return new Promise(resolve => {
        const finish = (entries: Entry[] | undefined): void => {
            clock.cancel(timer);
            session.mux.unlisten(src);
            session.request('PbxApi', 'UnsubscribePresence', { sip }, src).catch(() => undefined);
            resolve(entries);
        };
        const timer = clock.after(limit, () => finish(undefined));
        session.mux.listen(src, ({ mt, presence }) => mt === 'PresenceUpdate' && finish(entriesOf(presence)));
        session.request('PbxApi', 'SubscribePresence', { sip }, src).then(
            result => failureOf(result) !== undefined && finish(undefined),
            () => finish(undefined),
        );
    });
}
