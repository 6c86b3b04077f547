import { type ErrorCode, SyncError } from '../../support/errors';

/** Who signs in where; goes into the sentence. Never a secret. */
export interface SignInContext {
    tenant: string;
    clientId: string;
    /** Address of the communication user, absent for the app itself. */
    account?: string;
}

/** @see https://learn.microsoft.com/entra/identity-platform/reference-error-codes */
const codes: Record<string, ErrorCode> = {
    '90002': 'TEAMS_TENANT_UNKNOWN',
    '50059': 'TEAMS_TENANT_UNKNOWN',
    '50128': 'TEAMS_TENANT_UNKNOWN',
    '900023': 'TEAMS_TENANT_UNKNOWN',
    '9001023': 'TEAMS_TENANT_UNKNOWN',
    '700016': 'TEAMS_CLIENT_ID_UNKNOWN',
    '700011': 'TEAMS_CLIENT_ID_UNKNOWN',
    '900144': 'TEAMS_CLIENT_ID_UNKNOWN',
    '7000215': 'TEAMS_SECRET_WRONG',
    '7000222': 'TEAMS_SECRET_EXPIRED',
    '7000218': 'TEAMS_SECRET_MISSING',
    '700025': 'TEAMS_SECRET_UNEXPECTED',
    '50126': 'TEAMS_PASSWORD_WRONG',
    '50056': 'TEAMS_PASSWORD_WRONG',
    '50034': 'TEAMS_ACCOUNT_UNKNOWN',
    '51004': 'TEAMS_ACCOUNT_UNKNOWN',
    '50053': 'TEAMS_ACCOUNT_LOCKED',
    '50057': 'TEAMS_ACCOUNT_DISABLED',
    '50055': 'TEAMS_PASSWORD_EXPIRED',
    '50144': 'TEAMS_PASSWORD_EXPIRED',
    '50072': 'TEAMS_MFA_REQUIRED',
    '50074': 'TEAMS_MFA_REQUIRED',
    '50076': 'TEAMS_MFA_REQUIRED',
    '50079': 'TEAMS_MFA_REQUIRED',
    '50158': 'TEAMS_MFA_REQUIRED',
    '65001': 'TEAMS_CONSENT_MISSING',
    '650056': 'TEAMS_CONSENT_MISSING',
    '90094': 'TEAMS_CONSENT_MISSING',
    '90033': 'TEAMS_SERVICE_ERROR',
    '90006': 'TEAMS_SERVICE_ERROR',
    '90024': 'TEAMS_SERVICE_ERROR',
    '50033': 'TEAMS_SERVICE_ERROR',
    '90055': 'TEAMS_SERVICE_ERROR',
    '50196': 'TEAMS_SERVICE_ERROR',
};

interface MsalError {
    errorCode?: string;
    errorNo?: string;
    errorMessage?: string;
    message?: string;
}

/** What MSAL throws, as a sentence that names the field an administrator must change. */
export function signInError(thrown: unknown, context: SignInContext): SyncError {
    if (thrown instanceof SyncError) return thrown;
    const error = (thrown ?? {}) as MsalError;
    const text = error.errorMessage ?? error.message ?? '';
    const number = error.errorNo ?? /AADSTS(\d+)/.exec(text)?.[1];
    const code = number ? `AADSTS${number}` : (error.errorCode ?? 'unknown');
    const known = number ? codes[number] : undefined;
    if (known) return new SyncError(known, { ...context, code, detail: code }, thrown);
    const who = context.account ?? `client ${context.clientId}`;
    return new SyncError('TEAMS_SIGN_IN_REFUSED', { who, detail: firstSentence(text) || code }, thrown);
}

function firstSentence(text: string): string {
    return text.split(/[\r\n]| Trace ID/)[0]?.slice(0, 200) ?? '';
}
