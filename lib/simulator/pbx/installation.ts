import { EventEmitter } from 'node:events';
import type { Clock } from '../../time/clock';
import type { Person } from '../person';
import type { Behaviour } from './behaviour';
import { Calls } from './calls';
import { groupsOf, type PbxUser, pbxUser, type Template, type UserOptions } from './pbx-user';
import { PresenceBoard } from './presence-board';
import { type TableChange, UserTable } from './user-table';
import { noRights, type Rights, rightsOf, type Viewer } from './visibility';

/**
 * What the PBXs of one system, master and slaves, have in common: users, templates, presence, calls and rights.
 * Emits `change` with the GUID whenever a user's entries or call state are others.
 */
export class Installation extends EventEmitter<{ change: [guid: string] }> {
    readonly systemName: string;
    /** May be changed at any time. */
    readonly behaviour: Behaviour;
    readonly clock: Clock;
    readonly users = new UserTable();
    readonly board: PresenceBoard;
    readonly calls: Calls;
    /** What a viewer may see of users whose visibility says nothing about them. */
    #otherwise: Readonly<Rights> = noRights;
    readonly #people = new Map<string, { person: Person; pbxName: string; options: UserOptions }>();
    readonly #templates = new Map<string, Template>();

    constructor({ systemName, behaviour, clock }: { systemName: string; behaviour: Behaviour; clock: Clock }) {
        super();
        this.setMaxListeners(0);
        this.systemName = systemName;
        this.behaviour = behaviour;
        this.clock = clock;
        this.board = new PresenceBoard(behaviour, guid => this.emit('change', guid));
        this.calls = new Calls(guid => this.#callsChanged(guid));
    }

    /** @param pbxName home of the user where the options name none */
    addPerson(person: Person, pbxName: string, options: UserOptions = {}): void {
        this.users.add(this.#user(person, pbxName, options));
        this.#people.set(person.guid, { person, pbxName, options });
    }

    /** Changes what is given and leaves the rest as it is. */
    updatePerson(guid: string, change: Partial<Omit<Person, 'guid'>> & UserOptions): void {
        this.users.get(guid);
        const { pbxName, ...before } = this.#people.get(guid)!;
        const person = { ...before.person, ...change, guid };
        const options = { ...before.options, ...change };
        this.users.update(this.#user(person, pbxName, options));
        this.#people.set(guid, { person, pbxName, options });
        this.board.refresh(guid);
    }

    removePerson(guid: string): void {
        this.users.get(guid);
        for (const { handle } of this.calls.of(guid)) this.calls.remove(handle);
        this.users.remove(guid);
        this.#people.delete(guid);
        this.board.remove(guid);
    }

    /** Makes or changes a config template; who has it gets what it gives. */
    setTemplate(name: string, template: Template): void {
        this.#templates.set(name, template);
        for (const { guid, config } of this.users.all()) if (config === name) this.updatePerson(guid, {});
    }

    /** Sends a change of the user table that has not happened. @param pbxName home of a user who is not there */
    announce(change: TableChange, person: Person, pbxName: string): void {
        this.users.announce(change, this.users.byGuid(person.guid) ?? this.#user(person, pbxName, {}));
    }

    setOtherwise(rights: Readonly<Partial<Rights>>): void {
        this.#otherwise = { ...noRights, ...rights };
        for (const { guid } of this.users.all()) this.board.refresh(guid);
    }

    rightsOf(viewer: Viewer, user: PbxUser): Rights {
        return rightsOf(viewer, user, this.systemName, this.#otherwise);
    }

    /** A user as a viewer. */
    viewerOf(user: PbxUser): Viewer {
        return { name: user.h323, groups: groupsOf(user) };
    }

    #user(person: Person, pbxName: string, options: UserOptions): PbxUser {
        return pbxUser(person, pbxName, options, this.#templates.get(options.config ?? ''));
    }

    #callsChanged(guid: string): void {
        const isLineState = this.behaviour.lineStateFrom === 'every-call' ? () => true : isAnswered;
        const inCall = this.calls.of(guid).some(isLineState);
        if (this.board.of(guid).inCall === inCall) return;
        this.board.change(guid, list => {
            list.inCall = inCall;
        });
    }
}

function isAnswered({ state }: { state: string }): boolean {
    return state !== 'setup' && state !== 'ringing';
}
