import { randomUUID, X509Certificate } from 'node:crypto';
import { Agent, request } from 'node:http';
import { encryptContent } from '../../lib/simulator/tenant/encrypted-content';

/** What the sender process is told before it begins. */
export interface SenderOrder {
    port: number;
    /** Base64 of the certificate to encrypt for, and its id. */
    certificate: string;
    certificateId: string;
    subscriptionId: string;
    clientState: string;
    tenantId: string;
    token: string;
    /** Genuine by their signature and wrong otherwise. */
    badTokens: string[];
    userIds: string[];
}

/** One round: a notification of each user, all at once (`rate` 0) or so many per second. */
export interface Round {
    activity: string;
    rate: number;
    /** With hostile ones behind each genuine one. */
    hostile?: boolean;
    /** Open connections, as a reverse proxy keeps them. */
    connections: number;
    /** Default: the receiver's. */
    port?: number;
}

/** Milliseconds from sending each request to its answer; and how many answers there were of each status. */
export interface RoundResult {
    answers: number[];
    statuses: Record<number, number>;
}

interface Post {
    body: Buffer;
    userId: string;
}

/** An item and its collection, encrypted as Graph does it. */
function collectionOf(order: SenderOrder, userId: string, activity: string) {
    const text = order.certificate;
    const { publicKey, fingerprint } = new X509Certificate(Buffer.from(text, 'base64'));
    const certificate = { id: order.certificateId, publicKey, thumbprint: fingerprint.replaceAll(':', ''), text };
    const resourceData = {
        '@odata.id': `users/${userId}/presence`,
        '@odata.type': '#microsoft.graph.presence',
        id: userId,
    };
    const item = {
        subscriptionId: order.subscriptionId,
        clientState: order.clientState,
        changeType: 'updated',
        tenantId: order.tenantId,
        resource: `communications/presences/${userId}`,
        resourceData,
        encryptedContent: encryptContent(
            { ...resourceData, availability: activity === 'Available' ? 'Available' : 'Busy', activity },
            certificate,
        ),
    };
    return { value: [item], validationTokens: [order.token] };
}

/** What somebody might send who means harm, in ten ways; `before` is a genuine body of the past. */
function hostilePosts(order: SenderOrder, userId: string, index: number, before: Buffer | undefined): Post[] {
    const forged = collectionOf(order, userId, 'Forged');
    const [item] = forged.value as [(typeof forged.value)[number]];
    const content = item.encryptedContent;
    const data = Buffer.from(content.data, 'base64');
    data[index % data.length]! ^= 1;
    const changed = (fields: object, tokens = forged.validationTokens): Buffer =>
        Buffer.from(JSON.stringify({ value: [{ ...item, ...fields }], validationTokens: tokens }));
    const badToken = order.badTokens[index % order.badTokens.length]!;
    const bodies = [
        Buffer.from(JSON.stringify(forged).slice(0, -5)),
        changed({ clientState: randomUUID() }),
        changed({ subscriptionId: randomUUID() }),
        changed({}, [`${order.token.slice(0, -8)}AAAAAAAA`]),
        changed({}, [badToken]),
        changed({ tenantId: randomUUID() }),
        changed({ encryptedContent: { ...content, data: data.toString('base64') } }),
        changed({ encryptedContent: { ...content, dataKey: 'AAAA' }, resourceData: { id: { deep: [] } }, resource: 7 }),
        index % 100 === 0 ? Buffer.alloc(2 ** 20 + 1, ' ') : Buffer.from('['.repeat(10_000)),
        before ?? Buffer.from('{"value":[null,7,"x",{}]}'),
    ];
    return bodies.map(body => ({ body, userId: '' }));
}

/** Runs in a process of its own, so that sending and encrypting cost the measured process nothing. */
async function serve(): Promise<void> {
    let order: SenderOrder | undefined;
    let posts: Post[] = [];
    let before = new Map<string, Buffer>();
    process.on('message', (message: { order: SenderOrder } | { prepare: Round } | { round: Round }) => {
        if ('order' in message) {
            order = message.order;
            process.send!('ready');
        } else if ('prepare' in message) {
            const { activity, hostile } = message.prepare;
            const genuine = new Map<string, Buffer>();
            posts = order!.userIds.flatMap((userId, index) => {
                const body = Buffer.from(JSON.stringify(collectionOf(order!, userId, activity)));
                genuine.set(userId, body);
                const others = hostile ? hostilePosts(order!, userId, index, before.get(userId)) : [];
                return [{ body, userId }, ...others];
            });
            before = genuine;
            process.send!('prepared');
        } else {
            play(message.round.port ?? order!.port, posts, message.round).then(
                result => process.send!(result),
                () => process.exit(1),
            );
        }
    });
}

async function play(port: number, posts: Post[], { rate, connections }: Round): Promise<RoundResult> {
    const agent = new Agent({ keepAlive: true, maxSockets: connections });
    const result: RoundResult = { answers: [], statuses: {} };
    const begin = performance.now();
    let next = 0;
    const work = async (): Promise<void> => {
        for (let index = next++; index < posts.length; index = next++) {
            if (rate > 0) await until(begin + (index * 1_000) / rate);
            await post(agent, port, posts[index]!, result);
        }
    };
    await Promise.all(Array.from({ length: connections }, work));
    agent.destroy();
    return result;
}

function post(agent: Agent, port: number, { body, userId }: Post, result: RoundResult): Promise<void> {
    return new Promise(resolve => {
        const headers = { 'content-type': 'application/json', 'content-length': body.length, 'x-user': userId };
        const sentAt = performance.now();
        const options = { agent, host: '127.0.0.1', port, path: '/notify', method: 'POST', headers };
        const outgoing = request(options, response => {
            result.answers.push(performance.now() - sentAt);
            const status = response.statusCode ?? 0;
            result.statuses[status] = (result.statuses[status] ?? 0) + 1;
            response.resume().on('close', resolve);
        });
        // Who sends too much may find the connection closed before it has read the answer.
        outgoing.on('error', () => resolve()).end(body);
    });
}

function until(time: number): Promise<void> {
    const wait = time - performance.now();
    return wait <= 0 ? Promise.resolve() : new Promise(resolve => setTimeout(resolve, wait));
}

/** Users who exist nowhere but in the bench. */
export function newUserIds(count: number): string[] {
    return Array.from({ length: count }, () => randomUUID());
}

if (require.main === module) void serve();
