import { constants, createDecipheriv, createHmac, type KeyObject, privateDecrypt, timingSafeEqual } from 'node:crypto';

/** `encryptedContent` of a change notification; all values base64. */
export interface EncryptedContent {
    data: string;
    dataSignature: string;
    dataKey: string;
    encryptionCertificateId: string;
}

/**
 * The resource inside an encrypted notification.
 * @throws Error if the content was not made for this key or was changed on its way.
 * @see https://learn.microsoft.com/graph/change-notifications-with-resource-data#decrypting-resource-data-from-change-notifications
 */
export function decryptNotification(content: EncryptedContent, privateKey: KeyObject): unknown {
    const padding = constants.RSA_PKCS1_OAEP_PADDING;
    const key = privateDecrypt({ key: privateKey, padding, oaepHash: 'sha1' }, Buffer.from(content.dataKey, 'base64'));
    const data = Buffer.from(content.data, 'base64');
    const signature = createHmac('sha256', key).update(data).digest();
    const claimed = Buffer.from(content.dataSignature, 'base64');
    if (claimed.length !== signature.length || !timingSafeEqual(claimed, signature)) {
        throw new Error('the signature of the encrypted content is wrong');
    }
    const decipher = createDecipheriv('aes-256-cbc', key, key.subarray(0, 16));
    return JSON.parse(Buffer.concat([decipher.update(data), decipher.final()]).toString('utf8'));
}
