import { SyncError } from '../../../../lib/errors/errors';
import type { Frame } from '../../../../lib/pbx/connection/frame';
import { PendingRequests } from '../../../../lib/pbx/connection/pending-requests';
import { ReadingPace, replicate } from '../../../../lib/pbx/users/replication';
import { type Behaviour, defaultBehaviour } from '../../../../lib/simulator/pbx/behaviour';
import type { Frame as SentFrame } from '../../../../lib/simulator/pbx/frame';
import { PbxTableUsers } from '../../../../lib/simulator/pbx/pbx-table-users';
import { pbxUser } from '../../../../lib/simulator/pbx/pbx-user';
import { UserTable } from '../../../../lib/simulator/pbx/user-table';
import { manyPeople } from '../../../../lib/simulator/person';
import { FakeClock } from '../../../support/fake-clock';

const latency = 20;
const answerLimit = 10_000;

/** What becomes of the ReplicateNextResult with this number, counted from the beginning of a connection. */
export type Mishap = { at: number } & ({ stall: number } | { twice: true } | { refused: true });

/** Reads a simulated user table, one connection after the other, by a pace that outlives them; without sockets, so quickly. */
export class ReadingBench {
    readonly pace = new ReadingPace();
    /** Replications that the last connection has begun. */
    starts = 0;
    readonly #clock = new FakeClock();
    readonly #users = new UserTable();
    readonly #behaviour: Behaviour;

    constructor(count: number, behaviour: Partial<Behaviour> = {}) {
        this.#behaviour = { ...defaultBehaviour, usn: 'absent', ...behaviour };
        for (const person of manyPeople(count)) this.#users.add(pbxUser(person, 'pbx'));
    }

    /** Connects, reads everything and returns the milliseconds that it took. */
    async read(mishap?: Mishap): Promise<number> {
        const clock = this.#clock;
        const begun = clock.monotonic();
        const options = { session: this.#connect(mishap), pace: this.pace, clock };
        let told: number | undefined;
        let failure: unknown;
        this.starts = 0;
        replicate(options, () => this.starts++).then(
            replication => {
                told = replication.told.size;
            },
            thrown => {
                failure = thrown;
            },
        );
        while (told === undefined && !failure) await clock.advance(10);
        if (failure) throw failure;
        if (told !== this.#users.all().length) throw new Error(`${told} users have been read`);
        return clock.monotonic() - begun;
    }

    #connect(mishap?: Mishap) {
        const clock = this.#clock;
        const pending = new PendingRequests(clock, answerLimit);
        let silentUntil = 0;
        let answers = 0;
        let sources = 0;
        const send = (sent: SentFrame): void => {
            const frame = sent as Frame;
            let copies = [frame];
            if (frame.mt === 'ReplicateNextResult' && answers++ === mishap?.at) {
                if ('stall' in mishap) silentUntil = clock.monotonic() + mishap.stall;
                else if ('twice' in mishap) copies = [frame, frame];
                else copies = [{ mt: frame.mt, src: frame.src, error: 1, errorText: 'busy' } as Frame];
            }
            const delay = Math.max(latency, silentUntil - clock.monotonic());
            clock.after(delay, () => {
                for (const copy of copies) pending.settle(copy);
            });
        };
        const table = new PbxTableUsers({ users: this.#users, behaviour: this.#behaviour, clock }, send);
        return {
            host: 'pbx',
            end: undefined,
            newSource: () => `src-${++sources}`,
            request: (api: string, mt: string, fields: object, src = '') => {
                const late = () => new SyncError('PBX_SILENT', { host: 'pbx', seconds: answerLimit / 1000 });
                const answer = pending.wait(mt, src, late);
                table.handle({ api, mt, src, ...fields });
                return answer;
            },
        };
    }
}
