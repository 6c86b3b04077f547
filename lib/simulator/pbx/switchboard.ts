import { EventEmitter } from 'node:events';
import type { Person } from '../person';
import { type CalendarNote, codedNote } from './calendar-note';
import type { Call, CallOptions } from './calls';
import type { Installation } from './installation';
import type { Template, UserOptions } from './pbx-user';
import type { Entry } from './presence-list';
import type { TableChange } from './user-table';
import type { Rights, Viewer } from './visibility';

/** A user as colleagues and phones show them. */
export interface SimulatedPresence {
    /** The newest entry that is neither line state nor the PBX's own `im:`; `""` is available. */
    activity: string;
    note: string;
    /** The user is in a call of this PBX. */
    onThePhone: boolean;
    /** Every entry, newest first, the line state among them. */
    entries: Entry[];
}

/**
 * What administrators, people at their phones and calendars do at a PBX. Every method that names a user throws an
 * Error when there is no such user.
 */
export abstract class Switchboard extends EventEmitter<{ change: [guid: string] }> {
    readonly installation: Installation;
    readonly pbxName: string;
    /** Who looks through the App websocket: the App object. */
    abstract readonly viewer: Viewer;

    constructor(installation: Installation, pbxName: string) {
        super();
        this.installation = installation;
        this.pbxName = pbxName;
    }

    addPerson(person: Person, options?: UserOptions): void {
        this.installation.addPerson(person, this.pbxName, options);
    }

    /** Changes what is given and leaves the rest as it is. */
    updatePerson(guid: string, change: Partial<Omit<Person, 'guid'>> & UserOptions): void {
        this.installation.updatePerson(guid, change);
    }

    removePerson(guid: string): void {
        this.installation.removePerson(guid);
    }

    /** Makes the user a member of these groups and, beside those of the template, no others. */
    setGroups(guid: string, groups: readonly string[]): void {
        this.installation.updatePerson(guid, { groups });
    }

    /** @param licence as on the licences page: `App(innovaphone-microsoft365)` */
    setLicence(guid: string, licence: string, held: boolean): void {
        const others = this.installation.users.get(guid).licences.filter(name => name !== licence);
        this.installation.updatePerson(guid, { licences: held ? [...others, licence] : others });
    }

    /** Makes or changes a config template; users have it by the option `config`. */
    setTemplate(name: string, template: Template): void {
        this.installation.setTemplate(name, template);
    }

    /**
     * What the App object may see of the user from now on; flags that are not given stay. Makes an entry with the name
     * of the App object in the user's own list; `undefined` removes it.
     */
    visibility(guid: string, flags: Partial<Rights> | undefined): void {
        const user = this.installation.users.get(guid);
        const { name } = this.viewer;
        const others = user.allows.filter(entry => entry.grp || entry.name !== name);
        const entry = { name, ...this.installation.rightsOf(this.viewer, user), ...flags };
        this.installation.updatePerson(guid, { allows: flags ? [entry, ...others] : others });
    }

    /** What may be seen of users whose own and template's visibility say nothing; a flag that is left out is not granted. */
    defaultVisibility(flags: Partial<Rights>): void {
        this.installation.setOtherwise(flags);
    }

    /** Sends a change of the user table that has not happened: a row twice, or one of somebody nobody knows. */
    announce(change: TableChange, person: Person): void {
        this.installation.announce(change, person, this.pbxName);
    }

    presenceOf(guid: string): SimulatedPresence {
        this.installation.users.get(guid);
        const list = this.installation.board.of(guid);
        return { ...list.setting, onThePhone: list.inCall, entries: list.shown(true) };
    }

    /** The user's own setting, made at a phone or in myApps: the entry `tel:`. */
    setPresence(guid: string, { activity, note = '' }: { activity: string; note?: string }): void {
        this.installation.users.get(guid);
        this.installation.board.change(guid, list => list.set('tel:', activity, note));
    }

    /** What a calendar says, with a coded note: the entry {@link Behaviour.calendarContact}; `undefined` removes it. */
    setCalendar(guid: string, entry: { activity: string; note: CalendarNote } | undefined): void {
        this.installation.users.get(guid);
        this.installation.board.change(guid, list => {
            const { calendarContact } = this.installation.behaviour;
            if (entry) list.set(calendarContact, entry.activity, codedNote(entry.note));
            else list.remove(calendarContact);
        });
    }

    /** Lets the PBX add an `im:` entry, as it does whenever a client of the user comes or goes. */
    setClientOnline(guid: string, online: boolean): void {
        this.installation.users.get(guid);
        this.installation.board.change(guid, list => list.setClientOnline(online));
    }

    /**
     * Begins a call of the user. Without options it is connected, and a user who has one already gets no second.
     * @returns the number of the call
     */
    startCall(guid: string, options?: CallOptions): number {
        this.installation.users.get(guid);
        const [first] = options ? [] : this.calls(guid);
        return (first ?? this.installation.calls.add(guid, options)).handle;
    }

    /** Changes a call: it is answered, held, ... @throws Error if there is no such call */
    changeCall(call: number, options: CallOptions): void {
        this.installation.calls.update(call, options);
    }

    /** Ends one call, or all the user has; harmless where there is none. */
    endCall(guid: string, call?: number): void {
        this.installation.users.get(guid);
        const ending = this.calls(guid).filter(({ handle }) => call === undefined || handle === call);
        for (const { handle } of ending) this.installation.calls.remove(handle);
    }

    /** The user's calls without alien ones, oldest first. */
    calls(guid: string): readonly Readonly<Call>[] {
        return this.installation.calls.of(guid).filter(({ alien }) => !alien);
    }

    /** The handles of the user's alien calls, oldest first. */
    alienCalls(guid: string): number[] {
        const calls = this.installation.calls.of(guid).filter(({ alien }) => alien);
        return calls.map(({ handle }) => handle);
    }
}
