import { EventEmitter } from 'node:events';
import { SyncError } from '../../errors/errors';
import type { ConnectionState } from '../../support/connection-state';
import type { Link, LinkEvents } from './link';
import { isSamePbx } from './pbx-info';
import type { PbxServer } from './pbx-server';
import type { PbxSession } from './pbx-session';

/** A link as a status shows it. */
export interface PbxLinkState {
    /** The PBX name, or the host where it is not known. */
    name: string;
    role: 'master' | 'slave';
    state: ConnectionState;
}

/** The connections with the PBXs of one system. */
export abstract class PbxLinks extends EventEmitter<LinkEvents> {
    /** The endpoint that PBXs call; in the server role only. */
    readonly server?: PbxServer;

    abstract start(): void;

    /** Resolves when all sockets are closed; may be called twice. */
    abstract stop(): Promise<void>;

    /** Gives up every session, dead or not; the PBXs are connected anew. */
    drop(): void {
        for (const { session, host } of this.links) session?.fail(new SyncError('PBX_CONNECTION_LOST', { host }));
    }

    /** The master first. */
    protected abstract get links(): readonly Link[];

    /** The session of the master; `undefined` while there is none. */
    get master(): PbxSession | undefined {
        return this.links.find(({ role }) => role === 'master')?.session;
    }

    /**
     * The session of the PBX where a user is homed: the master's where `loc` is empty; `undefined` while that PBX is not
     * connected, or does not tell its name. As long as the master's name is not known, any user may be homed there.
     */
    home(loc: string | undefined): PbxSession | undefined {
        if (!loc) return this.master;
        const link = this.links.find(({ pbx }) => pbx !== undefined && isSamePbx(pbx, loc));
        if (link) return link.session;
        const isMasterNamed = this.links.some(({ role, pbx }) => role === 'master' && pbx !== undefined);
        return isMasterNamed ? undefined : this.master;
    }

    /** All links, the master first. */
    states(): PbxLinkState[] {
        return this.links.map(({ pbx, host, role, state }) => ({ name: pbx ?? host, role, state }));
    }
}
