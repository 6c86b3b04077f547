import { SimulatedTenant, type TenantOptions } from '../../lib/simulator/tenant/simulated-tenant';

/** A simulated tenant that lets the test see what no client of Graph can: who has set what. */
export class ModelTenant extends SimulatedTenant {
    /** Accepted writes of presence by Teams id. */
    readonly writes = new Map<string, number>();
    /** By Teams id: the preferred presence that an app has set and that still stands. */
    readonly preferredByApp = new Map<string, string>();
    #isByHand = false;

    constructor(options: TenantOptions) {
        super(options);
        const { model } = this;
        const note = (id: string): void => {
            this.writes.set(id, (this.writes.get(id) ?? 0) + 1);
        };
        const { setSession, clearSession, setPreferred, clearPreferred } = model;
        model.setSession = (id, ...rest) => {
            note(id);
            setSession.call(model, id, ...rest);
        };
        model.clearSession = (id, app) => {
            note(id);
            return clearSession.call(model, id, app);
        };
        model.setPreferred = (id, pair, duration) => {
            setPreferred.call(model, id, pair, duration);
            if (this.#isByHand) this.preferredByApp.delete(id);
            else this.preferredByApp.set(id, `${pair.availability}/${pair.activity}`);
            if (!this.#isByHand) note(id);
        };
        model.clearPreferred = id => {
            clearPreferred.call(model, id);
            this.preferredByApp.delete(id);
            if (!this.#isByHand) note(id);
        };
    }

    override setUserPreferred(teamsId: string, pair: Parameters<SimulatedTenant['setUserPreferred']>[1]): void {
        this.#isByHand = true;
        try {
            super.setUserPreferred(teamsId, pair);
        } finally {
            this.#isByHand = false;
        }
    }

    /** The status message that the user enters in Teams; empty takes it away. */
    setStatusMessage(teamsId: string, text: string): void {
        this.model.setStatusMessage(teamsId.toLowerCase(), text, undefined);
    }

    /** As after a disaster: no app has a session or a preferred presence any more. */
    forgetApps(appIds: readonly string[], teamsIds: readonly string[]): void {
        for (const id of teamsIds) {
            if (!this.model.has(id)) continue;
            for (const app of appIds) this.model.clearSession(id, app);
            if (this.preferredByApp.has(id)) this.model.clearPreferred(id);
        }
    }
}
