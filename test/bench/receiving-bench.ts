import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { PresenceMessage } from '../../lib/presence/message';
import { TeamsLedger } from '../../lib/presence/teams-ledger';
import type { TeamsPresence } from '../../lib/presence/vocabulary';
import { CertificateAuthority } from '../../lib/simulator/certificate-authority';
import { validationClaims } from '../../lib/simulator/tenant/change-notification';
import { notificationEndpoint } from '../../lib/teams/reading/notifications/notification-endpoint';
import { type TeamsRegistration, TeamsSystem } from '../../lib/teams/teams-system';
import { systemClock } from '../../lib/time/clock';
import { messageOf } from '../../nodes/runtime/messages';
import { SigningLogin } from '../lib/teams/reading/notifications/signing-login';
import type { Round, RoundResult, SenderOrder } from './notification-sender';

const clientId = randomUUID();
const tenantId = randomUUID();

/** One receiver, as a flow runs it, and a sender in a process of its own. */
export class ReceivingBench {
    readonly arrivals = new Map<string, number>();
    /** Milliseconds from the arrival of each request to its message. */
    readonly delays: number[] = [];
    /** Milliseconds from the arrival of each request to the end of its answer. */
    readonly answers: number[] = [];
    messages = 0;
    /** Messages whose state is none that the round has sent. */
    strangers = 0;
    #server!: Server;
    #login!: SigningLogin;
    #registration!: TeamsRegistration;
    #sender!: ChildProcess;

    async start(userIds: string[]): Promise<void> {
        const authority = await CertificateAuthority.create();
        this.#login = await SigningLogin.start(authority, tenantId);
        const { url } = this.#login;
        const system = new TeamsSystem({ ledger: new TeamsLedger(), clock: systemClock });
        this.#registration = system.register({
            loginUrl: url,
            graphUrl: url,
            tenant: tenantId,
            clientId,
            trust: { ca: authority.certificate, extent: 'only' },
        });
        const { notifications, following } = this.#registration;
        following.follow(
            userIds.map(id => ({
                addresses: [`${id}@bench.example`],
                displayName: id,
                teams: { id, userPrincipalName: `${id}@bench.example`, mail: null },
            })),
        );
        following.on('change', change => this.#sent(messageOf('teams', change) as PresenceMessage));
        const endpoint = notificationEndpoint(notifications, () => '');
        this.#server = createServer((request, response) => {
            const arrived = performance.now();
            this.arrivals.set(String(request.headers['x-user']), arrived);
            response.on('finish', () => this.answers.push(performance.now() - arrived));
            endpoint(request, response);
        }).listen(0, '127.0.0.1');
        await once(this.#server, 'listening');
        const key = await notifications.key();
        const clientState = notifications.newClientState();
        const subscriptionId = randomUUID();
        notifications.accept(subscriptionId, clientState);
        const claims = validationClaims({ appId: clientId, tenantId, url, now: Date.now() });
        const sign = (changed: object): string => this.#login.sign({ ...claims, ...changed });
        this.#users = userIds.length;
        const order: SenderOrder = {
            port: (this.#server.address() as AddressInfo).port,
            certificate: key.certificate,
            certificateId: key.id,
            subscriptionId,
            clientState,
            tenantId,
            token: sign({}),
            badTokens: [
                sign({ aud: randomUUID() }),
                sign({ iss: `${url}/${randomUUID()}/v2.0` }),
                sign({ azp: clientId, appid: clientId }),
                sign({ exp: 1 }),
                'no token',
            ],
            userIds,
        };
        this.#sender = fork(join(__dirname, 'notification-sender.js'));
        await this.#ask({ order });
    }

    /** Plays one round and returns the seconds from its begin to its last message. */
    async play(round: Round): Promise<{ seconds: number; result: RoundResult }> {
        await this.#ask({ prepare: round });
        this.#activity = round.activity;
        this.strangers = 0;
        this.arrivals.clear();
        this.delays.length = 0;
        this.answers.length = 0;
        this.messages = 0;
        const begin = performance.now();
        const result = (await this.#ask({ round })) as RoundResult;
        while (this.messages < this.#users && performance.now() - begin < 60_000)
            await new Promise(resolve => setTimeout(resolve, 1));
        return { seconds: (this.#lastMessage - begin) / 1_000, result };
    }

    async stop(): Promise<void> {
        this.#sender.kill();
        this.#server.close();
        this.#server.closeAllConnections();
        await this.#registration.stop();
        await this.#login.stop();
    }

    #lastMessage = 0;
    #activity = '';
    #users = 0;

    #sent({ user, payload }: PresenceMessage): void {
        if ((payload as TeamsPresence).activity !== this.#activity) {
            this.strangers += 1;
            return;
        }
        this.#lastMessage = performance.now();
        this.messages += 1;
        this.delays.push(this.#lastMessage - (this.arrivals.get(user.teams!.id) ?? 0));
    }

    async #ask(message: object): Promise<unknown> {
        const answer = once(this.#sender, 'message');
        this.#sender.send(message);
        return (await answer)[0];
    }
}
