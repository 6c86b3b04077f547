import { generateKeyPair, randomUUID, type webcrypto } from 'node:crypto';
import { promisify } from 'node:util';
import { issueCertificate } from '../../../support/issue-certificate';
import { decryptionKey } from './decrypt-notification';

/** The certificate that Microsoft encrypts notifications for, and its private key, which never leaves memory. */
export interface NotificationKey {
    /** Goes into the subscription and comes back with each notification; at most 128 characters. */
    id: string;
    /** Base64 of the DER certificate, as `encryptionCertificate` wants it. */
    certificate: string;
    privateKey: webcrypto.CryptoKey;
}

const newKeyPair = promisify(generateKeyPair);

/**
 * Makes a key of 2048 bits with a self-signed certificate.
 * @param now the date, ms since the epoch
 * @see https://learn.microsoft.com/graph/change-notifications-with-resource-data
 */
export async function createNotificationKey(now: number): Promise<NotificationKey> {
    const { privateKey: key } = await newKeyPair('rsa', { modulusLength: 2048 });
    const certificate = issueCertificate({ commonName: 'node-red-presence-sync', key, now });
    return {
        id: randomUUID(),
        certificate: certificate.raw.toString('base64'),
        privateKey: await decryptionKey(key.export({ type: 'pkcs8', format: 'pem' }).toString()),
    };
}
