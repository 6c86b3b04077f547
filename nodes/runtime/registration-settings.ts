import type { NodeAPI } from 'node-red';
import { SyncError } from '../../lib/errors/errors';
import { endpointsOf } from '../../lib/teams/connection/clouds';
import { checkRegistration, type RegistrationSettings } from '../../lib/teams/connection/graph-access';
import { type ReadCertificate, readCertificate } from '../../lib/teams/connection/sign-in/certificate';
import { openedOffice, tlsOptions } from './config-node';
import { askedValues, mustBeDeployed } from './editor-requests';
import { entered, number, origin, readFields, text } from './fields';

/** The fields that say which registration of which tenant it is. */
export const registrationPlace: readonly string[] = ['cloud', 'graphUrl', 'tenant', 'clientId'];

/** As Node-RED declares them. */
export const appCredentials = {
    clientSecret: { type: 'password' },
    /** PEM with private key, or a PFX file in base64. */
    certificate: { type: 'password' },
    /** Of the private key or the PFX file. */
    certificatePassword: { type: 'password' },
} as const;

export type AppSecrets = Partial<Record<keyof typeof appCredentials, string>>;

const range = { usual: undefined, least: 100, most: 10_000, whole: true };
const fields = {
    /** Blank is worldwide. */
    cloud: text,
    tls: text,
    tenant: text,
    clientId: text,
    /** `certificate`; else it is a secret. */
    authentication: text,
    requestsPer30s: number('Requests per 30 s', 'it must be 100 to 10000', range),
};
/** Where the cloud is none of Microsoft's. */
const addresses = { loginUrl: origin('Sign-in address'), graphUrl: origin('Graph address') };

/**
 * The settings of an app registration.
 * @param config what an azure-app node holds; flows of older versions lack some of it
 * @param closing ends the wait for a simulated office that is not open yet
 * @throws SyncError that names the field that is missing or wrong
 */
export async function registrationSettings(
    RED: NodeAPI,
    config: object,
    secrets: AppSecrets,
    closing: AbortSignal,
): Promise<RegistrationSettings> {
    const { cloud, tls, authentication, ...identity } = readFields(fields, config);
    const registration = { ...identity, ...(await proofOf(authentication, secrets)) };
    const { ca } = tlsOptions(RED, tls);
    const settings: RegistrationSettings =
        cloud === 'simulated'
            ? await simulated(registration, closing)
            : {
                  ...registration,
                  ...(cloud === 'custom' ? readFields(addresses, config) : endpointsOf(cloud || 'worldwide')),
                  ...(ca ? { trust: { ca, extent: 'added' } } : {}),
              };
    checkRegistration(settings);
    return settings;
}

/**
 * The settings of an app registration as its dialog, or the editor, holds them.
 * @throws SyncError that names the field that is missing or wrong
 */
export function askedSettings(RED: NodeAPI, asked: unknown, closing: AbortSignal): Promise<RegistrationSettings> {
    const values = askedValues(RED, 'azure-app', asked, Object.keys(appCredentials));
    mustBeDeployed(RED, values.tls);
    return registrationSettings(RED, values, values, closing);
}

/** @throws SyncError that names what is wrong with what was entered */
export function certificateOf(entry: string, password: string | undefined): Promise<ReadCertificate> {
    // A variable of the environment often holds a PEM in one line.
    if (entry.includes('-----BEGIN')) return readCertificate({ pem: entry.replaceAll('\\n', '\n'), password });
    return readCertificate({ pfx: Buffer.from(entry, 'base64'), password });
}

async function proofOf(
    authentication: string,
    secrets: AppSecrets,
): Promise<Pick<RegistrationSettings, 'clientSecret' | 'certificate'>> {
    if (authentication !== 'certificate') return { clientSecret: entered(secrets.clientSecret) || undefined };
    const entry = entered(secrets.certificate);
    if (!entry) throw new SyncError('FIELD_MISSING', { field: 'Certificate' });
    return { certificate: (await certificateOf(entry, secrets.certificatePassword || undefined)).certificate };
}

/** What is left blank is filled in by the office; trust in its certificate is confined to it. */
async function simulated(
    registration: Omit<RegistrationSettings, 'loginUrl' | 'graphUrl' | 'trust'>,
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
