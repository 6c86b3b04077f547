import type { PresenceUser } from '../../presence/message';
import { Scope } from './scope';

/** What a new list does to the one there is. */
export const listActions = ['replace', 'add', 'remove'] as const;
export type ListAction = (typeof listActions)[number];

/**
 * The users whose address or id is in a list that comes from outside. A user whom the directory does not know is told
 * by name, and followed as soon as it does.
 */
export class ListScope extends Scope {
    readonly #entries = new Set<string>();
    readonly #onLoaded = (): void => this.#tellUnknown(this.#entries);

    /** The list as it is, lower case: it can be kept and given again. */
    get entries(): string[] {
        return [...this.#entries];
    }

    /** @param list addresses (mail, principal name, alias) or Entra object ids, in any case */
    change(action: ListAction, list: readonly string[]): void {
        const named = new Set(list.map(text => text.trim().toLowerCase()).filter(Boolean));
        const affected: string[] = [];
        const put = (entry: string, isWanted: boolean): void => {
            if (this.#entries.has(entry) === isWanted) return;
            if (isWanted) this.#entries.add(entry);
            else this.#entries.delete(entry);
            const id = this.directory.find(entry)?.teams?.id;
            if (id) affected.push(id);
        };
        if (action === 'replace') for (const entry of this.entries) if (!named.has(entry)) put(entry, false);
        for (const entry of named) put(entry, action !== 'remove');
        if (action !== 'remove') this.#tellUnknown(named);
        if (affected.length > 0) this.emit('change', affected);
    }

    protected override begin(): void {
        this.directory.on('loaded', this.#onLoaded);
        this.#tellUnknown(this.#entries);
        this.setState({ phase: 'online' });
    }

    protected override end(): void {
        this.directory.off('loaded', this.#onLoaded);
    }

    protected override choose(user: PresenceUser): PresenceUser | undefined {
        const isListed = this.#entries.has(user.teams!.id) || user.addresses.some(one => this.#entries.has(one));
        return isListed ? user : undefined;
    }

    #tellUnknown(entries: Iterable<string>): void {
        if (!this.directory.loaded) return;
        for (const entry of entries) if (!this.directory.find(entry)) this.tell(entry, 'unknown');
    }
}
