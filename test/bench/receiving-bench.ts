import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID, type webcrypto } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { PresenceMessage } from '../../lib/presence/message';
import type { TeamsPresence } from '../../lib/presence/vocabulary';
import { CertificateAuthority } from '../../lib/simulator/certificate-authority';
import { validationClaims } from '../../lib/simulator/tenant/change-notification';
import { decryptNotification } from '../../lib/teams/reading/notifications/encrypted-content';
import { messageOf } from '../../nodes/runtime/messages';
import { SigningLogin } from '../lib/teams/reading/notifications/signing-login';
import type { Round, RoundResult, SenderOrder } from './notification-sender';
import { TeamsSide } from './teams-side';

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
    /** Milliseconds from the arrival of each request at the bare server to what it holds. */
    readonly bareDelays: number[] = [];
    #server!: Server;
    #bare!: Server;
    #login!: SigningLogin;
    #side!: TeamsSide;
    #sender!: ChildProcess;

    async start(userIds: string[]): Promise<void> {
        const authority = await CertificateAuthority.create();
        this.#login = await SigningLogin.start(authority, tenantId);
        const { url } = this.#login;
        const trust = { ca: authority.certificate, extent: 'only' } as const;
        this.#side = new TeamsSide({ settings: { loginUrl: url, graphUrl: url, tenant: tenantId, clientId, trust } });
        this.#side.take(
            userIds.map(id => ({
                addresses: [`${id}@bench.example`],
                displayName: id,
                teams: { id, userPrincipalName: `${id}@bench.example`, mail: null },
            })),
        );
        this.#side.onChange(change => this.#sent(messageOf('teams', change) as PresenceMessage));
        const { endpoint } = this.#side;
        const { notifications } = this.#side.registration;
        this.#server = createServer((request, response) => {
            const arrived = performance.now();
            this.arrivals.set(String(request.headers['x-user']), arrived);
            response.on('finish', () => this.answers.push(performance.now() - arrived));
            endpoint(request, response);
        }).listen(0, '127.0.0.1');
        await once(this.#server, 'listening');
        const key = await notifications.key();
        this.#bare = bareServer(key.privateKey, this.bareDelays);
        await once(this.#bare, 'listening');
        const clientState = notifications.secrets.make();
        const subscriptionId = randomUUID();
        notifications.secrets.accept(subscriptionId, clientState);
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

    /** Plays one round to a server that does nothing but decrypt; see {@link bareDelays}. */
    async playBare(round: Round): Promise<void> {
        const { port } = this.#bare.address() as AddressInfo;
        await this.#ask({ prepare: round });
        const wanted = this.bareDelays.length + this.#users;
        await this.#ask({ round: { ...round, port } });
        while (this.bareDelays.length < wanted) await new Promise(resolve => setTimeout(resolve, 1));
    }

    async stop(): Promise<void> {
        this.#sender.kill();
        this.#bare.close();
        this.#bare.closeAllConnections();
        this.#server.close();
        this.#server.closeAllConnections();
        await this.#side.stop();
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

/** What Node.js and RSA take by themselves: answers each request and decrypts what it brings. */
function bareServer(key: webcrypto.CryptoKey, delays: number[]): Server {
    const work = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
        const arrived = performance.now();
        const chunks: Buffer[] = [];
        for await (const chunk of request) chunks.push(chunk as Buffer);
        response.writeHead(202).end();
        const { value } = JSON.parse(Buffer.concat(chunks).toString()) as { value: { encryptedContent: never }[] };
        for (const { encryptedContent } of value) await decryptNotification(encryptedContent, key);
        delays.push(performance.now() - arrived);
    };
    return createServer((request, response) => void work(request, response)).listen(0, '127.0.0.1');
}
