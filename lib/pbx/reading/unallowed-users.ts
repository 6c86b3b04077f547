import { type Frame, failureOf, isObject, textOf } from '../connection/frame';
import type { PbxSession } from '../connection/pbx-session';

/**
 * Names in lower case of the users whose visibility lacks the right to see their presence, as PbxAdminApi tells them
 * where it is ticked, for as long as the session lasts. Without it, the right of each user of whom nothing is heard is
 * taken to be missing.
 * @param app name of the App object; what other Apps have subscribed is left out
 * @param changed called when they are others
 * @see https://sdk.innovaphone.com/14r1/doc/appwebsocket/PbxAdminApi.htm (MonitorUnallowed)
 */
export function unallowedUsers(session: PbxSession, app: string, changed: () => void): ReadonlySet<string> {
    const names = new Set<string>();
    if (session.may('PbxAdminApi') === false) return names;
    const src = session.newSource();
    const take = ({ mt, user, srcs }: Frame): void => {
        const name = textOf(user).toLowerCase();
        if (mt === 'MonitorUnallowedAdd' && isOf(app, srcs)) names.add(name);
        else if (mt === 'MonitorUnallowedDel' && isOf(app, srcs, true)) names.delete(name);
        else return;
        changed();
    };
    session.mux.listen(src, take);
    session.mux.listenTo('PbxAdminApi', ['MonitorUnallowedAdd', 'MonitorUnallowedDel'], take);
    session
        .request('PbxAdminApi', 'MonitorUnallowed', {}, src)
        .then(result => failureOf(result) && names.clear())
        .catch(() => names.clear());
    return names;
}

/** @param ifEmpty whether an empty list means the App, too */
function isOf(app: string, sources: unknown, ifEmpty = false): boolean {
    if (!Array.isArray(sources)) return true;
    if (sources.length === 0) return ifEmpty;
    const name = app.toLowerCase();
    return sources.filter(isObject).some(source => source.grp !== true && textOf(source.name).toLowerCase() === name);
}
