import { createPrivateKey, type KeyObject, randomUUID, X509Certificate } from 'node:crypto';
import { generate } from 'selfsigned';

/** The certificate that Microsoft encrypts notifications for, and its private key, which never leaves memory. */
export interface NotificationKey {
    /** Goes into the subscription and comes back with each notification; at most 128 characters. */
    id: string;
    /** Base64 of the DER certificate, as `encryptionCertificate` wants it. */
    certificate: string;
    privateKey: KeyObject;
}

const day = 86_400_000;

/**
 * Makes a key of 2048 bits with a self-signed certificate.
 * @see https://learn.microsoft.com/graph/change-notifications-with-resource-data
 */
export async function createNotificationKey(): Promise<NotificationKey> {
    const made = await generate([{ name: 'commonName', value: 'node-red-presence-sync' }], {
        keySize: 2048,
        algorithm: 'sha256',
        notBeforeDate: new Date(Date.now() - day),
        notAfterDate: new Date(Date.now() + 365 * day),
    });
    return {
        id: randomUUID(),
        certificate: new X509Certificate(made.cert).raw.toString('base64'),
        privateKey: createPrivateKey(made.private),
    };
}
