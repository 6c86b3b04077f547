import { EventEmitter } from 'node:events';
import type { TeamsPair } from '../presence/vocabulary';
import { type Clock, systemClock } from '../time/clock';
import { CertificateAuthority } from './certificate-authority';
import { type CallChange, type PbxChange, type TeamsChange, toPbxChange, toTeamsChange } from './change';
import { freePorts } from './free-ports';
import { OfficeError } from './office-error';
import { createIdentity, type OfficeIdentity } from './office-identity';
import { createPbx, createTenant, type Part, startPart } from './office-parts';
import type { SimulatedPbx } from './pbx/simulated-pbx';
import { defaultPeople, type Person } from './person';
import { Publisher } from './publisher';
import { Roster } from './roster';
import type { SimulatedTenant, ThrottlingLimits } from './tenant/simulated-tenant';

/** One person as both systems show them now. */
export interface PersonState {
    name: string;
    mail: string;
    /** What colleagues see at the phone; activity `""` is available. */
    pbx: { activity: string; note: string; onThePhone: boolean };
    /** What Teams shows: the aggregate of everything set for the person. */
    teams: TeamsPair;
}

/** What has happened since the office was made. */
export interface OfficeCounters {
    graphRequests: number;
    /** Presence writes that Graph accepted. */
    presenceWrites: number;
    notificationsSent: number;
    /** Messages over the App websocket, both directions. */
    pbxMessages: number;
    /** Presence settings that the PBX accepted over the App websocket. */
    pbxWrites: number;
}

/** What an office is made of; all of it has a default. */
export interface OfficeOptions {
    /** By default the eight of a small firm. */
    people?: Person[];
    /** Ports 0 or absent mean any free one. */
    graphPort?: number;
    pbxPort?: number;
    /** Number of slave PBXs, at any free ports; default none. */
    pbxSlaves?: number;
    clock?: Clock;
    /** Number of communication users; by default enough for everybody. */
    accounts?: number;
    /** The same ids, passwords and accidents every time; absent: random ids and passwords. */
    seed?: number;
    /** Limits of the simulated Graph; absent: none. */
    throttling?: ThrottlingLimits;
    /** A certificate with which the app may sign in beside its secret: PEM, public part only. */
    appCertificate?: string;
}

interface OfficeEvents {
    /** The mail of a person whose presence changed on either side. */
    change: [mail: string];
    /** Somebody has left. */
    left: [mail: string];
    started: [];
    stopped: [];
}

/**
 * A small firm on loopback: a PBX, a Microsoft 365 tenant and a reverse proxy that speak the real protocols.
 * Ports, passwords and certificates are made once, so that a stop and a start are an ordinary outage to a client.
 */
export class SimulatedOffice extends EventEmitter<OfficeEvents> {
    readonly identity: OfficeIdentity;
    readonly tenant: SimulatedTenant;
    readonly pbx: SimulatedPbx;
    readonly #publisher: Publisher;
    readonly #roster: Roster;
    readonly #parts: Part[];
    readonly #calls = { pbx: new Set<string>(), teams: new Set<string>() };
    #running = false;
    #lastTurn: Promise<void> = Promise.resolve();

    /** Makes an office that does not listen yet; its ports are already chosen. */
    static async create(options: OfficeOptions = {}): Promise<SimulatedOffice> {
        const {
            people = defaultPeople(),
            clock = systemClock,
            accounts,
            seed,
            throttling = {},
            appCertificate,
        } = options;
        const authority = await CertificateAuthority.create();
        const wantedPorts = [options.graphPort, options.pbxPort, 0, ...Array<number>(options.pbxSlaves ?? 0).fill(0)];
        const [graphPort, pbxPort, publisherPort, ...slavePorts] = await choosePorts(wantedPorts);
        const ca = authority.certificate;
        const identity = createIdentity({ ca, graphPort, pbxPort, slavePorts, people: people.length, accounts, seed });
        const tenant = createTenant(identity, {
            people,
            clock,
            authority,
            port: graphPort,
            seed,
            throttling,
            certificates: appCertificate === undefined ? [] : [appCertificate],
        });
        const pbx = createPbx(identity, people, authority, { port: pbxPort, slavePorts });
        const publisher = new Publisher({ authority, port: publisherPort });
        return new SimulatedOffice({ identity, people, tenant, pbx, publisher });
    }

    private constructor(options: {
        identity: OfficeIdentity;
        people: Person[];
        tenant: SimulatedTenant;
        pbx: SimulatedPbx;
        publisher: Publisher;
    }) {
        super();
        this.setMaxListeners(0);
        this.identity = options.identity;
        this.tenant = options.tenant;
        this.pbx = options.pbx;
        this.#publisher = options.publisher;
        this.#roster = new Roster(options.people);
        this.#parts = [
            { name: 'Microsoft 365', server: this.tenant },
            { name: 'PBX', server: this.pbx },
            ...this.pbx.slaves.map(server => ({ name: `slave ${server.pbxName}`, server })),
            { name: 'reverse proxy', server: this.#publisher },
        ];
        this.#relayChanges();
    }

    get running(): boolean {
        return this.#running;
    }

    /** Opens the office; harmless when it is open. Rejects with an {@link OfficeError} when a port is taken. */
    start(): Promise<void> {
        return this.#inTurn(async () => {
            if (this.#running) return;
            await this.#startParts();
            this.#running = true;
            this.emit('started');
        });
    }

    /** Closes the office, people and their presence stay; harmless when it is closed. */
    stop(): Promise<void> {
        return this.#inTurn(async () => {
            if (!this.#running) return;
            this.#running = false;
            await this.#stopParts();
            this.emit('stopped');
        });
    }

    /**
     * Puts the office's reverse proxy before a local notification endpoint: returns the public `https:` address that
     * forwards to `localUrl` and everything below it while the office runs.
     */
    publish(localUrl: string): string {
        return this.#publisher.publish(localUrl);
    }

    /** Everybody, in the order in which the office was given them. */
    people(): PersonState[] {
        return this.#roster.mails.map(mail => this.person(mail));
    }

    /** One person; throws an {@link OfficeError} for an unknown address. */
    person(mail: string): PersonState {
        const person = this.#roster.find(mail);
        const { activity, note, onThePhone } = this.pbx.presenceOf(person.guid);
        const teams = this.tenant.presenceOf(person.teamsId);
        return {
            name: person.name,
            mail: person.mail,
            pbx: { activity, note, onThePhone },
            teams: { availability: teams.availability, activity: teams.activity },
        };
    }

    /** On which side the person has a call of their own, begun with {@link setPbx} or {@link setTeams}. */
    callsOf(mail: string): { pbx: boolean; teams: boolean } {
        const person = this.#roster.find(mail);
        return { pbx: this.#calls.pbx.has(person.mail), teams: this.#calls.teams.has(person.mail) };
    }

    /** Somebody joins on both sides. Throws an {@link OfficeError} if something that must be their own is taken. */
    addPerson(person: Person): void {
        this.#roster.checkFree(person);
        try {
            this.tenant.addPerson(person);
        } catch (error) {
            throw new OfficeError('value-wrong', (error as Error).message, error);
        }
        this.pbx.addPerson(person);
        this.#roster.add(person);
        this.emit('change', person.mail);
    }

    /** Somebody leaves on both sides; throws an {@link OfficeError} for an unknown address. */
    removePerson(mail: string): void {
        const person = this.#roster.find(mail);
        this.#roster.remove(person);
        this.#calls.pbx.delete(person.mail);
        this.#calls.teams.delete(person.mail);
        this.tenant.removePerson(person.teamsId);
        this.pbx.removePerson(person.guid);
        this.emit('left', person.mail);
    }

    /** Whether somebody has this extension. */
    hasNumber(number: string): boolean {
        return this.#roster.hasNumber(number);
    }

    counters(): OfficeCounters {
        const { requests, presenceWrites, notificationsSent } = this.tenant.counters;
        const pbxs = [this.pbx, ...this.pbx.slaves].map(({ counters }) => counters);
        const pbxMessages = pbxs.reduce((sum, { messages }) => sum + messages, 0);
        const pbxWrites = pbxs.reduce((sum, { writes }) => sum + writes, 0);
        return { graphRequests: requests, presenceWrites, notificationsSent, pbxMessages, pbxWrites };
    }

    /**
     * What the person does at the phone. Starting a call twice or ending none is harmless.
     * Throws an {@link OfficeError} that names the field and what is allowed.
     */
    setPbx(mail: string, change: PbxChange): void {
        const person = this.#roster.find(mail);
        const checked = toPbxChange(change);
        if ('call' in checked) note(this.#calls.pbx, person, checked);
        if (!('call' in checked)) this.pbx.setPresence(person.guid, checked);
        else if (checked.call === 'start') this.pbx.startCall(person.guid);
        else this.pbx.endCall(person.guid);
    }

    /**
     * What the person's Teams client says; Offline/Offline is signed out. Starting a call twice or ending none is harmless.
     * Throws an {@link OfficeError} that names the field and what is allowed.
     */
    setTeams(mail: string, change: TeamsChange): void {
        const person = this.#roster.find(mail);
        const checked = toTeamsChange(change);
        const { tenant } = this;
        if ('outOfOffice' in checked) return tenant.setOutOfOffice(person.teamsId, checked.outOfOffice ?? undefined);
        if ('workLocation' in checked) return tenant.setWorkLocation(person.teamsId, checked.workLocation ?? undefined);
        if ('call' in checked) note(this.#calls.teams, person, checked);
        if (!('call' in checked)) tenant.setClientPresence(person.teamsId, signedOut(checked) ? undefined : checked);
        else if (checked.call === 'start') tenant.startCall(person.teamsId);
        else tenant.endCall(person.teamsId);
    }

    #relayChanges(): void {
        const relay = (id: string) => {
            const person = this.#roster.byId(id);
            if (person) this.emit('change', person.mail);
        };
        this.tenant.on('change', relay);
        this.pbx.on('change', relay);
    }

    async #startParts(): Promise<void> {
        try {
            for (const part of this.#parts) await startPart(part);
        } catch (error) {
            await this.#stopParts();
            throw error;
        }
    }

    async #stopParts(): Promise<void> {
        await Promise.all(this.#parts.map(({ server }) => server.stop()));
    }

    /** One step at a time: a start asked for during a stop waits for its end. */
    #inTurn(step: () => Promise<void>): Promise<void> {
        const turn = this.#lastTurn.then(step);
        this.#lastTurn = turn.catch(() => undefined);
        return turn;
    }
}

function note(calls: Set<string>, { mail }: Person, { call }: CallChange): void {
    if (call === 'start') calls.add(mail);
    else calls.delete(mail);
}

function signedOut({ availability, activity }: TeamsPair): boolean {
    return availability === 'Offline' && activity === 'Offline';
}

/** Ports in the order of `wanted`, free ones where 0 or nothing is wanted. */
async function choosePorts(wanted: (number | undefined)[]): Promise<[number, number, number, ...number[]]> {
    const free = await freePorts(wanted.length);
    const [graph, pbx, publisher, ...others] = wanted.map((port, index) => port || free[index]!);
    return [graph!, pbx!, publisher!, ...others];
}
