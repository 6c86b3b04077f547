import type { PresenceUser } from '../../../../lib/presence/message';
import { pairOf } from '../../../../lib/presence/teams-states';
import type { RegistrationSettings } from '../../../../lib/teams/connection/graph-access';
import { PresenceActions } from '../../../../lib/teams/writing/presence-actions';
import { PresenceWriter, type PresenceWriterOptions } from '../../../../lib/teams/writing/presence-writer';
import { anna, app, ben, TeamsFixture, userOf } from '../teams-fixture';

export const minute = 60_000;
export const lease = 15 * minute;
export const inACall = pairOf('Busy/InACall')!;
export const busy = pairOf('Busy/Busy')!;
export const dnd = pairOf('DoNotDisturb/DoNotDisturb')!;
export const available = pairOf('Available/Available')!;
export const users = { anna: userOf(anna), ben: userOf(ben) };

/** An office with writers that end with it. */
export class WriterFixture {
    readonly office: TeamsFixture;
    readonly #writers: PresenceWriter[] = [];

    private constructor(office: TeamsFixture) {
        this.office = office;
    }

    static async start(options?: Parameters<typeof TeamsFixture.start>[0]): Promise<WriterFixture> {
        return new WriterFixture(await TeamsFixture.start(options));
    }

    async stop(): Promise<void> {
        for (const writer of this.#writers) writer.stop();
        await this.office.stop();
    }

    writer(more: Partial<PresenceWriterOptions> = {}, settings: Partial<RegistrationSettings> = {}): PresenceWriter {
        const { clock, ledger } = this.office;
        const actions = new PresenceActions({
            graph: this.office.teams(settings).registration.asApp(),
            clientId: app.clientId,
        });
        const writer = new PresenceWriter({ actions, ledger, clock, lease, random: () => 0.5, ...more });
        this.#writers.push(writer);
        return writer;
    }

    /** What everybody sees, as `Busy/InACall`. */
    shown(who = anna): string {
        const { availability, activity } = this.office.simulated.presenceOf(who.teamsId);
        return `${availability}/${activity}`;
    }

    writes(): number {
        return this.office.count(/POST .*\/presence\/(set|clear)/);
    }

    /** As a user does in the Teams client: the same field that we write to. */
    async choose(text: string, who = anna): Promise<void> {
        await this.#act(who.teamsId, 'setUserPreferredPresence', { ...pairOf(text), expirationDuration: 'PT8H' });
    }

    /** As a user does in the Teams client; an empty text takes the message away. */
    async note(content: string, who = anna): Promise<void> {
        const message = { content, contentType: 'text' };
        await this.#act(who.teamsId, 'setStatusMessage', { statusMessage: { message } });
    }

    /** The status message that everybody sees. */
    async message(who = anna): Promise<string | undefined> {
        const actions = new PresenceActions({
            graph: this.office.teams().registration.asApp(),
            clientId: app.clientId,
        });
        return (await actions.read([who.teamsId])).get(who.teamsId)?.statusMessage;
    }

    async #act(id: string, action: string, body: object): Promise<void> {
        const graph = this.office.teams().registration.asApp();
        await graph.send({ what: 'choose', method: 'POST', path: `/users/${id}/presence/${action}`, body });
    }
}

/** As the directory finds users. */
export function known(userId: string): PresenceUser | undefined {
    return Object.values(users).find(({ teams }) => teams.id === userId);
}
