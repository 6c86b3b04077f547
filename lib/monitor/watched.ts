import type { SyncError } from '../errors/errors';
import type { Language } from '../errors/sentence';
import type { ExplainedPerson } from '../presence/explain';
import type { Glance } from '../presence/glance';
import type { PresenceUser } from '../presence/message';

/** Tells when something has changed. */
export interface Emitter {
    on(event: string, listener: () => void): unknown;
}

/** The people of a system, alike on both sides. */
export interface WatchedPeople {
    glances(): (key: string) => Glance | undefined;
    explain(user: PresenceUser, language?: Language): ExplainedPerson | undefined;
    /** @param until date, ms since the epoch; absent: without an end */
    pause(user: PresenceUser, until?: number): void;
    resume(user: PresenceUser): void;
    resync(user: PresenceUser): void;
}

/** A PBX, as the monitor sees it. */
export interface WatchedPbx extends Emitter {
    readonly people: WatchedPeople;
    readonly directory: {
        /** Those who take part. */
        all(): Iterable<PresenceUser>;
        readonly matches: Emitter & {
            /** Users of Teams are known, so whoever fits none of them fits nobody. */
            readonly knowsTeams: boolean;
            teamsOf(user: PresenceUser): PresenceUser | undefined;
        };
    };
    /** Who takes no part or cannot be matched, and whose presence the PBX does not tell. */
    readonly leftOut: Iterable<{ user: PresenceUser; reason: SyncError }>;
    readonly unfollowed: Iterable<{ user: PresenceUser; reason: SyncError }>;
}

/** A tenant of Microsoft 365, as the monitor sees it. */
export interface WatchedTenant {
    readonly directory: Emitter & { readonly users: { all(): Iterable<PresenceUser> } };
    readonly people: WatchedPeople & {
        /** How many people something is known or wanted of, and who they are. */
        readonly size: number;
        known(): Iterable<PresenceUser>;
    };
}

/** A system with its names. */
export interface Watched<System> {
    /** As the journal names it. */
    id: string;
    /** As administrators call it. */
    name: string;
    system: System;
}

/** The systems of this process, as they are now. */
export interface WatchedSystems {
    pbxs(): Iterable<Watched<WatchedPbx>>;
    tenants(): Iterable<Watched<WatchedTenant>>;
}
