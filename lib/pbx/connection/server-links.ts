import { SyncError } from '../../errors/errors';
import type { Timer } from '../../time/clock';
import { isSamePbx } from './frame';
import { Link, type LinksOptions, PbxLinks } from './pbx-links';
import { PbxServer } from './pbx-server';
import type { PbxSession } from './pbx-session';

/** Milliseconds after the start until it is said that no PBX has called. */
const callLimit = 60_000;
/** Milliseconds that the master has to call once another PBX has. */
const masterLimit = 10_000;

/** The latest session of a link, and when its use is over. */
interface Use {
    session: PbxSession;
    over: Promise<void>;
}

/**
 * The PBXs that call us, told apart by the PBX name that each says of itself. The master is the one with the configured
 * name.
 */
export class ServerLinks extends PbxLinks {
    override readonly server: PbxServer;
    readonly #options: LinksOptions;
    readonly #master: Link;
    readonly #slaves: Link[] = [];
    /** The next use of a link waits for the end of this. */
    readonly #uses = new Map<Link, Use>();
    #isWanted = false;
    /** Since the start. */
    #hasMasterCalled = false;
    #timer?: Timer;

    constructor(options: LinksOptions) {
        super();
        this.#options = options;
        this.#master = this.#linkOf('master', options.settings.pbxName ?? '');
        this.server = new PbxServer({
            ...options,
            identified: session => this.#identified(session),
            refused: error => this.#refused(error),
        });
    }

    override start(): void {
        if (this.#isWanted) return;
        this.#isWanted = true;
        this.#hasMasterCalled = false;
        this.server.open();
        for (const link of this.links) link.enter({ phase: 'connecting' });
        this.#timer = this.#options.clock.after(callLimit, () => this.#notCalled());
    }

    override async stop(): Promise<void> {
        this.#isWanted = false;
        this.#options.clock.cancel(this.#timer);
        await this.server.close();
        await Promise.all(Array.from(this.#uses.values(), ({ over }) => over));
        if (this.#isWanted) return;
        for (const link of this.links) link.enter({ phase: 'stopped' });
    }

    protected override get links(): readonly Link[] {
        return [this.#master, ...this.#slaves];
    }

    #linkOf(role: 'master' | 'slave', pbx: string): Link {
        return new Link({ ...this.#options, role, host: pbx, pbx, events: this });
    }

    #identified(session: PbxSession): void {
        const link = this.#linkFor(session.info.pbx ?? session.host);
        const former = this.#uses.get(link);
        if (former && !former.session.end) {
            const { appName } = this.#options.settings;
            const isUsedRight = former.session.app === appName || session.app !== appName;
            if (former.session.app !== session.app && isUsedRight)
                return this.#refuseSecond(link, former.session, session);
            // A PBX that calls again has lost the connection that we may still believe in.
            former.session.fail(new SyncError('PBX_CONNECTION_LOST', { host: session.host }));
        }
        const over = Promise.resolve(former?.over).then(() => this.#use(link, session));
        this.#uses.set(link, { session, over });
        if (link.role === 'slave' && !this.#hasMasterCalled) this.#expectMaster(session);
    }

    /** Two App objects of one PBX that both call would take turns for ever. */
    #refuseSecond(link: Link, { app: used }: PbxSession, second: PbxSession): void {
        const error = new SyncError('PBX_APP_TWICE', { pbx: link.pbx, used, other: second.app });
        link.refused(error, false);
        second.fail(error);
    }

    #linkFor(pbx: string): Link {
        const known = this.links.find(link => link.pbx !== undefined && isSamePbx(link.pbx, pbx));
        if (known) return known;
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

    /**
     * It may be the master that was refused, or a stranger: while the master is there it is no news, and while an outage
     * is told that is left to stand.
     */
    #refused(error: SyncError): void {
        const { session, state } = this.#master;
        if (!this.#isWanted || session) return this.#options.log('debug', error.message);
        const isMisnamed = 'error' in state && state.error.code === 'PBX_NAME_MISMATCH';
        this.#master.refused(error, !this.#hasMasterCalled && !isMisnamed);
    }

    #notCalled(): void {
        if (this.#master.state.phase !== 'connecting' || this.#master.session) return;
        this.#master.failed(new SyncError('PBX_NOT_CALLED', { app: this.#options.settings.appName }));
    }

    /** A master that never calls while others do is probably one of these, under a name that was entered wrongly. */
    #expectMaster({ host, info }: PbxSession): void {
        this.#options.clock.cancel(this.#timer);
        this.#timer = this.#options.clock.after(masterLimit, () => {
            if (this.#hasMasterCalled) return;
            const names = { host, found: info.pbx ?? host, expected: this.#master.pbx };
            this.#master.failed(new SyncError('PBX_NAME_MISMATCH', names));
        });
    }
}
