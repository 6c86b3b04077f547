import { createPrivateKey, type KeyObject, randomUUID, webcrypto } from 'node:crypto';
import { type X509CertificateCreateSelfSignedParams, X509CertificateGenerator } from '@peculiar/x509';

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
    const algorithm = {
        name: 'RSASSA-PKCS1-v1_5',
        hash: 'SHA-256',
        publicExponent: new Uint8Array([1, 0, 1]),
        modulusLength: 2048,
    };
    const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
    const content = {
        name: 'CN=node-red-presence-sync',
        notBefore: new Date(Date.now() - day),
        notAfter: new Date(Date.now() + 365 * day),
        keys,
        signingAlgorithm: algorithm,
    };
    // Node's own types of the same Web Crypto keys differ from the browser's that the library names.
    const certificate = await X509CertificateGenerator.createSelfSigned(
        content as X509CertificateCreateSelfSignedParams,
        webcrypto as Crypto,
    );
    const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
    return {
        id: randomUUID(),
        certificate: Buffer.from(certificate.rawData).toString('base64'),
        privateKey: createPrivateKey({ key: Buffer.from(pkcs8), format: 'der', type: 'pkcs8' }),
    };
}
