import {
    createDecipheriv,
    createHmac,
    generateKeyPair,
    type KeyObject,
    randomBytes,
    randomUUID,
    subtle,
    timingSafeEqual,
    type webcrypto,
} from 'node:crypto';
import { promisify } from 'node:util';
import { asn1, md, pki } from 'node-forge';
import type { Clock } from '../../../time/clock';
import type { EncryptedContent } from './notification-item';

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
async function createNotificationKey(now: number): Promise<NotificationKey> {
    const { privateKey: key } = await newKeyPair('rsa', { modulusLength: 2048 });
    return {
        id: randomUUID(),
        certificate: selfSigned(key, now),
        // RSA-OAEP with SHA-1, as Microsoft encrypts.
        privateKey: await subtle.importKey(
            'pkcs8',
            key.export({ type: 'pkcs8', format: 'der' }),
            { name: 'RSA-OAEP', hash: 'SHA-1' },
            false,
            ['decrypt'],
        ),
    };
}

/** A certificate, Base64 of its DER, that an RSA key makes for itself, valid from a day before to a year after. */
function selfSigned(key: KeyObject, now: number): string {
    const signer = pki.privateKeyFromPem(key.export({ type: 'pkcs8', format: 'pem' }).toString());
    const form = pki.createCertificate();
    // A leading 1 keeps it positive and free of leading zeros.
    form.serialNumber = `01${randomBytes(16).toString('hex')}`;
    form.validity.notBefore = new Date(now - day);
    form.validity.notAfter = new Date(now + 365 * day);
    const name = [{ name: 'commonName', value: 'node-red-presence-sync' }];
    form.setSubject(name);
    form.setIssuer(name);
    form.publicKey = pki.setRsaPublicKey(signer.n, signer.e);
    form.sign(signer, md.sha256.create());
    return Buffer.from(asn1.toDer(pki.certificateToAsn1(form)).getBytes(), 'binary').toString('base64');
}

const day = 86_400_000;
/** A new key is made this long after the last, in ms; the one before serves the subscriptions made with it. */
const keyLifetime = 90 * day;

/** The keys of this process: one for new subscriptions, and the one before it. */
export class NotificationKeys {
    readonly #clock: Clock;
    readonly #create: (now: number) => Promise<NotificationKey>;
    #keys: { made: Promise<NotificationKey>; at: number }[] = [];

    /** @param create makes a key; is told the date */
    constructor(clock: Clock, create: (now: number) => Promise<NotificationKey> = createNotificationKey) {
        this.#clock = clock;
        this.#create = create;
    }

    /** The key for new subscriptions, made when it is first wanted. One that could not be made is made again. */
    newest(): Promise<NotificationKey> {
        const [newest] = this.#keys;
        const now = this.#clock.monotonic();
        if (newest && now - newest.at < keyLifetime) return newest.made;
        const made = this.#create(this.#clock.date());
        this.#keys = [{ made, at: now }, ...this.#keys].slice(0, 2);
        made.catch(() => {
            this.#keys = this.#keys.filter(key => key.made !== made);
        });
        return made;
    }

    async find(id: string): Promise<NotificationKey | undefined> {
        for (const { made } of this.#keys) {
            const key = await made;
            if (key.id === id) return key;
        }
        return undefined;
    }
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
