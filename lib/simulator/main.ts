import { X509Certificate } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { ControlServer } from './control-server';
import { SimulatedOffice } from './office';
import { manyPeople } from './person';
import { throttleAt } from './tenant/throttling';

const help = `The simulated office: an innovaphone PBX and a Microsoft 365 tenant on this machine.

  npm run simulator -- [options]

  --graph-port N     port of the simulated Microsoft 365 (default: any free one)
  --pbx-port N       port of the simulated PBX (default: any free one)
  --control-port N   port of the control API and its page (default: any free one)
  --users N          number of people (default: the eight of a small firm)
  --accounts N       number of communication users (default: one for 650 people)
  --latency MS       every answer of Microsoft 365 comes so many milliseconds late
  --pbx-latency MS   every message of the PBX comes so many milliseconds late
  --pbx-slaves N     number of slave PBXs, among which and the master the people are spread
  --pbx-dial URL     the PBX and its slaves call this URL of the App object (http: or https:, on this machine)
  --throttle N       Microsoft's limits, with N presence requests in 30 seconds (Microsoft: 1500 or 10000)
  --seed N           the same ids, passwords and accidents every time
  --ca-file PATH     where to write the certificate authority that clients must trust, as PEM
  --app-certificate PATH  a certificate (PEM) with which the app may sign in beside its secret
  --publish URL      a local notification endpoint to give a public https address (notificationUrl)
  --help             this text

Once everything listens, one line of JSON with addresses, ids and (made-up) passwords goes to the standard output.
Ctrl+C ends it.
`;

interface Settings {
    help: boolean;
    graphPort: number;
    pbxPort: number;
    controlPort: number;
    users: number | undefined;
    accounts: number | undefined;
    latency: number;
    pbxLatency: number;
    pbxSlaves: number;
    pbxDial: string | undefined;
    throttle: number | undefined;
    seed: number | undefined;
    caFile: string | undefined;
    publish: string | undefined;
    appCertificate: string | undefined;
}

const mostUsers = 100_000;
const mostAccounts = 1_000;
const mostSlaves = 20;

async function main(): Promise<void> {
    const settings = readSettings(process.argv.slice(2));
    if (settings.help) {
        process.stdout.write(help);
        return;
    }
    const office = await createOffice(settings);
    const notificationUrl = settings.publish === undefined ? undefined : publish(office, settings.publish);
    const control = new ControlServer(office, { port: settings.controlPort });
    stopOnSignal(office, control);
    if (settings.caFile !== undefined) await writeAuthority(settings.caFile, office.identity.ca);
    await office.start();
    const controlUrl = await startControl(control, settings.controlPort);
    process.stdout.write(`${JSON.stringify({ ...office.identity, controlUrl, notificationUrl })}\n`);
}

async function createOffice({ users, throttle, latency, seed, ...settings }: Settings): Promise<SimulatedOffice> {
    const office = await SimulatedOffice.create({
        graphPort: settings.graphPort,
        pbxPort: settings.pbxPort,
        pbxSlaves: settings.pbxSlaves,
        ...(users !== undefined && { people: manyPeople(users) }),
        ...(settings.accounts !== undefined && { accounts: settings.accounts }),
        ...(seed !== undefined && { seed }),
        ...(throttle !== undefined && { throttling: throttleAt(throttle) }),
        ...(settings.appCertificate !== undefined && {
            appCertificate: await readCertificate(settings.appCertificate),
        }),
    });
    office.tenant.faults.latency = latency;
    office.pbx.behaviour.latency = settings.pbxLatency;
    if (settings.pbxDial !== undefined) dialOut(office, settings.pbxDial);
    return office;
}

function readSettings(args: string[]): Settings {
    const text = { type: 'string' } as const;
    const { values } = parseArgs({
        args,
        options: {
            'graph-port': text,
            'pbx-port': text,
            'control-port': text,
            users: text,
            accounts: text,
            latency: text,
            'pbx-latency': text,
            'pbx-slaves': text,
            'pbx-dial': text,
            throttle: text,
            seed: text,
            'ca-file': text,
            publish: text,
            'app-certificate': text,
            help: { type: 'boolean' },
        },
    });
    return {
        help: values.help ?? false,
        graphPort: toNumber('--graph-port', values['graph-port'], 0, 65_535) ?? 0,
        pbxPort: toNumber('--pbx-port', values['pbx-port'], 0, 65_535) ?? 0,
        controlPort: toNumber('--control-port', values['control-port'], 0, 65_535) ?? 0,
        users: toNumber('--users', values.users, 1, mostUsers),
        accounts: toNumber('--accounts', values.accounts, 1, mostAccounts),
        latency: toNumber('--latency', values.latency, 0, 600_000) ?? 0,
        pbxLatency: toNumber('--pbx-latency', values['pbx-latency'], 0, 600_000) ?? 0,
        pbxSlaves: toNumber('--pbx-slaves', values['pbx-slaves'], 0, mostSlaves) ?? 0,
        pbxDial: values['pbx-dial'],
        throttle: toNumber('--throttle', values.throttle, 1, 1_000_000),
        seed: toNumber('--seed', values.seed, 0, 2 ** 32 - 1),
        caFile: values['ca-file'],
        publish: values.publish,
        appCertificate: values['app-certificate'],
    };
}

function toNumber(option: string, text: string | undefined, least: number, most: number): number | undefined {
    if (text === undefined) return undefined;
    const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (number >= least && number <= most) return number;
    throw new Error(`${option} must be a whole number from ${least} to ${most}, not "${text}"`);
}

function dialOut({ pbx }: SimulatedOffice, url: string): void {
    try {
        for (const each of [pbx, ...pbx.slaves]) each.dialOut(url);
    } catch (error) {
        throw new Error(`--pbx-dial: ${(error as Error).message}`, { cause: error });
    }
}

function publish(office: SimulatedOffice, url: string): string {
    try {
        return office.publish(url);
    } catch (error) {
        throw new Error(`--publish: ${(error as Error).message}`, { cause: error });
    }
}

/** The first certificate in the file as PEM, without a private key that may be in it, too. */
async function readCertificate(path: string): Promise<string> {
    try {
        return new X509Certificate(await readFile(path)).toString();
    } catch (error) {
        throw new Error(`--app-certificate: ${path} is no certificate (${(error as Error).message})`, { cause: error });
    }
}

async function writeAuthority(path: string, pem: string): Promise<void> {
    try {
        await writeFile(path, pem);
    } catch (error) {
        throw new Error(`--ca-file: ${path} cannot be written (${(error as Error).message})`, { cause: error });
    }
}

async function startControl(control: ControlServer, port: number): Promise<string> {
    try {
        return await control.start();
    } catch (error) {
        throw new Error(`--control-port: cannot listen on ${port} (${(error as Error).message})`, { cause: error });
    }
}

function stopOnSignal(office: SimulatedOffice, control: ControlServer): void {
    const stop = () => {
        Promise.all([office.stop(), control.stop()]).then(() => process.exit(0), fail);
    };
    process.once('SIGINT', stop).once('SIGTERM', stop);
}

function fail(error: unknown): void {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
}

main().catch(fail);
