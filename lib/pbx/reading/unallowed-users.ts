import { type Frame, failureOf, isObject, textOf } from '../connection/frame';
import type { PbxSession } from '../connection/pbx-session';

/**
 * Names in lower case of the users whose visibility lacks the right to see their presence, as PbxAdminApi tells them where it is
 * ticked.
 * @see https://sdk.innovaphone.com/14r1/doc/appwebsocket/PbxAdminApi.htm (MonitorUnallowed)
 */
export class UnallowedUsers {
    readonly #app: string;
    readonly #changed: () => void;
    readonly #names = new Map<PbxSession, Set<string>>();

    /** @param app name of the App object; what other Apps have subscribed is left out */
    constructor(app: string, changed: () => void) {
        this.#app = app;
        this.#changed = changed;
    }

    get names(): Set<string> {
        return new Set([...this.#names.values()].flatMap(names => [...names]));
    }

    begin(session: PbxSession): void {
        if (session.may('PbxAdminApi') === false) return;
        const src = session.newSource();
        const names = new Set<string>();
        const take = (frame: Frame) => this.#take(names, frame);
        this.#names.set(session, names);
        session.mux.listen(src, take);
        session.mux.listenTo('PbxAdminApi', ['MonitorUnallowedAdd', 'MonitorUnallowedDel'], take);
        session
            .request('PbxAdminApi', 'MonitorUnallowed', {}, src)
            .then(result => failureOf(result) && this.#names.delete(session))
            // Without it, the right of each user of whom nothing is heard is taken to be missing.
            .catch(() => this.#names.delete(session));
    }

    end(session: PbxSession): void {
        this.#names.delete(session);
    }

    #take(names: Set<string>, { mt, user, srcs }: Frame): void {
        const name = textOf(user).toLowerCase();
        if (mt === 'MonitorUnallowedAdd' && this.#isOurs(srcs)) names.add(name);
        else if (mt === 'MonitorUnallowedDel' && this.#isOurs(srcs, true)) names.delete(name);
        else return;
        this.#changed();
    }

    /** @param ifEmpty whether an empty list means us, too */
    #isOurs(sources: unknown, ifEmpty = false): boolean {
        if (!Array.isArray(sources)) return true;
        if (sources.length === 0) return ifEmpty;
        const app = this.#app.toLowerCase();
        return sources.filter(isObject).some(({ name, grp }) => grp !== true && textOf(name).toLowerCase() === app);
    }
}
