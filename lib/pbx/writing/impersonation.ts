import { toSyncError } from '../../errors/errors';
import { type Clock, within } from '../../time/clock';
import type { PbxSession } from '../connection/pbx-session';
import type { Homes } from './homes';

const api = 'PbxImpersonation';

/** Milliseconds that a wish waits until it is known whether calls can be made; an API that is not ticked is silent. */
const patience = 500;

interface Finding {
    /** Resolves with the answer; never rejects. */
    readonly answer: Promise<boolean>;
    /** Resolves when the answer is known, or after {@link patience}. */
    readonly soon: Promise<boolean | undefined>;
    isAllowed?: boolean;
}

/**
 * Whether the App object may act as users at a PBX. That is asked once per connection, by deleting an API that does not
 * exist, and no write waits long for the answer.
 * @see https://sdk.innovaphone.com/14r1/doc/appwebsocket/PbxImpersonation.htm
 */
export class Impersonation {
    readonly #clock: Clock;
    readonly #homes: Homes;
    readonly #findings = new WeakMap<PbxSession, Finding>();

    constructor(clock: Clock, homes: Homes) {
        this.#clock = clock;
        this.#homes = homes;
    }

    /** True or false once that is known; undefined while the PBX does not say. */
    async allows(session: PbxSession): Promise<boolean | undefined> {
        const finding = this.#finding(session);
        if (finding.isAllowed === undefined) await finding.soon;
        return finding.isAllowed;
    }

    /** True or false, however long the PBX takes to say so. */
    answer(session: PbxSession): Promise<boolean> {
        return this.#finding(session).answer;
    }

    #finding(session: PbxSession): Finding {
        const known = this.#findings.get(session);
        if (known) return known;
        const answer = this.#request(session);
        const finding: Finding = { answer, soon: within(this.#clock, patience, answer) };
        this.#findings.set(session, finding);
        void answer.then(isAllowed => {
            finding.isAllowed = isAllowed;
            if (!session.end) this.#homes.callsKnown(session, isAllowed);
        });
        return finding;
    }

    /** Even an answer that tells of a failure comes from an API that is there; whether it serves is then seen. */
    async #request(session: PbxSession): Promise<boolean> {
        if (session.may(api) !== undefined) return session.may(api) === true;
        try {
            await session.request(api, 'DeleteApi', { target: '' });
            return session.may(api) !== false;
        } catch (thrown) {
            return toSyncError(thrown).code !== 'PBX_API_MISSING';
        }
    }
}
