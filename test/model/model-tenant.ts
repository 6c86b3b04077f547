import { SimulatedTenant, type TenantOptions } from '../../lib/simulator/tenant/simulated-tenant';

/** A disaster takes what the apps have chosen for so many people at least. */
const disaster = 5;

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

    /**
     * As after a disaster: no app has a session or a preferred presence any more. Fewer than {@link disaster} of the latter
     * stay: nobody could tell that they are gone from people who choose.
     */
    forgetApps(appIds: readonly string[], teamsIds: readonly string[]): void {
        const known = teamsIds.filter(id => this.model.has(id));
        for (const id of known) for (const app of appIds) this.model.clearSession(id, app);
        const preferred = known.filter(id => this.preferredByApp.has(id));
        if (preferred.length >= disaster) for (const id of preferred) this.model.clearPreferred(id);
    }
}
