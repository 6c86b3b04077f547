import type { Clock, Timer } from '../../support/clock';
import { SyncError } from '../../support/errors';
import { Link, type Tell } from './link';
import { isSamePbx } from './pbx-info';
import { type PbxLink, PbxLinks } from './pbx-links';
import { PbxServer } from './pbx-server';
import type { PbxSession } from './pbx-session';
import type { Log, PbxSettings } from './pbx-settings';

/** Milliseconds after the start until it is said that no PBX has called. */
const callLimit = 60_000;
/** Milliseconds that the master has to call once another PBX has. */
const masterLimit = 10_000;

/**
 * The PBXs that call us, told apart by the PBX name that each says of itself. The master is the one with the configured
 * name; where none is configured, the one that calls first.
 */
export class ServerLinks extends PbxLinks {
    override readonly server: PbxServer;
    readonly #settings: PbxSettings;
    readonly #clock: Clock;
    readonly #log: Log;
    readonly #master: Link;
    readonly #slaves: Link[] = [];
    /** For each link the use of its latest session; the next one waits for it. */
    readonly #uses = new Map<Link, Promise<void>>();
    #isWanted = false;
    #hasMasterCalled = false;
    #timer?: Timer;

    constructor(options: { settings: PbxSettings; clock: Clock; log: Log }) {
        super(options.log);
        this.#settings = options.settings;
        this.#clock = options.clock;
        this.#log = options.log;
        this.#master = this.#linkOf('master', options.settings.pbxName);
        this.server = new PbxServer({
            ...options,
            identified: session => this.#identified(session),
            refused: error => this.#refused(error),
        });
    }

    override start(): void {
        if (this.#isWanted) return;
        this.#isWanted = true;
        this.server.open();
        for (const link of this.#all) link.enter({ phase: 'connecting' });
        this.#timer = this.#clock.after(callLimit, () => this.#notCalled());
    }

    override async stop(): Promise<void> {
        this.#isWanted = false;
        this.#clock.cancel(this.#timer);
        await this.server.close();
        await Promise.all(this.#uses.values());
        if (this.#isWanted) return;
        for (const link of this.#all) link.enter({ phase: 'stopped' });
    }

    protected override get links(): readonly PbxLink[] {
        return this.#all;
    }

    get #all(): Link[] {
        return [this.#master, ...this.#slaves];
    }

    #linkOf(role: 'master' | 'slave', pbx: string | undefined): Link {
        const host = pbx || 'PBX';
        const tell: Tell = (name, ...values) => this.tell(name, ...values);
        return new Link({ role, host, pbx: pbx || undefined, tell, clock: this.#clock, log: this.#log });
    }

    #identified(session: PbxSession): void {
        const link = this.#linkFor(session.info.pbx ?? session.host);
        const again = new SyncError('PBX_CONNECTION_LOST', { host: session.host });
        // A PBX that calls again has lost the connection that we may still believe in.
        link.session?.fail(again);
        const use = (this.#uses.get(link) ?? Promise.resolve()).then(() => this.#use(link, session));
        this.#uses.set(link, use);
        if (link.role === 'slave' && !this.#hasMasterCalled) this.#expectMaster(session);
    }

    #linkFor(pbx: string): Link {
        const known = this.#all.find(link => link.pbx !== undefined && isSamePbx(link.pbx, pbx));
        if (known) return known;
        if (this.#master.pbx === undefined) return this.#master;
        const slave = this.#linkOf('slave', pbx);
        this.#slaves.push(slave);
        slave.enter({ phase: 'connecting' });
        return slave;
    }

    async #use(link: Link, session: PbxSession): Promise<void> {
        if (link === this.#master) this.#hasMasterCalled = true;
        const { reason } = await link.use(session);
        if (this.#isWanted) link.failed(reason);
    }

    /** While a master is there, a stranger at the door is no news. */
    #refused(error: SyncError): void {
        if (this.#isWanted && !this.#master.session) this.#master.failed(error);
        else this.#log('debug', error.message);
    }

    #notCalled(): void {
        if (this.#master.state.phase !== 'connecting' || this.#master.session) return;
        this.#master.failed(new SyncError('PBX_NOT_CALLED', { app: this.#settings.appName }));
    }

    /** A master that never calls while others do is probably one of these, under a name that was entered wrongly. */
    #expectMaster({ host, info }: PbxSession): void {
        this.#clock.cancel(this.#timer);
        this.#timer = this.#clock.after(masterLimit, () => {
            if (this.#hasMasterCalled) return;
            const names = { host, found: info.pbx ?? host, expected: this.#master.pbx };
            this.#master.failed(new SyncError('PBX_NAME_MISMATCH', names));
        });
    }
}
