import type { Outcome, PresenceUser } from '../../../../lib/presence/message';
import { liveClaims } from '../../../../lib/presence/record';
import { pairOf } from '../../../../lib/presence/teams-states';
import type { TeamsPresence } from '../../../../lib/presence/vocabulary';
import { GatheredRequests } from '../../../../lib/teams/connection/gathered-requests';
import type { RegistrationSettings } from '../../../../lib/teams/connection/graph-access';
import { readPresences } from '../../../../lib/teams/connection/read-presence';
import { TeamsPeople } from '../../../../lib/teams/people';
import type { TeamsWriting } from '../../../../lib/teams/writing/teams-executor';
import { clearingOf, requestOf } from '../../../../lib/teams/writing/teams-executor';
import { anna, app, ben, TeamsFixture, userOf } from '../teams-fixture';

export const minute = 60_000;
export const lease = 15 * minute;
export const inACall = pairOf('Busy/InACall')!;
export const busy = pairOf('Busy/Busy')!;
export const dnd = pairOf('DoNotDisturb/DoNotDisturb')!;
export const available = pairOf('Available/Available')!;
export const users = { anna: userOf(anna), ben: userOf(ben) };

/** What a test changes of a writer. */
export interface WriterOptions extends Partial<TeamsWriting> {
    requests?: GatheredRequests;
    people?: Partial<ConstructorParameters<typeof TeamsPeople>[0]>;
}

/** One node that writes, as the system serves it. */
export class TestWriter {
    readonly people: TeamsPeople;
    readonly #writing: TeamsWriting;
    readonly #end: () => void;

    constructor(people: TeamsPeople, writing: TeamsWriting, requests: GatheredRequests) {
        this.people = people;
        this.#writing = writing;
        this.#end = people.writing(writing, requests);
    }

    set(user: PresenceUser, presence: TeamsPresence): Promise<Outcome> {
        return this.people.set(user, presence, this.#writing);
    }

    clear(user: PresenceUser, isSilence = false): Promise<Outcome> {
        return this.people.clear(user, this.#writing, isSilence);
    }

    clearAll(): Promise<void> {
        return this.people.clearAll(this.#writing.node);
    }

    /** The system ends, as after a kill. */
    stop(): void {
        this.people.stop();
    }

    /** The node ends; the system goes on. */
    end(): void {
        this.#end();
    }
}

/** An office with writers that end with it. */
export class WriterFixture {
    readonly office: TeamsFixture;

    private constructor(office: TeamsFixture) {
        this.office = office;
    }

    static async start(options?: Parameters<typeof TeamsFixture.start>[0]): Promise<WriterFixture> {
        return new WriterFixture(await TeamsFixture.start(options));
    }

    async stop(): Promise<void> {
        this.office.people.stop();
        await this.office.stop();
    }

    writer(more: WriterOptions = {}, settings: Partial<RegistrationSettings> = {}): TestWriter {
        const { requests = this.requests(settings), people, ...writing } = more;
        if (people) {
            this.office.people.stop();
            this.office.people = new TeamsPeople({ clock: this.office.clock, random: () => 0.5, ...people });
        }
        return new TestWriter(this.office.people, { node: 'writer', way: app.clientId, lease, ...writing }, requests);
    }

    requests(settings: Partial<RegistrationSettings> = {}): GatheredRequests {
        return new GatheredRequests(this.office.teams(settings).registration.asApp());
    }

    /** Our session ends, and we do not know it. */
    async endSession(user: PresenceUser): Promise<void> {
        await this.requests().send(requestOf(user, clearingOf('session', app.clientId), 'edge'));
    }

    /** What we hold in Teams for a person, as far as we know. */
    held(who = anna): Record<string, unknown> {
        const { people, clock } = this.office;
        const parts = Object.entries(people.reconciler.records.get(who.teamsId)?.parts ?? {});
        return Object.fromEntries(
            parts.flatMap(([name, state]) => {
                const [claim] = liveClaims(state, clock.monotonic());
                return claim ? [[name, claim.value]] : [];
            }),
        );
    }

    /** What everybody sees, as `Busy/InACall`. */
    shown(who = anna): string {
        const { availability, activity } = this.office.simulated.presenceOf(who.teamsId);
        return `${availability}/${activity}`;
    }

    writes(): number {
        return this.office.count(/POST .*\/presence\/(set|clear)/);
    }

    /** What Teams shows is read, as a sweep does. */
    async read({ people }: TestWriter): Promise<void> {
        await people.reader.readAgain([...people.reconciler.records.keys()], 'sweep');
    }

    /** As a user does in the Teams client: the same field that we write to. */
    async choose(text: string, who = anna): Promise<void> {
        await this.#act(who.teamsId, 'setUserPreferredPresence', { ...pairOf(text), expirationDuration: 'PT8H' });
    }

    /** As a user does with "Reset status": what else there is shows again. */
    async reset(who = anna): Promise<void> {
        await this.#act(who.teamsId, 'clearUserPreferredPresence', {});
    }

    /** As a user does in the Teams client; an empty text takes the message away. */
    async note(content: string, who = anna): Promise<void> {
        const message = { content, contentType: 'text' };
        await this.#act(who.teamsId, 'setStatusMessage', { statusMessage: { message } });
    }

    /** The status message that everybody sees. */
    async message(who = anna): Promise<string | undefined> {
        return (await readPresences(this.requests().graph, [who.teamsId], 'sweep')).get(who.teamsId)?.statusMessage;
    }

    async #act(id: string, action: string, body: object): Promise<void> {
        const graph = this.office.teams().registration.asApp();
        await graph.send({ what: 'choose', method: 'POST', path: `/users/${id}/presence/${action}`, body });
    }
}
