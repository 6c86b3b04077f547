import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { tryItExample } from './support/checkout';
import { isPortFree } from './support/free-port';
import { NodeRedProcess } from './support/node-red-process';
import { connectingNodes } from './support/our-nodes';

const usage = 'Usage: npm start -- [--port PORT] [--userDir DIRECTORY]';
const defaultPort = 1880;
const patience = 60_000;

interface StartOptions {
    /** Undefined: the default one, or a free one if that is taken. */
    port: number | undefined;
    userDir: string | undefined;
}

/** What was asked for on the command line. @throws Error in words when it cannot be understood */
function readOptions(): StartOptions {
    const { values } = parseArgs({ options: { port: { type: 'string' }, userDir: { type: 'string' } } });
    const port = values.port === undefined ? undefined : Number(values.port);
    if (port !== undefined && !(Number.isInteger(port) && port >= 0 && port <= 65_535)) {
        throw new Error(`"${values.port}" is no port`);
    }
    // npm runs its scripts in the package's folder; a relative path means the one that the user stands in.
    return { port, userDir: values.userDir && resolve(process.env.INIT_CWD ?? '.', values.userDir) };
}

async function choosePort(wanted: number | undefined): Promise<number> {
    if (await isPortFree(wanted ?? defaultPort)) return wanted ?? defaultPort;
    if (wanted !== undefined) throw new Error(`Port ${wanted} is taken: choose another one with --port`);
    console.log(`Port ${defaultPort} is taken, so a free one is used.`);
    return 0;
}

/** The example is deployed where there are no flows yet; flows of the user stay as they are. */
async function ensureFlows(nodeRed: NodeRedProcess): Promise<void> {
    const flows = await nodeRed.getFlows();
    if (flows.length === 0) await nodeRed.deploy(tryItExample());
}

function greet(nodeRed: NodeRedProcess): void {
    console.log(`
    Editor            ${nodeRed.baseUrl}
    Simulated office  ${nodeRed.baseUrl}presence-simulator/

    Everything runs on this machine, reachable from this machine only. The example talks to a simulated PBX and a
    simulated Microsoft 365: nothing leaves the machine. Ctrl-C ends it.
`);
}

/** Says "ready" when all nodes report connected, and until then now and again which do not. */
async function announceReady(nodeRed: NodeRedProcess): Promise<void> {
    const nodes = connectingNodes(await nodeRed.getFlows());
    while (nodeRed.running) {
        try {
            await nodeRed.waitForGreen(nodes, patience);
            return console.log('ready');
        } catch (error) {
            if (nodeRed.running) console.log((error as Error).message);
        }
    }
}

/** npm does not pass every signal on to its script: the loss of the parent is the only sign that npm was ended. */
function onEndOfNpm(run: () => void): void {
    if (!process.env.npm_lifecycle_event) return;
    const parent = process.ppid;
    setInterval(() => process.ppid !== parent && run(), 500).unref();
}

async function main(): Promise<void> {
    const { port, userDir } = readOptions();
    const onLog = (line: string) => console.log(line);
    const nodeRed = new NodeRedProcess({ port: await choosePort(port), userDir, language: 'system', onLog });
    let stopping = false;
    const stop = async (exitCode: number) => {
        if (stopping) return;
        stopping = true;
        await nodeRed.dispose();
        process.exit(exitCode);
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void stop(0));
    onEndOfNpm(() => void stop(0));

    try {
        await nodeRed.start();
        await ensureFlows(nodeRed);
        greet(nodeRed);
        void nodeRed.ended.then(() => stop(1));
        await announceReady(nodeRed);
    } catch (error) {
        if (stopping) return;
        console.error((error as Error).message);
        await stop(1);
    }
}

main().catch(error => {
    console.error(`${(error as Error).message}\n${usage}`);
    process.exitCode = 1;
});
