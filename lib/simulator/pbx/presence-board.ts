import type { Behaviour } from './behaviour';
import { PresenceList } from './presence-list';

/** Somebody who watches one user's presence. */
export interface PresenceWatcher {
    /** The user's presence may be another one, or the watcher may see more or less of it. */
    changed(): void;
    /** The watched user is gone; nothing more will follow. */
    ended(): void;
}

/** The presence of all users and who watches whom. The work per change grows with the user's watchers only. */
export class PresenceBoard {
    readonly #behaviour: Readonly<Behaviour>;
    readonly #changed: (guid: string) => void;
    readonly #lists = new Map<string, PresenceList>();
    readonly #watchers = new Map<string, Set<PresenceWatcher>>();

    /** @param changed told of every change, whether or not somebody watches */
    constructor(behaviour: Readonly<Behaviour>, changed: (guid: string) => void) {
        this.#behaviour = behaviour;
        this.#changed = changed;
    }

    /** The user's list to read; to change it use {@link change}. */
    of(guid: string): PresenceList {
        return this.#lists.get(guid) ?? new PresenceList(this.#behaviour);
    }

    /** Runs `edit` on the user's list and tells the watchers. */
    change(guid: string, edit: (list: PresenceList) => void): void {
        const list = this.of(guid);
        const state = stateOf(list);
        edit(list);
        this.#lists.set(guid, list);
        this.refresh(guid);
        if (stateOf(list) !== state) this.#changed(guid);
    }

    /** Lets the user's watchers look again. */
    refresh(guid: string): void {
        for (const watcher of [...(this.#watchers.get(guid) ?? [])]) watcher.changed();
    }

    watch(guid: string, watcher: PresenceWatcher): void {
        const watchers = this.#watchers.get(guid);
        if (watchers) watchers.add(watcher);
        else this.#watchers.set(guid, new Set([watcher]));
    }

    unwatch(guid: string, watcher: PresenceWatcher): void {
        const watchers = this.#watchers.get(guid);
        watchers?.delete(watcher);
        if (watchers?.size === 0) this.#watchers.delete(guid);
    }

    /** Forgets the user and tells the watchers. */
    remove(guid: string): void {
        const watchers = this.#watchers.get(guid);
        this.#watchers.delete(guid);
        this.#lists.delete(guid);
        for (const watcher of watchers ?? []) watcher.ended();
    }
}

function stateOf(list: PresenceList): string {
    return JSON.stringify([list.shown(true), list.setting, list.inCall]);
}
