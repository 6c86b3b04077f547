import type { PresenceUser } from '../../presence/message';
import { Scope, type ScopeOptions } from './scope';

/** The users of a PBX, as this side sees them. */
export interface PbxUsers {
    /** True once the PBX has told its users. */
    loaded(): boolean;
    /** The person for a Teams user whom the PBX knows. */
    select(user: PresenceUser): PresenceUser | undefined;
    /**
     * Calls back when the PBX has told its users, or other users, or when anybody may be somebody else in Teams than
     * before; returns the function that ends it.
     */
    onChange(changed: () => void): () => void;
}

/** Those users whom a PBX knows. */
export class PbxScope extends Scope {
    readonly #pbx: PbxUsers;
    #off: (() => void) | undefined;

    constructor(options: ScopeOptions & { pbx: PbxUsers }) {
        super(options);
        this.#pbx = options.pbx;
    }

    protected override begin(): void {
        this.setState({ phase: 'connecting' });
        this.#off = this.#pbx.onChange(() => this.#changed());
        this.#changed();
    }

    protected override end(): void {
        this.#off?.();
        this.#off = undefined;
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
