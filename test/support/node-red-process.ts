import { type ChildProcess, fork } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { checkout, type FlowNode } from './checkout';
import { EditorFeed, type NodeStatus } from './editor-feed';
import { linkPackage, temporaryUserDirectory, writeSettings } from './user-directory';

export type DeployType = 'full' | 'nodes' | 'flows' | 'reload';

export interface NodeRedOptions {
    /** Kept afterwards. Without it there is a temporary one, which {@link NodeRedProcess.dispose} removes. */
    userDir?: string;
    /** Default 0: a free one, chosen anew at each start. */
    port?: number;
    /** Which Node.js runs which `red.js`. Default: this Node.js and the checkout's own Node-RED. */
    installation?: { node: string; red: string };
    /** The package's folder to link into the user directory; default the checkout, `false` when one is installed there. */
    packageDir?: string | false;
    /** Added to settings.js where the user directory has none yet. */
    settings?: Record<string, unknown>;
    /** The runtime's language; default `en-US`, `system` for the machine's own. */
    language?: string;
    /** Modules that are loaded first. */
    preload?: readonly string[];
    /** Added to the environment; asked for at each start. */
    environment?: () => Record<string, string>;
    /** Called with each line of Node-RED's log. */
    onLog?: (line: string) => void;
}

const startLimit = 60_000;
const stopLimit = 20_000;

/** A real Node-RED as a child process, on loopback, with this package in it. */
export class NodeRedProcess {
    readonly feed = new EditorFeed();
    readonly #options: NodeRedOptions;
    readonly #log: string[] = [];
    #userDir: string | undefined;
    #child: ChildProcess | undefined;
    #ended: Promise<number | null> = Promise.resolve(null);
    #baseUrl = '';

    constructor(options: NodeRedOptions = {}) {
        this.#options = options;
        this.#userDir = options.userDir;
    }

    /** The editor's address, ending in a slash. */
    get baseUrl(): string {
        return this.#baseUrl;
    }

    /** Every line that Node-RED has printed, over all starts. */
    get log(): readonly string[] {
        return this.#log;
    }

    get userDir(): string {
        if (!this.#userDir) throw new Error('Node-RED has no user directory before its first start');
        return this.#userDir;
    }

    get running(): boolean {
        return this.#child !== undefined;
    }

    /** The process as it is now, for signals and messages; another one after each start. */
    get child(): ChildProcess | undefined {
        return this.#child;
    }

    /** Resolves with the exit code as soon as the process has ended, for whatever reason. */
    get ended(): Promise<number | null> {
        return this.#ended;
    }

    /** Starts Node-RED and resolves when the admin server answers and the flows of the user directory have started. */
    async start(): Promise<void> {
        if (this.#child) throw new Error('Node-RED is already running');
        const { packageDir, settings } = this.#options;
        this.#userDir ??= await temporaryUserDirectory();
        await writeSettings(this.userDir, settings);
        if (packageDir !== false) await linkPackage(this.userDir, packageDir);
        try {
            this.#baseUrl = await this.#spawn();
            this.feed.forget();
            await this.feed.connect(this.#baseUrl);
            await this.#flowsStarted();
        } catch (error) {
            await this.kill();
            throw error;
        }
    }

    /** Ends Node-RED as a service manager does, and waits until its nodes have closed. Resolves with the exit code. */
    async stop(): Promise<number | null> {
        const child = this.#child;
        if (!child) return null;
        const overdue = setTimeout(() => child.kill('SIGKILL'), stopLimit);
        // Windows has no signals that a process can catch; Node-RED takes this message instead.
        if (process.platform === 'win32') child.send('shutdown');
        else child.kill('SIGTERM');
        const code = await this.#ended;
        clearTimeout(overdue);
        return code;
    }

    /** Ends Node-RED at once, as a power cut does: no node can close. */
    async kill(): Promise<void> {
        this.#child?.kill('SIGKILL');
        await this.#ended;
    }

    /** Stops Node-RED and removes its user directory, if that was a temporary one. */
    async dispose(): Promise<void> {
        await this.stop();
        if (this.#options.userDir || !this.#userDir) return;
        await rm(this.#userDir, { recursive: true, force: true });
        this.#userDir = undefined;
    }

    /**
     * One request to the admin API. A `body` is sent as JSON.
     * @param path relative to the editor's address, such as `flows`
     * @returns the parsed answer, or its text where it is no JSON
     * @throws Error with status and text when the answer is no success
     */
    async adminRequest<T = unknown>(method: string, path: string, body?: unknown, headers = {}): Promise<T> {
        const response = await fetch(new URL(path.replace(/^\//, ''), this.#baseUrl), {
            method,
            headers: {
                accept: 'application/json',
                ...(body ? { 'content-type': 'application/json' } : {}),
                ...headers,
            },
            body: body === undefined ? undefined : JSON.stringify(body),
        });
        const text = await response.text();
        if (!response.ok) throw new Error(`${method} ${path} was answered ${response.status}: ${text}`);
        const isJson = response.headers.get('content-type')?.includes('json');
        return (isJson ? JSON.parse(text) : text) as T;
    }

    /** Deploys flows (a node's `credentials` property goes to the credentials) and waits until they have started. */
    async deploy(flows: FlowNode[], type: DeployType = 'full'): Promise<void> {
        if (type === 'full') this.feed.forget();
        const { rev } = await this.adminRequest<{ rev: string }>(
            'POST',
            'flows',
            { flows },
            {
                'node-red-api-version': 'v2',
                'node-red-deployment-type': type,
            },
        );
        await this.feed.until('the end of the deploy', startLimit, () => {
            const state = this.feed.event('runtime-state');
            if (state?.error) throw new Error(`The flows do not start: ${JSON.stringify(state)}`);
            return this.feed.event('runtime-deploy')?.revision === rev || undefined;
        });
    }

    getFlows(): Promise<FlowNode[]> {
        return this.adminRequest('GET', 'flows');
    }

    /** The newest status of a node; undefined when it never set one. */
    status(nodeId: string): NodeStatus | undefined {
        return this.feed.status(nodeId);
    }

    /** Resolves with the node's status as soon as it satisfies `predicate`. */
    waitForStatus(nodeId: string, predicate: (status: NodeStatus) => boolean, timeoutMs = 10_000): Promise<NodeStatus> {
        const describe = () => `a status of node ${nodeId}; it is ${JSON.stringify(this.status(nodeId))}`;
        return this.feed.until(describe, timeoutMs, () => {
            const status = this.status(nodeId);
            return status && predicate(status) ? status : undefined;
        });
    }

    /** Resolves when each of these nodes shows a green status. */
    async waitForGreen(nodes: FlowNode[], timeoutMs = 30_000): Promise<void> {
        const waiting = () => nodes.filter(node => this.status(node.id)?.fill !== 'green');
        const describe = () =>
            `green nodes: ${waiting()
                .map(node => this.#describe(node))
                .join('; ')}`;
        await this.feed.until(describe, timeoutMs, () => waiting().length === 0 || undefined);
    }

    /** The last lines of the log, for an error text. */
    logTail(lines = 20): string {
        return this.#log.slice(-lines).join('\n');
    }

    #describe(node: FlowNode): string {
        return `${node.type} ${node.name || node.id} is ${JSON.stringify(this.status(node.id) ?? {})}`;
    }

    /** Resolves with the address once Node-RED listens. */
    #spawn(): Promise<string> {
        const { installation, port = 0, language = 'en-US', preload = [], environment } = this.#options;
        const red = installation?.red ?? join(checkout, 'node_modules', 'node-red', 'red.js');
        // A user directory may bring its own settings.js: these hold all the same.
        const overrides = ['uiHost=127.0.0.1', 'telemetry.enabled=false', 'telemetry.updateNotification=false'];
        if (language !== 'system') overrides.push(`lang=${language}`);
        const child = fork(red, ['-u', this.userDir, '-p', `${port}`, ...overrides.flatMap(one => ['-D', one])], {
            cwd: this.userDir,
            execPath: installation?.node ?? process.execPath,
            env: { ...process.env, ...environment?.() },
            execArgv: [join(__dirname, 'end-with-parent.js'), ...preload].flatMap(one => ['--require', one]),
            stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
        });
        this.#child = child;
        this.#ended = new Promise(resolve => {
            const end = (code: number | null) => {
                this.feed.close();
                this.#child = undefined;
                resolve(code);
            };
            child.once('close', end);
            child.once('error', () => child.pid === undefined && end(null));
        });
        return this.#listening(child);
    }

    #listening(child: ChildProcess): Promise<string> {
        return new Promise((resolve, reject) => {
            const fail = (why: string) => reject(new Error(`Node-RED ${why}:\n${this.logTail()}`));
            const timer = setTimeout(() => fail('did not start in time'), startLimit);
            for (const stream of [child.stdout, child.stderr]) {
                createInterface({ input: stream! }).on('line', line => {
                    this.#log.push(line);
                    this.#options.onLog?.(line);
                    const url = /https?:\/\/127\.0\.0\.1:[1-9]\d*\/\S*/.exec(line)?.[0];
                    if (!url) return;
                    clearTimeout(timer);
                    resolve(url);
                });
            }
            child.once('error', reject);
            child.once('close', code => {
                clearTimeout(timer);
                fail(`ended with code ${code}`);
            });
        });
    }

    async #flowsStarted(): Promise<void> {
        const ended = this.#ended.then(code => {
            throw new Error(`Node-RED ended with code ${code}:\n${this.logTail()}`);
        });
        const started = this.feed.until('the start of the flows', startLimit, () => {
            const state = this.feed.event('runtime-state');
            if (state?.error) throw new Error(`The flows do not start: ${JSON.stringify(state)}`);
            return state?.state === 'start' || undefined;
        });
        await Promise.race([started, ended]);
    }
}
