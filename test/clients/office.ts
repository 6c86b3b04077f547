import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { rootCertificates, setDefaultCACertificates } from 'node:tls';
import { stayOnLoopback } from './loopback-only.ts';

/** What the simulated office says of itself once it listens. */
export interface Description {
    tenantId: string;
    loginUrl: string;
    graphUrl: string;
    app: { clientId: string; clientSecret: string };
    accounts: { username: string; password: string }[];
    pbx: { url: string; appName: string; password: string };
    controlUrl: string;
    /** Leads to {@link Office.notificationPort}. */
    notificationUrl: string;
}

/** The simulated office in a process of its own, as anybody would start it, and what the clients need beside. */
export interface Office extends Description {
    /** Users of the tenant: the people and their accounts. */
    users: number;
    people: { name: string; mail: string }[];
    /** PEM: private key and certificate with which the app may sign in, and decrypts notifications. */
    app: Description['app'] & { key: string; certificate: string; pemFile: string };
    notificationPort: number;
    /** What somebody does at the phone or in Teams. */
    change(mail: string, side: 'pbx' | 'teams', change: object): Promise<void>;
}

const numberOfPeople = 250;
const built = join(import.meta.dirname, '../../dist');

let office: Promise<Office> | undefined;
let program: ChildProcess | undefined;
const folder = mkdtempSync(join(tmpdir(), 'clients-check-'));

/** Starts the office at the first call; it ends with the last test. From then on only this machine is contacted. */
export function startOffice(): Promise<Office> {
    office ??= start();
    return office;
}

after(async () => {
    if (program?.exitCode === null && program.kill()) await once(program, 'exit');
    rmSync(folder, { recursive: true });
});

async function start(): Promise<Office> {
    stayOnLoopback();
    const identity = createRequire(import.meta.url)(join(built, 'test/support/app-certificate.js')).appCertificate();
    const { key, certificate } = identity as { key: string; certificate: string };
    const [pemFile, caFile] = [join(folder, 'app.pem'), join(folder, 'ca.pem')];
    writeFileSync(pemFile, key + certificate);
    const notificationPort = await freePort();
    const description = await describedBy([
        ...['--users', String(numberOfPeople)],
        ...['--app-certificate', pemFile],
        ...['--ca-file', caFile],
        ...['--publish', `http://127.0.0.1:${notificationPort}/notifications`],
    ]);
    setDefaultCACertificates([...rootCertificates, readFileSync(caFile, 'utf8')]);
    const people = (await (await fetch(`${description.controlUrl}people`)).json()) as Office['people'];
    return {
        ...description,
        app: { ...description.app, key, certificate, pemFile },
        users: people.length + description.accounts.length,
        people,
        notificationPort,
        change: async (mail, side, change) => {
            const answer = await fetch(`${description.controlUrl}people/${encodeURIComponent(mail)}/${side}`, {
                method: 'POST',
                headers: { 'content-type': 'application/json' },
                body: JSON.stringify(change),
            });
            if (!answer.ok) throw new Error(await answer.text());
        },
    };
}

/** Starts the program, and reads the one line that it says. */
async function describedBy(options: string[]): Promise<Description> {
    const started = spawn(process.execPath, [join(built, 'lib/simulator/main.js'), ...options], {
        stdio: ['ignore', 'pipe', 'inherit'],
    });
    program = started;
    const ended = once(started, 'exit').then(([code]) => {
        throw new Error(`The simulated office ended with code ${code}`);
    });
    const line = once(createInterface({ input: started.stdout }), 'line').then(([text]) => String(text));
    ended.catch(() => undefined);
    return JSON.parse(await Promise.race([line, ended]));
}

async function freePort(): Promise<number> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    server.close();
    return port;
}
