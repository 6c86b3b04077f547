import { SyncError, toSyncError } from '../../errors/errors';
import { pause } from '../../time/clock';
import { RetrySchedule } from '../../time/retry-schedule';
import { dial } from './dial';
import { isSameName } from './frame';
import { hostOf } from './pbx-address';
import { Link, type LinksOptions, PbxLinks } from './pbx-links';
import { PbxSession } from './pbx-session';
import { PbxSocket } from './pbx-socket';

/** Waits between two attempts in milliseconds; the ceiling keeps a restarted PBX from waiting long for us. */
const retryPolicy = { first: 500, factor: 2, longest: 5_000, jitter: 0.2 };
/** Milliseconds until another attempt where an administrator must change something, perhaps on the PBX. */
const slowRetry = 60_000;
/** Milliseconds that an attempt has lasted after which a new outage starts with the first wait again. */
const stableAfter = 60_000;

/** The connections that we make: one per address, the master's first. */
export class ClientLinks extends PbxLinks {
    protected override readonly links: readonly ClientLink[];

    constructor(options: LinksOptions) {
        super();
        this.links = options.settings.addresses.map(
            (address, index) => new ClientLink(options, index === 0 ? 'master' : 'slave', address, this),
        );
    }

    override start(): void {
        for (const link of this.links) link.start();
    }

    override async stop(): Promise<void> {
        await Promise.all(this.links.map(link => link.stop()));
    }
}

/** Keeps one connection that we make to a PBX for as long as it is wanted. */
class ClientLink extends Link {
    readonly #options: LinksOptions;
    readonly #address: string;
    readonly #retries: RetrySchedule;
    #wanted?: AbortController;
    #running: Promise<void> = Promise.resolve();

    constructor(options: LinksOptions, role: Link['role'], address: string, events: PbxLinks) {
        const pbx = role === 'master' ? options.settings.pbxName : undefined;
        super({ ...options, role, host: hostOf(address), pbx, events });
        this.#options = options;
        this.#address = address;
        this.#retries = new RetrySchedule(retryPolicy, options.random);
    }

    start(): void {
        if (this.#wanted) return;
        this.#wanted = new AbortController();
        const { signal } = this.#wanted;
        this.enter({ phase: 'connecting' });
        this.#running = this.#running.then(() => this.#run(signal));
    }

    /** Resolves when the socket is closed. */
    async stop(): Promise<void> {
        this.#wanted?.abort();
        this.#wanted = undefined;
        await this.#running;
        if (!this.#wanted) this.enter({ phase: 'stopped' });
    }

    async #run(wanted: AbortSignal): Promise<void> {
        const { clock } = this.#options;
        while (!wanted.aborted) {
            const begun = clock.monotonic();
            const error = await this.#connectOnce(wanted);
            if (wanted.aborted) return;
            if (clock.monotonic() - begun >= stableAfter) this.#retries.reset();
            this.failed(error);
            const wait = error.retryable ? this.#retries.next() : slowRetry;
            await pause(clock, wait, wanted).catch(() => undefined);
        }
    }

    /** One connection from its first byte to its end, and why it ended. */
    async #connectOnce(wanted: AbortSignal): Promise<SyncError> {
        const { settings, clock, log } = this.#options;
        const socket = new PbxSocket({ host: this.host, clock, log });
        const session = new PbxSession({ socket, app: settings.appName, clock });
        const hangUp = () => void socket.close();
        wanted.addEventListener('abort', hangUp, { once: true });
        try {
            if (wanted.aborted) hangUp();
            await socket.open(() => dial(this.#address, settings));
            await session.login(settings.password);
            session.on('info', () => this.#checkName(session));
            session.identify();
            return await this.use(session);
        } catch (thrown) {
            return toSyncError(thrown);
        } finally {
            wanted.removeEventListener('abort', hangUp);
            await socket.close();
        }
    }

    #checkName(session: PbxSession): void {
        const { pbxName: expected } = this.#options.settings;
        const { pbx: found } = session.info;
        if (this.role === 'slave' || !expected || !found || isSameName(found, expected)) return;
        session.fail(new SyncError('PBX_NAME_MISMATCH', { host: session.host, found, expected }));
    }
}
