import type { PresenceUser } from '../../presence/message';
import type { UserMatches } from '../../presence/user-matches';
import { introduce } from './introduction';
import { Scope, type ScopeOptions } from './scope';

/** The users of a PBX, as this side sees them. */
export interface PbxUsers {
    /** Which of them is which Teams user; it is told the users of the tenant. */
    matches: UserMatches;
    /** True once the PBX has told its users. */
    loaded(): boolean;
    /** The person for a Teams user whom the PBX knows. */
    select(user: PresenceUser): PresenceUser | undefined;
    /** Calls back when the PBX has told its users, or other users; returns the function that ends it. */
    onChange(changed: () => void): () => void;
}

/** The users whom a PBX knows. */
export class PbxScope extends Scope {
    readonly #pbx: PbxUsers;
    readonly #onMatches = (): void => this.#changed();
    #ends: (() => void)[] = [];

    constructor(options: ScopeOptions & { pbx: PbxUsers }) {
        super(options);
        this.#pbx = options.pbx;
    }

    protected override begin(): void {
        this.setState({ phase: 'connecting' });
        const { matches } = this.#pbx;
        this.#ends = [introduce(this.directory, matches), this.#pbx.onChange(() => this.#changed())];
        matches.on('change', this.#onMatches);
        this.#changed();
    }

    protected override end(): void {
        this.#pbx.matches.off('change', this.#onMatches);
        for (const end of this.#ends.splice(0)) end();
    }

    protected override choose(user: PresenceUser): PresenceUser | undefined {
        return this.#pbx.select(user);
    }

    #changed(): void {
        if (!this.#pbx.loaded()) return;
        this.setState({ phase: 'online' });
        this.emit('change', undefined);
    }
}
