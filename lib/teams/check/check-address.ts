import { randomUUID, X509Certificate } from 'node:crypto';
import { request } from 'node:https';
import { BlockList, isIP, isIPv6 } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { certificateFault, detailOf } from '../../support/certificate-fault';
import { reportOf } from '../../support/check-report';
import { type CheckLine, type CheckReport, line } from './check-sentences';

/**
 * Networks that the internet does not lead to.
 * @see https://www.iana.org/assignments/iana-ipv4-special-registry
 * @see https://www.iana.org/assignments/iana-ipv6-special-registry
 */
const inside = new BlockList();
for (const [net, prefix] of [
    ['0.0.0.0', 8],
    ['10.0.0.0', 8],
    ['100.64.0.0', 10],
    ['127.0.0.0', 8],
    ['169.254.0.0', 16],
    ['172.16.0.0', 12],
    ['192.0.0.0', 24],
    ['192.0.2.0', 24],
    ['192.168.0.0', 16],
    ['198.18.0.0', 15],
    ['198.51.100.0', 24],
    ['203.0.113.0', 24],
    ['224.0.0.0', 3],
] as const)
    inside.addSubnet(net, prefix, 'ipv4');
inside.addAddress('::', 'ipv6');
inside.addAddress('::1', 'ipv6');
for (const [net, prefix] of [
    ['64:ff9b:1::', 48],
    ['100::', 64],
    ['2001:2::', 48],
    ['2001:db8::', 32],
    ['3fff::', 20],
    ['5f00::', 16],
    ['fc00::', 7],
    // Link-local, those of old for a site, and multicast.
    ['fe80::', 9],
    ['ff00::', 8],
] as const)
    inside.addSubnet(net, prefix, 'ipv6');
/** Ends of names that no public name server knows. @see https://www.iana.org/assignments/special-use-domain-names */
const insideNames =
    /^[^.]+$|\.(local|localhost|localdomain|internal|intranet|lan|home|corp|mail|private|arpa|test|invalid|onion|alt)$/;

/** Milliseconds that the address has to answer. */
const patience = 10_000;
/** Characters of an answer that are looked at: the nonce and no more. */
const longestAnswer = 100;

/** True for an address of this or another private network. */
export function isInside({ hostname }: URL): boolean {
    const host = hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
    if (isIP(host)) return inside.check(host, isIPv6(host) ? 'ipv6' : 'ipv4');
    return insideNames.test(host);
}

/** What makes it doubtful that Microsoft sends to an address. */
export function doubtsOf(url: URL): CheckLine[] {
    const { host } = url;
    const doubts: CheckLine[] = [];
    if (isInside(url)) doubts.push(line('host', 'warning', 'CHECK_ADDRESS_INSIDE', { host }));
    if (url.search) doubts.push(line('query', 'warning', 'CHECK_ADDRESS_QUERY', { query: url.search }));
    return doubts;
}

interface Reached {
    /** What the address leads to: tells when Microsoft came last, and who has asked for a handshake. */
    channel: {
        readonly cameAt: number | undefined;
        on(event: 'asked', listener: (token: string) => void): unknown;
        off(event: 'asked', listener: (token: string) => void): unknown;
    };
    /** Certificate authorities (PEM) that count beside those of Node.js. */
    ca?: string[] | undefined;
    /** What the port of our own shows (PEM), where there is one that speaks TLS. */
    certificate?: string | undefined;
    /** Somebody else answers, and passes notifications on as messages. */
    isElsewhere: boolean;
}

/**
 * Asks the public address from here as Microsoft does before it makes a subscription, and says when Microsoft came last.
 * Nothing of what a foreign server answers is told. Never rejects.
 * @see https://learn.microsoft.com/graph/change-notifications-delivery-webhooks
 */
export async function checkAddress(url: URL, reached: Reached): Promise<CheckReport> {
    const lines = doubtsOf(url);
    if (url.protocol === 'https:') lines.push(...(await answerOf(url, reached)));
    const { cameAt } = reached.channel;
    const date = cameAt === undefined ? '' : new Date(cameAt).toISOString().replace('T', ' ').slice(0, 19);
    lines.push(
        cameAt === undefined
            ? line('microsoft', 'warning', 'CHECK_MICROSOFT_NEVER')
            : line('microsoft', true, 'CHECK_MICROSOFT_CAME', { date }),
    );
    return reportOf(lines);
}

async function answerOf(url: URL, { channel, ca, certificate, isElsewhere }: Reached): Promise<CheckLine[]> {
    const nonce = randomUUID();
    const { host, pathname: path } = url;
    let isHere = false;
    const onAsked = (token: string): void => {
        isHere ||= token === nonce;
    };
    channel.on('asked', onAsked);
    try {
        const { status, text, until, fingerprint } = await ask(url, nonce, ca);
        const lines = [line('certificate', true, 'CHECK_ADDRESS_CERTIFICATE', { host, date: until })];
        if (certificate && new X509Certificate(certificate).fingerprint256 !== fingerprint)
            lines.push(line('other-certificate', 'warning', 'CHECK_ADDRESS_OTHER_CERTIFICATE', { host }));
        const isRight = status === 200 && text === nonce;
        if (!isRight) lines.push(line('answer', false, 'CHECK_ADDRESS_WRONG', { host, path, status }));
        // Whoever answers so is another Node-RED, or whatever says what it is asked.
        else if (!isHere && !isElsewhere) lines.push(line('answer', false, 'CHECK_ADDRESS_ELSEWHERE', { host, path }));
        else lines.push(line('answer', true, 'CHECK_ADDRESS_RIGHT', { host }));
        return lines;
    } catch (thrown) {
        const detail = detailOf(thrown as NodeJS.ErrnoException);
        // Microsoft would not take it either.
        if (certificateFault(detail)) return [line('certificate', false, 'CHECK_ADDRESS_UNTRUSTED', { host, detail })];
        return [line('answer', 'warning', 'CHECK_ADDRESS_UNREACHABLE', { host, detail })];
    } finally {
        channel.off('asked', onAsked);
    }
}

/** Directly, for a proxy to the internet would show a certificate of its own. @throws NodeJS.ErrnoException */
function ask(
    url: URL,
    nonce: string,
    ca: string[] | undefined,
): Promise<{ status: number; text: string; until: string; fingerprint: string }> {
    const asked = new URL(url);
    asked.searchParams.set('validationToken', nonce);
    return new Promise((resolve, reject) => {
        const signal = AbortSignal.timeout(patience);
        // Node.js would let the environment variable NODE_TLS_REJECT_UNAUTHORIZED decide.
        const options = { method: 'POST', agent: false, rejectUnauthorized: true, signal, ...(ca ? { ca } : {}) };
        const sent = request(asked, options, response => {
            const { valid_to, fingerprint256: fingerprint } = (response.socket as TLSSocket).getPeerCertificate();
            const until = new Date(valid_to).toISOString().slice(0, 10);
            let text = '';
            const end = (): void => {
                resolve({ status: response.statusCode ?? 0, text, until, fingerprint });
                sent.destroy();
            };
            response.setEncoding('utf8').on('data', (part: string) => {
                text += part;
                if (text.length > longestAnswer) end();
            });
            response.on('end', end).on('error', reject);
        });
        sent.on('error', error => reject(signal.aborted ? Object.assign(error, { code: 'ETIMEDOUT' }) : error));
        // Also where there was neither an answer nor an error, as after a 101.
        sent.on('close', () => reject(Object.assign(new Error('closed'), { code: 'ECONNRESET' })));
        sent.setHeader('Content-Type', 'text/plain; charset=utf-8').end();
    });
}
