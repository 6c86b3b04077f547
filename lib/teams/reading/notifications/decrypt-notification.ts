import { createDecipheriv, createHmac, subtle, timingSafeEqual, type webcrypto } from 'node:crypto';

/** `encryptedContent` of a change notification; all values base64. */
export interface EncryptedContent {
    data: string;
    dataSignature: string;
    dataKey: string;
    encryptionCertificateId: string;
}

/**
 * The resource inside an encrypted notification. The expensive step runs beside the event loop (Web Crypto works in
 * threads), so that a flood of notifications never delays an answer to Microsoft.
 * @throws Error if the content was not made for this key or was changed on its way.
 * @see https://learn.microsoft.com/graph/change-notifications-with-resource-data#decrypting-resource-data-from-change-notifications
 */
export async function decryptNotification(
    content: EncryptedContent,
    privateKey: webcrypto.CryptoKey,
): Promise<unknown> {
    const wrapped = Buffer.from(content.dataKey, 'base64');
    const key = Buffer.from(await subtle.decrypt({ name: 'RSA-OAEP' }, privateKey, wrapped));
    const data = Buffer.from(content.data, 'base64');
    const signature = createHmac('sha256', key).update(data).digest();
    const claimed = Buffer.from(content.dataSignature, 'base64');
    if (claimed.length !== signature.length || !timingSafeEqual(claimed, signature)) {
        throw new Error('the signature of the encrypted content is wrong');
    }
    const decipher = createDecipheriv('aes-256-cbc', key, key.subarray(0, 16));
    return JSON.parse(Buffer.concat([decipher.update(data), decipher.final()]).toString('utf8'));
}

/** A private key (PKCS#8 in PEM) as {@link decryptNotification} takes it: RSA-OAEP with SHA-1, as Microsoft encrypts. */
export function decryptionKey(pem: string): Promise<webcrypto.CryptoKey> {
    const der = Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ''), 'base64');
    return subtle.importKey('pkcs8', der, { name: 'RSA-OAEP', hash: 'SHA-1' }, false, ['decrypt']);
}
