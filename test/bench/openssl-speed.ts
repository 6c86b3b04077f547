import { execFileSync } from 'node:child_process';
import { constants, generateKeyPairSync, privateDecrypt, publicEncrypt } from 'node:crypto';

/**
 * RSA-2048 private operations per second on one core of this machine: what `openssl speed rsa2048` says, or the same
 * measured with Node.js where there is no openssl command.
 */
export function privateOperationsPerSecond(): number {
    try {
        const text = execFileSync('openssl', ['speed', '-seconds', '3', 'rsa2048'], {
            encoding: 'utf8',
            stdio: ['ignore', 'pipe', 'ignore'],
        });
        const line = text.split('\n').find(each => /^rsa\s+2048 bits/.test(each));
        const perSecond = Number(line?.trim().split(/\s+/).at(-2));
        if (perSecond > 0) return perSecond;
    } catch {
        // No openssl command here.
    }
    return measured();
}

function measured(): number {
    const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const padding = { padding: constants.RSA_PKCS1_OAEP_PADDING };
    const text = publicEncrypt({ key: publicKey, ...padding }, Buffer.alloc(32));
    const begin = performance.now();
    let count = 0;
    for (; performance.now() - begin < 3_000; count++) privateDecrypt({ key: privateKey, ...padding }, text);
    return count / ((performance.now() - begin) / 1_000);
}
