import { AppClient, type Credentials, loginFrame } from '../lib/simulator/pbx/app-client';
import { inTurns } from './site';

export interface LoginResult {
    tried: number;
    /** Those that were let in. */
    passed: number;
}

/** As many callers at a time: less than a port of our own has room for. */
const parallel = 20;
/** Characters, somewhat less than a frame may have before the login. */
const longestLogin = 60_000;

/** Logins as a PBX makes them, none with the right password, in several ways in turn; beside each somebody leaves. */
export async function wrongLogins(url: string, app: Credentials, count: number): Promise<LoginResult> {
    const result = { tried: 0, passed: 0 };
    await inTurns([...Array(count).keys()], parallel, async index => {
        await leave(url, app, index).catch(() => undefined);
        const isOk = await at(ways, index)(url, app, index).catch(() => undefined);
        result.tried += 1;
        if (isOk) result.passed += 1;
    });
    return result;
}

function at<T>(list: readonly T[], index: number): T {
    return list[index % list.length]!;
}

type Way = (url: string, app: Credentials, index: number) => Promise<boolean>;

const answered =
    (changed: (app: Credentials, index: number) => Credentials): Way =>
    async (url, app, index) => {
        const client = await AppClient.open(url, { localAddress: '127.0.0.2' });
        try {
            return (await client.login(changed(app, index))).ok === true;
        } finally {
            client.end();
        }
    };

const passwords: Way[] = [
    answered((app, index) => ({ ...app, password: `guess ${index}` })),
    answered(app => ({ ...app, password: '' })),
    answered(app => ({ ...app, password: app.password.toUpperCase(), domain: 'firm.example' })),
    answered((app, index) => ({ ...app, password: `guess ${index}`, dn: 'Eve:presence-sync:x', guid: 'a'.repeat(32) })),
    answered((app, index) => ({ ...app, password: `guess ${index}`, sip: '\r\n[error] x\u001b[31m' })),
    answered((app, index) => ({ ...app, password: `guess ${index}`, info: '{"appobj":"presence-sync","x":[[[]]]}' })),
];

/** The question of PBX Manager is tried more slowly, and so asked less often. */
const check: Way = async (url, app, index) => {
    const client = await AppClient.open(url, { localAddress: '127.0.0.2' });
    try {
        const asked = {
            mt: 'AppCheckLogin',
            app: app.app,
            domain: '',
            challenge: String(index),
            digest: 'a'.repeat(64),
        };
        return (await client.request(asked)).ok === true;
    } finally {
        client.end();
    }
};

/** Leaves before an answer, and has said as much as a login may. */
async function leave(url: string, app: Credentials, index: number): Promise<void> {
    const client = await AppClient.open(url, { localAddress: '127.0.0.2' });
    const info = JSON.stringify({ appobj: 'presence-sync', x: 'x'.repeat(longestLogin) });
    client.send(loginFrame({ ...app, password: `guess ${index}`, info }, await client.challenge()));
    client.end();
}

const ways = [...Array.from({ length: 20 }, (_, index) => at(passwords, index)), check];
