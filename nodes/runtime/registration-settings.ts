import type { NodeAPI } from 'node-red';
import { SyncError } from '../../lib/errors/errors';
import { simulatedOffice } from '../../lib/simulator/running-office';
import { type CloudEndpoints, endpointsOf } from '../../lib/teams/connection/clouds';
import { checkRegistration, type RegistrationSettings } from '../../lib/teams/connection/graph-access';
import type { Trust } from '../../lib/teams/connection/http';
import { type ReadCertificate, readCertificate } from '../../lib/teams/connection/sign-in/certificate';
import type { Account } from '../../lib/teams/connection/sign-in/registration';
import { entered } from './entered';
import { number, origin, readFields } from './fields';
import { openedOffice } from './opened-office';
import { tlsOptions } from './tls-options';

/** What an azure-app node holds. Flows of older versions lack some of it. */
export interface AppFields {
    cloud?: string;
    loginUrl?: string;
    graphUrl?: string;
    tls?: string;
    tenant?: string;
    clientId?: string;
    /** `secret`, also where it is absent, or `certificate`. */
    authentication?: string;
    /** Of Microsoft Graph, for presence; blank is the default. */
    requestsPer30s?: string | number;
}

/** The fields that say which registration of which tenant it is. */
export const registrationPlace: readonly (keyof AppFields)[] = ['cloud', 'graphUrl', 'tenant', 'clientId'];

/** What an azure-app node keeps in its credentials. */
export interface AppSecrets {
    clientSecret?: string;
    /** PEM with private key, or a PFX file in base64. */
    certificate?: string;
    /** Of the private key or the PFX file. */
    certificatePassword?: string;
}

/** The credentials of an azure-app node as Node-RED wants them declared. */
export const appCredentials = {
    clientSecret: { type: 'password' },
    certificate: { type: 'password' },
    certificatePassword: { type: 'password' },
} as const;

const range = { usual: undefined, least: 100, most: 10_000, whole: true };
const requestsPer30s = number('Requests per 30 s', 'it must be 100 to 10000', range);
/** Where the cloud is none of Microsoft's. */
const addresses = { loginUrl: origin('Sign-in address'), graphUrl: origin('Graph address') };

/**
 * The settings of an app registration.
 * @param closing ends the wait for a simulated office that is not open yet
 * @throws SyncError that names the field that is missing or wrong
 */
export async function registrationSettings(
    RED: NodeAPI,
    fields: AppFields,
    secrets: AppSecrets,
    closing: AbortSignal,
): Promise<RegistrationSettings> {
    const registration = {
        tenant: entered(fields.tenant),
        clientId: entered(fields.clientId),
        ...readFields({ requestsPer30s }, fields),
        ...(await signInOf(fields, secrets)),
    };
    const settings =
        fields.cloud === 'simulated'
            ? await simulated(registration, closing)
            : { ...registration, ...real(RED, fields) };
    checkRegistration(settings);
    return settings;
}

/**
 * Reads what was entered as a certificate.
 * @throws SyncError that names what is wrong with it
 */
export function certificateOf(entry: string, password: string | undefined): Promise<ReadCertificate> {
    // A variable of the environment often holds a PEM in one line.
    if (entry.includes('-----BEGIN')) return readCertificate({ pem: entry.replaceAll('\\n', '\n'), password });
    return readCertificate({ pfx: Buffer.from(entry, 'base64'), password });
}

async function signInOf(
    { authentication }: AppFields,
    secrets: AppSecrets,
): Promise<Pick<RegistrationSettings, 'clientSecret' | 'certificate'>> {
    if (authentication !== 'certificate') return { clientSecret: entered(secrets.clientSecret) || undefined };
    const entry = entered(secrets.certificate);
    if (!entry) throw new SyncError('FIELD_MISSING', { field: 'Certificate' });
    return { certificate: (await certificateOf(entry, secrets.certificatePassword || undefined)).certificate };
}

function real(RED: NodeAPI, fields: AppFields): CloudEndpoints & { trust?: Trust } {
    const { cloud } = fields;
    const { ca } = tlsOptions(RED, fields.tls);
    const trust: { trust?: Trust } = ca ? { trust: { ca, extent: 'added' } } : {};
    if (cloud !== 'custom') return { ...endpointsOf(cloud || 'worldwide'), ...trust };
    return { ...readFields(addresses, fields), ...trust };
}

/** What is left blank is filled in by the office; trust in its certificate is confined to it. */
async function simulated(
    registration: Omit<RegistrationSettings, keyof CloudEndpoints | 'trust'>,
    closing: AbortSignal,
): Promise<RegistrationSettings> {
    const { identity } = await openedOffice(closing);
    const { clientSecret, certificate } = registration;
    return {
        ...registration,
        loginUrl: identity.loginUrl,
        graphUrl: identity.graphUrl,
        trust: { ca: identity.ca, extent: 'only' },
        tenant: registration.tenant || identity.tenantId,
        clientId: registration.clientId || identity.app.clientId,
        clientSecret: certificate ? undefined : (clientSecret ?? identity.app.clientSecret),
    };
}

export async function simulatedAccounts(): Promise<Account[]> {
    return (await simulatedOffice()).identity.accounts;
}
