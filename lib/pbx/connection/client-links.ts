import { SyncError, toSyncError } from '../../errors/errors';
import { type Clock, pause } from '../../time/clock';
import { RetrySchedule } from '../../time/retry-schedule';
import { dial } from './dial';
import { isSamePbx } from './frame';
import { hostOf } from './pbx-address';
import { Link, PbxLinks } from './pbx-links';
import { PbxSession } from './pbx-session';
import type { Log, PbxSettings } from './pbx-settings';
import { PbxSocket } from './pbx-socket';

/** Waits between two attempts in milliseconds; the ceiling keeps a restarted PBX from waiting long for us. */
const retryPolicy = { first: 500, factor: 2, longest: 5_000, jitter: 0.2 };
/** Milliseconds until another attempt where an administrator must change something, perhaps on the PBX. */
const slowRetry = 60_000;
/** Milliseconds online after which a new outage starts with the first wait again. */
const stableAfter = 60_000;

/** Settings, and what a connection that we make needs beside them. */
interface ClientOptions {
    settings: PbxSettings;
    clock: Clock;
    random: () => number;
    log: Log;
}

/** The connections that we make: one per address, the master's first. */
export class ClientLinks extends PbxLinks {
    readonly #links: ClientLink[];

    constructor(options: ClientOptions) {
        super();
        const [master = '', ...slaves] = options.settings.addresses;
        this.#links = [
            new ClientLink(options, 'master', master, this),
            ...slaves.map(address => new ClientLink(options, 'slave', address, this)),
        ];
    }

    override start(): void {
        for (const link of this.#links) link.start();
    }

    override async stop(): Promise<void> {
        await Promise.all(this.#links.map(link => link.stop()));
    }

    protected override get links(): readonly Link[] {
        return this.#links.map(({ link }) => link);
    }
}

/** Keeps one connection that we make to a PBX for as long as it is wanted. */
class ClientLink {
    readonly link: Link;
    readonly #options: ClientOptions;
    readonly #address: string;
    readonly #retries: RetrySchedule;
    #wanted?: AbortController;
    #running: Promise<void> = Promise.resolve();

    constructor(options: ClientOptions, role: Link['role'], address: string, events: PbxLinks) {
        this.#options = options;
        this.#address = address;
        const pbx = role === 'master' ? options.settings.pbxName : undefined;
        this.link = new Link({ ...options, role, host: hostOf(address), pbx, events });
        this.#retries = new RetrySchedule(retryPolicy, options.random);
    }

    start(): void {
        if (this.#wanted) return;
        this.#wanted = new AbortController();
        const { signal } = this.#wanted;
        this.link.enter({ phase: 'connecting' });
        this.#running = this.#running.then(() => this.#run(signal));
    }

    /** Resolves when the socket is closed. */
    async stop(): Promise<void> {
        this.#wanted?.abort();
        this.#wanted = undefined;
        await this.#running;
        if (!this.#wanted) this.link.enter({ phase: 'stopped' });
    }

    async #run(wanted: AbortSignal): Promise<void> {
        while (!wanted.aborted) {
            const error = await this.#connectOnce(wanted);
            if (wanted.aborted) return;
            this.link.failed(error);
            const wait = error.retryable ? this.#retries.next() : slowRetry;
            await pause(this.#options.clock, wait, wanted).catch(() => undefined);
        }
    }

    /** One connection from its first byte to its end, and why it ended. */
    async #connectOnce(wanted: AbortSignal): Promise<SyncError> {
        const { settings, clock, log } = this.#options;
        const socket = new PbxSocket({ host: this.link.host, clock, log });
        const session = new PbxSession({ socket, app: settings.appName, clock });
        const hangUp = () => void socket.close();
        wanted.addEventListener('abort', hangUp, { once: true });
        try {
            if (wanted.aborted) hangUp();
            await socket.open(() => dial(this.#address, settings));
            await session.login(settings.password);
            return await this.#use(session);
        } catch (thrown) {
            return toSyncError(thrown);
        } finally {
            wanted.removeEventListener('abort', hangUp);
            await socket.close();
        }
    }

    async #use(session: PbxSession): Promise<SyncError> {
        session.on('info', () => this.#checkName(session));
        session.watch();
        session.identify();
        const { reason, online } = await this.link.use(session);
        if (online >= stableAfter) this.#retries.reset();
        return reason;
    }

    #checkName(session: PbxSession): void {
        const { pbxName: expected } = this.#options.settings;
        const { pbx: found } = session.info;
        if (this.link.role === 'slave' || !expected || !found || isSamePbx(found, expected)) return;
        session.fail(new SyncError('PBX_NAME_MISMATCH', { host: session.host, found, expected }));
    }
}
