import { constants, createCipheriv, createHmac, publicEncrypt, randomBytes } from 'node:crypto';
import type { EncryptionCertificate } from './subscription';

/** The `encryptedContent` of a change notification; all but the names is base64. */
export interface EncryptedContent {
    data: string;
    dataSignature: string;
    dataKey: string;
    encryptionCertificateId: string;
    encryptionCertificateThumbprint: string;
}

/**
 * Encrypts one resource with a key of its own: AES-256-CBC with the key's first half as initialisation vector, signed
 * with HMAC-SHA256, the key itself encrypted to the certificate with RSA-OAEP (SHA-1).
 * @see https://learn.microsoft.com/graph/change-notifications-with-resource-data#decrypting-resource-data-from-change-notifications
 */
export function encryptContent(content: object, certificate: EncryptionCertificate): EncryptedContent {
    const key = randomBytes(32);
    const cipher = createCipheriv('aes-256-cbc', key, key.subarray(0, 16));
    const data = Buffer.concat([cipher.update(JSON.stringify(content), 'utf8'), cipher.final()]);
    const padding = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha1' };
    return {
        data: data.toString('base64'),
        dataSignature: createHmac('sha256', key).update(data).digest('base64'),
        dataKey: publicEncrypt({ key: certificate.publicKey, ...padding }, key).toString('base64'),
        encryptionCertificateId: certificate.id,
        encryptionCertificateThumbprint: certificate.thumbprint,
    };
}
