import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Random, seededRandom } from '../../lib/simulator/random';
import { AppClient } from '../lib/simulator/pbx/app-client';
import { checkout } from '../support/checkout';
import { oddBody } from './odd-json';
import { post } from './relay';
import type { Site } from './site';

interface Route {
    port: number;
    path: string;
    body: () => string;
}

/** What a dialog may send. */
const asked = [
    ...[
        'id',
        'type',
        'cloud',
        'loginUrl',
        'graphUrl',
        'tenant',
        'clientId',
        'clientSecret',
        'certificate',
        'app',
        'tls',
    ],
    ...['accounts', 'index', 'username', 'slot', 'password0', 'signIn', 'uses', 'address', 'slaves', 'role', 'system'],
    ...['appName', 'password', 'pbxName', 'match', 'pairs', 'participation', 'groups', 'appUrl', 'publicUrl', 'listen'],
];

/** So many odd bodies on each route, frames among them; `failed` has those that nothing or a failure has answered. */
export async function sendOddBodies(
    site: Site,
    count: number,
    localAddress: string,
): Promise<{ routes: number; failed: string[] }> {
    const random = seededRandom(7);
    const routes = routesOf(site, random);
    const failed: string[] = [];
    const work = async ({ port, path, body }: Route): Promise<void> => {
        for (let index = 0; index < count; index++) {
            const text = body();
            const { status } = await post({ port, path, body: text, localAddress });
            if (status === 0 || (status >= 500 && status !== 503)) failed.push(`${path} ${status}: ${text}`);
        }
    };
    await Promise.all([...routes.map(work), sendOddFrames(site, random, { count, localAddress })]);
    return { routes: routes.length + 1, failed };
}

function routesOf({ nodeRed, relay, ports, notificationPath, pbxPath }: Site, random: Random): Route[] {
    const admin = Number(new URL(nodeRed.baseUrl).port);
    const { item } = relay.told[0]!;
    const names = ['value', 'validationTokens', 'encryptedContent', 'resourceData', 'data', ...Object.keys(item)];
    const own = { port: ports.notifications, path: notificationPath };
    const odd = (...fields: string[]) => oddBody(random, fields);
    return [
        { ...own, body: () => odd(...names) },
        { ...own, body: () => oddNotification(random, item, names) },
        { ...own, body: () => oddLifecycle(random, item, names) },
        { port: admin, path: `${notificationPath}-2`, body: () => odd(...names) },
        { port: ports.pbx, path: pbxPath, body: () => odd('mt', 'api', 'src') },
        ...dialogPaths().map(path => ({ port: admin, path, body: () => odd(...asked) })),
        { port: admin, path: '/presence-simulator/people', body: () => odd('name', 'mail', 'number') },
        { port: admin, path: '/presence-simulator/faults', body: () => odd('clear', 'fail', 'latency') },
    ];
}

/** Paths of the requests of all dialogs, as the sources register them. */
function dialogPaths(): string[] {
    const folder = join(checkout, 'nodes');
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.ts'));
    const registered = files.flatMap(file =>
        Array.from(readFileSync(join(folder, file), 'utf8').matchAll(/onEditorRequest\(\s*RED,\s*'([^']+)'/g)),
    );
    return registered.map(([, path]) => path!);
}

/** As many frames, over as many connections as it takes: what is no frame ends one. */
async function sendOddFrames(
    { ports, pbxPath }: Site,
    random: Random,
    { count, localAddress }: { count: number; localAddress: string },
): Promise<void> {
    const url = `ws://127.0.0.1:${ports.pbx}${pbxPath}`;
    const names = ['mt', 'api', 'src', 'app', 'domain', 'sip', 'guid', 'dn', 'info', 'digest', 'challenge', 'url'];
    const types = ['AppChallenge', 'AppLogin', 'AppInfo', 'PbxInfo', 'CheckBuild', 'KeepAlive', 'PresenceUpdate'];
    for (let sent = 0; sent < count; ) {
        const client = await AppClient.open(url, { localAddress }).catch(() => undefined);
        for (let index = 0; client && sent < count && index < 10; index++, sent++) {
            const text = oddBody(random, names);
            const type = types[Math.floor(random() * types.length)];
            client.send(text.startsWith('{') ? text.replace('{', `{"mt":"${type}",`).replace(',}', '}') : text);
        }
        if (!client) sent += 1;
        await delay(5);
        client?.end();
    }
}

/** True in what stands around it, odd within. */
function oddNotification(random: Random, item: Record<string, unknown>, names: string[]): string {
    const odd = Object.fromEntries(
        Object.keys(item)
            .filter(() => random() < 0.3)
            .map(name => [name, parsed(oddBody(random, names))]),
    );
    const { clientState, subscriptionId } = item;
    return JSON.stringify({ value: [{ ...item, ...odd, clientState, subscriptionId }], validationTokens: [''] });
}

function oddLifecycle(random: Random, item: Record<string, unknown>, names: string[]): string {
    const { clientState, subscriptionId } = item;
    const lifecycleEvent = parsed(oddBody(random, names)) ?? 'removed?';
    return JSON.stringify({ value: [{ clientState, subscriptionId, lifecycleEvent }] });
}

function parsed(text: string): unknown {
    try {
        return JSON.parse(text);
    } catch {
        return text;
    }
}
