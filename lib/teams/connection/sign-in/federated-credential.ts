import { AsyncLocalStorage } from 'node:async_hooks';
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import {
    LogLevel,
    ManagedIdentityApplication,
    type NetworkRequestOptions,
    type NetworkResponse,
} from '@azure/msal-node';
import { SyncError, toSyncError } from '../../../errors/errors';
import { verbatim } from '../../../errors/phrases';
import { tokenExchange } from '../clouds';
import { createHttp } from '../http';
import type { AppRegistration, FederatedCredential } from './registration';

/**
 * The token of an issuer that the app registration trusts, which stands for its secret. Read anew for each sign-in: it
 * lives for hours at most.
 * @throws SyncError TEAMS_TOKEN_FILE_UNREADABLE, TEAMS_IDENTITY_UNREACHABLE or TEAMS_IDENTITY_REFUSED
 * @see https://learn.microsoft.com/entra/workload-id/workload-identity-federation
 */
export function federatedToken(credential: FederatedCredential, app: AppRegistration): Promise<string> {
    return 'tokenFile' in credential
        ? tokenOfFile(credential.tokenFile)
        : tokenOfIdentity(credential.managedIdentity, tokenExchange(app));
}

async function tokenOfFile(file: string): Promise<string> {
    const text = await textOf(file).catch((error: NodeJS.ErrnoException) => {
        if (error instanceof SyncError) throw error;
        throw new SyncError('TEAMS_TOKEN_FILE_UNREADABLE', { file, why: verbatim(error.code ?? error.message) }, error);
    });
    const token = text.trim();
    if (isToken(token)) return token;
    throw new SyncError('TEAMS_TOKEN_FILE_UNREADABLE', { file, why: 'it holds no token' });
}

/** Whatever else is in a file, or answered in place of a token, goes nowhere. */
function isToken(text: unknown): boolean {
    return typeof text === 'string' && /^[\w-]+\.[\w-]+\.[\w-]+$/.test(text);
}

/** Bytes that a token may have. */
const longestToken = 65_536;

/** A pipe would never end, and a device neither: what waits for one holds up all files of the process. */
async function textOf(file: string): Promise<string> {
    const handle = await open(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    try {
        const stat = await handle.stat();
        if (stat.isFile() && stat.size <= longestToken) return await handle.readFile('utf8');
        throw new SyncError('TEAMS_TOKEN_FILE_UNREADABLE', { file, why: 'it holds no token' });
    } finally {
        await handle.close();
    }
}

/** What has become of the requests for one token. */
const asking = new AsyncLocalStorage<{ outage?: SyncError; refusal?: string | undefined }>();

/** MSAL keeps that of the first request for all that follow in the process, so it knows nothing of any of them. */
const networkClient = {
    sendGetRequestAsync: <T>(url: string, options?: NetworkRequestOptions) => send<T>('GET', url, options),
    sendPostRequestAsync: <T>(url: string, options?: NetworkRequestOptions) => send<T>('POST', url, options),
};

async function send<T>(method: string, url: string, options?: NetworkRequestOptions): Promise<NetworkResponse<T>> {
    const { headers, body } = options ?? {};
    const outcome = asking.getStore() ?? {};
    // No proxy knows addresses of this machine.
    const http = createHttp('direct');
    try {
        const answer = await http.fetch(url, { method, headers, body }).catch(error => {
            outcome.outage = toSyncError(error);
            throw error;
        });
        // The challenge of Azure Arc has no JSON.
        const told = (await answer.json().catch(() => ({}))) as { error?: unknown; access_token?: unknown } | null;
        const refusal = typeof told?.error === 'string' ? told.error : String(answer.status);
        outcome.refusal = answer.ok ? undefined : refusal;
        if (answer.ok && !isToken(told?.access_token)) {
            outcome.refusal = 'no token';
            // MSAL would keep whatever it is until its end.
            throw new Error(outcome.refusal);
        }
        return { status: answer.status, headers: Object.fromEntries(answer.headers), body: told as T };
    } finally {
        await http.close();
    }
}

/**
 * Asks the service for it on this machine: that of Azure's virtual machines, of its app services, or the agent of Azure
 * Arc, which wants a file to be read that only administrators and the members of its group may read.
 * @see https://learn.microsoft.com/entra/workload-id/workload-identity-federation-config-app-trust-managed-identity
 * @see https://learn.microsoft.com/azure/azure-arc/servers/managed-identity-authentication
 */
async function tokenOfIdentity(clientId: string, resource: string): Promise<string> {
    const loggerOptions = { logLevel: LogLevel.Error, piiLoggingEnabled: false, loggerCallback: () => {} };
    const outcome: NonNullable<ReturnType<typeof asking.getStore>> = {};
    try {
        const identity = new ManagedIdentityApplication({
            ...(clientId ? { managedIdentityIdParams: { userAssignedClientId: clientId } } : {}),
            system: { networkClient, loggerOptions, disableInternalRetries: true },
        });
        const { accessToken } = await asking.run(outcome, () => identity.acquireToken({ resource }));
        return accessToken;
    } catch (error) {
        const { outage, refusal } = outcome;
        if (outage) throw new SyncError('TEAMS_IDENTITY_UNREACHABLE', { detail: outage.parameters.detail }, error);
        const detail = refusal === '401' || !refusal ? (error as { errorCode?: string }).errorCode : refusal;
        throw new SyncError('TEAMS_IDENTITY_REFUSED', { detail: detail ?? 'unknown' }, error);
    }
}
