import { SyncError } from '../../errors/errors';
import type { Timer } from '../../time/clock';
import { isSameName } from './frame';
import { Link, type LinksOptions, PbxLinks } from './pbx-links';
import { PbxServer } from './pbx-server';
import type { PbxSession } from './pbx-session';

/** Milliseconds after the start until it is said that no PBX has called. */
const callLimit = 60_000;
/** Milliseconds that the master has to call once another PBX has. */
const masterLimit = 10_000;

/** The link with a PBX that calls us. */
class CalledLink extends Link {
    /** It is used once the use of those before it is over. */
    latest?: PbxSession;
    /** The use of all that have been there so far. */
    over: Promise<void> = Promise.resolve();
}

/**
 * The PBXs that call us, told apart by the PBX name that each says of itself. The master is the one with the configured
 * name.
 */
export class ServerLinks extends PbxLinks {
    override readonly server: PbxServer;
    readonly #options: LinksOptions;
    readonly #master: CalledLink;
    readonly #slaves: CalledLink[] = [];
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
        await Promise.all(this.links.map(({ over }) => over));
        if (this.#isWanted) return;
        for (const link of this.links) link.enter({ phase: 'stopped' });
    }

    protected override get links(): readonly CalledLink[] {
        return [this.#master, ...this.#slaves];
    }

    #linkOf(role: 'master' | 'slave', pbx: string): CalledLink {
        return new CalledLink({ ...this.#options, role, host: pbx, pbx, events: this });
    }

    #identified(session: PbxSession): void {
        const link = this.#linkFor(session.info.pbx ?? session.host);
        const { latest: former } = link;
        if (former && !former.end) {
            const { appName } = this.#options.settings;
            const isUsedRight = former.app === appName || session.app !== appName;
            if (former.app !== session.app && isUsedRight) return this.#refuseSecond(link, former, session);
            // A PBX that calls again has lost the connection that we may still believe in.
            former.fail(new SyncError('PBX_CONNECTION_LOST', { host: session.host }));
        }
        link.latest = session;
        link.over = link.over.then(() => this.#use(link, session));
        if (link.role === 'slave' && !this.#hasMasterCalled) this.#expectMaster(session);
    }

    /** Two App objects of one PBX that both call would take turns for ever. */
    #refuseSecond(link: Link, { app: used }: PbxSession, second: PbxSession): void {
        const error = new SyncError('PBX_APP_TWICE', { pbx: link.pbx, used, other: second.app });
        link.refused(error, false);
        second.fail(error);
    }

    #linkFor(pbx: string): CalledLink {
        const known = this.links.find(link => link.pbx !== undefined && isSameName(link.pbx, pbx));
        if (known) return known;
        const slave = this.#linkOf('slave', pbx);
        this.#slaves.push(slave);
        slave.enter({ phase: 'connecting' });
        return slave;
    }

    async #use(link: Link, session: PbxSession): Promise<void> {
        if (link === this.#master) this.#hasMasterCalled = true;
        const reason = await link.use(session);
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
