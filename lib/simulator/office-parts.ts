import type { Clock } from '../time/clock';
import type { CertificateAuthority } from './certificate-authority';
import { OfficeError } from './office-error';
import type { OfficeIdentity } from './office-identity';
import { SimulatedPbx } from './pbx/simulated-pbx';
import { allRights } from './pbx/visibility';
import { officeDomain, type Person } from './person';
import { seededRandom } from './random';
import { SimulatedTenant, type ThrottlingLimits } from './tenant/simulated-tenant';

/** One listener of the office; the name is for error messages. */
export interface Part {
    name: string;
    server: { start(): Promise<void>; stop(): Promise<void>; readonly port: number };
}

/** Starts one part; rejects with an {@link OfficeError} when its port is taken. */
export async function startPart({ name, server }: Part): Promise<void> {
    try {
        await server.start();
    } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code !== 'EADDRINUSE' && code !== 'EACCES') throw error;
        const why = code === 'EACCES' ? 'this user may not use it' : 'another program uses it';
        const sentence = `The simulated ${name} cannot listen on port ${server.port} of 127.0.0.1: ${why}`;
        throw new OfficeError('port-taken', sentence, error);
    }
}

/** The group of everybody with a phone, to try groups with. */
const phoneUsers = { id: '9f0e5a5e-0000-4000-8000-000000000001', displayName: 'Phone users' };

/** Entra and Graph with one app registration that may do what both directions need. */
export function createTenant(
    { tenantId, app, accounts }: OfficeIdentity,
    options: {
        people: Person[];
        clock: Clock;
        authority: CertificateAuthority;
        port: number;
        seed: number | undefined;
        throttling: ThrottlingLimits;
        /** With which the app may sign in beside its secret: PEM, public part only. */
        certificates: string[];
    },
): SimulatedTenant {
    const { seed = 1, certificates, ...rest } = options;
    const roles = ['User.Read.All', 'GroupMember.Read.All', 'Presence.ReadWrite.All'];
    const scopes = ['User.Read.All', 'Presence.Read.All'];
    // Where an editor on this machine leads a sign-in back to; the port does not matter.
    const redirectUris = ['http://localhost/teams-accounts/signed-in'];
    const registrations = [{ ...app, certificates, publicClient: true, roles, scopes, redirectUris }];
    const licensed = accounts.map(account => ({ ...account, licence: true }));
    const random = seededRandom(seed);
    const tenant = new SimulatedTenant({ ...rest, tenantId, registrations, accounts: licensed, random });
    tenant.setGroup({ ...phoneUsers, members: options.people.map(person => person.teamsId) });
    return tenant;
}

/** What the App object of the office may use: everything that a sync can make use of. */
export const officeApis: readonly string[] = ['PbxApi', 'PbxTableUsers', 'PbxAdminApi', 'PbxImpersonation', 'RCC'];

/** To try out who takes part. */
const licence = 'App(innovaphone-microsoft365)';
const groups = ['sales', 'service'];

/**
 * A PBX, and perhaps slaves among which and the master the people are spread, with one App object. The people take
 * turns in two groups, and all but every fourth hold the licence of the connector.
 */
export function createPbx(
    { pbx }: OfficeIdentity,
    people: Person[],
    authority: CertificateAuthority,
    { port, slavePorts }: { port: number; slavePorts: readonly number[] },
): SimulatedPbx {
    const app = { name: pbx.appName, password: pbx.password, apis: [...officeApis] };
    const homes = [undefined, ...(pbx.slaves ?? []).map(({ name }) => name)];
    const userOptions = (_person: Person, index: number) => ({
        loc: homes[index % homes.length],
        groups: [groups[index % groups.length]!],
        licences: index % 4 === 3 ? [] : [licence],
    });
    const system = { systemName: officeDomain, defaultVisibility: allRights };
    const master = new SimulatedPbx({ ...system, people, app, authority, port, userOptions });
    for (const [index, { name }] of (pbx.slaves ?? []).entries()) master.addSlave({ name, port: slavePorts[index] });
    return master;
}
