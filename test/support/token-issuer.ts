import { generateKeyPairSync, type JsonWebKey, randomUUID, sign } from 'node:crypto';

/** Somebody whose tokens an app registration may trust. */
export interface TokenIssuer {
    address: string;
    keyId: string;
    /** As it publishes them. */
    keys: JsonWebKey[];
    /** A token that is good for ten minutes. @param now milliseconds since the epoch @param keyId what its header names */
    sign(claims: object, now: number, keyId?: string): string;
}

export function tokenIssuer(address: string): TokenIssuer {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const keyId = randomUUID();
    const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    return {
        address,
        keyId,
        keys: [{ ...publicKey.export({ format: 'jwk' }), kid: keyId, use: 'sig' }],
        sign: (claims, now, kid = keyId) => {
            const seconds = Math.floor(now / 1000);
            const usual = { iss: address, aud: 'api://AzureADTokenExchange', nbf: seconds, exp: seconds + 600 };
            const content = `${encode({ typ: 'JWT', alg: 'RS256', kid })}.${encode({ ...usual, ...claims })}`;
            return `${content}.${sign('sha256', Buffer.from(content), privateKey).toString('base64url')}`;
        },
    };
}
