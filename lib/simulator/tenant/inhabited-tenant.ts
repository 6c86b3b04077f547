import { EventEmitter } from 'node:events';
import type { TeamsPair } from '../../presence/vocabulary';
import type { Clock } from '../../time/clock';
import type { Person } from '../person';
import { DeviceCodes } from './device-codes';
import type { RemovalReason } from './directory-log';
import { Identities } from './identities';
import { PresenceModel } from './presence-model';
import type { Account, Registration } from './registration';
import { type TenantBehaviour, usualBehaviour } from './tenant-behaviour';
import { TenantDirectory } from './tenant-directory';
import { type Group, TenantGroups } from './tenant-groups';
import type { WorkLocation } from './user-presence';

const week = 7 * 86_400_000;

/** Who is in a tenant, and how it behaves. */
export interface InhabitedTenantOptions {
    people: Person[];
    registrations: Registration[];
    /** Communication users; they sign in with a password. */
    accounts: Account[];
    behaviour?: Partial<TenantBehaviour>;
}

/**
 * A tenant without any network: what its people do and what its administrators change. Emits `change` with the Teams id
 * whenever what a person shows has changed.
 */
export class InhabitedTenant extends EventEmitter<{ change: [teamsId: string] }> {
    readonly behaviour: TenantBehaviour;
    protected readonly clock: Clock;
    protected readonly directory: TenantDirectory;
    protected readonly groups: TenantGroups;
    protected readonly identities: Identities;
    protected readonly deviceCodes: DeviceCodes;
    protected readonly model: PresenceModel;

    constructor({ people, registrations, accounts, behaviour }: InhabitedTenantOptions, clock: Clock) {
        super();
        this.clock = clock;
        this.behaviour = { ...usualBehaviour, ...behaviour };
        this.directory = new TenantDirectory(people, accounts, clock);
        this.groups = new TenantGroups(this.directory);
        this.identities = new Identities(registrations, accounts);
        this.deviceCodes = new DeviceCodes(clock, () => this.behaviour.deviceCodeInterval);
        this.model = new PresenceModel({
            clock,
            ids: [...this.directory.users()].filter(user => user.teams).map(user => user.id),
            onChange: (id, presence) => this.presenceChanged(id, presence),
        });
    }

    /** What everybody sees. All methods throw for an id that is nobody's. */
    presenceOf(teamsId: string): TeamsPair {
        return this.model.presenceOf(teamsId.toLowerCase());
    }

    /** What the user's own Teams client says; undefined is signed out. */
    setClientPresence(teamsId: string, pair: TeamsPair | undefined): void {
        this.model.setClient(teamsId.toLowerCase(), pair);
    }

    /** A call in the user's own Teams client, over whatever it says. */
    startCall(teamsId: string): void {
        this.model.setInCall(teamsId.toLowerCase(), true);
    }

    endCall(teamsId: string): void {
        this.model.setInCall(teamsId.toLowerCase(), false);
    }

    /** Somebody joins, or comes back, with a Teams licence. Throws if the id or the address is taken. */
    addPerson(person: Person): void {
        this.model.add(this.directory.add(person).id);
    }

    /** @param reason whether the user can be restored (`changed`), as delta queries tell it */
    removePerson(teamsId: string, reason: RemovalReason = 'changed'): void {
        this.directory.remove(teamsId, reason);
        this.model.remove(teamsId.toLowerCase());
    }

    /** Changes name, address or number; the address is mail address and user principal name at once. */
    updatePerson(teamsId: string, change: Partial<Person>): void {
        this.directory.update(teamsId, change);
    }

    /** Exactly these service plans are enabled from now on. Without one of Teams the user has no presence. */
    setPlans(teamsId: string, planIds: readonly string[]): void {
        const { id, teams } = this.directory.setPlans(teamsId, planIds);
        if (teams) this.model.add(id);
    }

    /** Delta queries tell of the user once more although nothing has changed. */
    replayPerson(teamsId: string): void {
        this.directory.replay(teamsId);
    }

    /** All links of delta queries until now are answered with 410 Gone. */
    expireDeltaTokens(): void {
        this.directory.log.expireTokens();
    }

    /** Makes a group or replaces it; members are ids of users and of other groups. */
    setGroup(group: Group): void {
        this.groups.set(group);
    }

    removeGroup(id: string): void {
        this.groups.remove(id);
    }

    /**
     * Requests of the app, or sign-ins and renewals of the account, are refused from now on; undefined ends it.
     * @param code AADSTS number, such as "50076"; throws for one that the simulated Entra does not know
     */
    setTrouble(usernameOrClientId: string, code: string | undefined): void {
        this.identities.setTrouble(usernameOrClientId, code);
    }

    /** Other permissions, secret or certificates, from the next token on. Throws for an unknown app. */
    changeRegistration(clientId: string, change: Partial<Omit<Registration, 'clientId'>>): void {
        this.identities.changeRegistration(clientId, change);
    }

    /** Another password, or a second factor. Throws for an unknown name. */
    changeAccount(username: string, change: Partial<Omit<Account, 'username' | 'licence'>>): void {
        this.identities.changeAccount(username, change);
    }

    /** As after a change of the password: the account must sign in again. */
    revokeRefreshTokens(username: string): void {
        this.identities.revokeRefreshTokens(username, this.clock.date());
    }

    /** The user signs in with a code, second factor and all. Throws for a code that nobody waits for. */
    enterDeviceCode(userCode: string, username: string): void {
        const user = this.directory.byPrincipalName(username);
        if (!user) throw new Error(`The simulated tenant has no user ${username}`);
        this.deviceCodes.accept(userCode, user);
    }

    declineDeviceCode(userCode: string): void {
        this.deviceCodes.decline(userCode);
    }

    /** What the user has chosen by hand in Teams, for a week as there; undefined takes it back. */
    setUserPreferred(teamsId: string, pair: TeamsPair | undefined): void {
        const id = teamsId.toLowerCase();
        if (pair) this.model.setPreferred(id, pair, week);
        else this.model.clearPreferred(id);
    }

    /** The automatic reply of the user's mailbox; undefined ends it. */
    setOutOfOffice(teamsId: string, message: string | undefined): void {
        const settings = { isOutOfOffice: message !== undefined, message: message ?? null };
        this.model.setOutOfOffice(teamsId.toLowerCase(), settings);
    }

    /** Where the user works now; undefined takes it back. */
    setWorkLocation(teamsId: string, location: WorkLocation | undefined): void {
        const none: WorkLocation = { workLocationType: 'unspecified', source: 'none', placeId: null };
        this.model.setWorkLocation(teamsId.toLowerCase(), location ?? none);
    }

    /** Called after each change of what a user shows. */
    protected presenceChanged(id: string, _presence: TeamsPair): void {
        this.emit('change', id);
    }
}
