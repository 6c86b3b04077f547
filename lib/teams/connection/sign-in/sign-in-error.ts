import type { ServerError } from '@azure/msal-node';
import { type ErrorCode, SyncError } from '../../../errors/errors';
import type { Nameless } from '../../../errors/phrases';
import type { RetrySchedule } from '../../../time/retry-schedule';
import { codeOf, type Means } from './entra-codes';

const minute = 60_000;

/** Who signs in where; goes into the sentence. Never a secret. */
export interface SignInContext {
    tenant: string;
    clientId: string;
    /** Address of the communication user, absent for the app itself. */
    account?: string;
    /** What was tried, where that changes what the administrator must do. */
    means?: Means;
    /** The app proves itself by the token of somebody else. */
    isFederated?: boolean;
}

export class SignInError extends SyncError {
    /** Milliseconds before which nothing is asked again: a wait that Microsoft asks for, or the rest of a re-check. */
    readonly retryAfter: number | undefined;

    constructor(code: ErrorCode, parameters: SyncError['parameters'] = {}, retryAfter?: number, cause?: unknown) {
        super(code, parameters, cause);
        this.retryAfter = retryAfter;
    }

    /** The same error, told again `retryAfter` ms before the next attempt. */
    repeated(retryAfter: number): SignInError {
        return new SignInError(this.code, this.parameters, retryAfter, this.cause);
    }
}

/** Entra's error document, as MSAL names its fields. */
export type EntraRefusal = Partial<
    Pick<ServerError, 'errorCode' | 'errorNo' | 'subError' | 'errorMessage' | 'message'>
>;

/** The number of the AADSTS code in a refusal; undefined where there is none. */
export function numberOf(refusal: EntraRefusal): string | undefined {
    return refusal.errorNo || /AADSTS(\d+)/.exec(refusal.errorMessage ?? refusal.message ?? '')?.[1];
}

/**
 * What MSAL throws, as a sentence that names what an administrator must change.
 *
 * Microsoft reserves the right to change the numbers, so `suberror` and `error` decide where a number is not known.
 * @see https://learn.microsoft.com/entra/identity-platform/reference-error-codes#handling-error-codes-in-your-application
 */
export function signInError(thrown: unknown, context: SignInContext): SignInError {
    if (thrown instanceof SignInError) return thrown;
    if (thrown instanceof SyncError) return new SignInError(thrown.code, thrown.parameters, undefined, thrown);
    const refusal = (thrown ?? {}) as EntraRefusal;
    const number = numberOf(refusal);
    const shown = number ? `AADSTS${number}` : (refusal.errorCode ?? 'unknown');
    const { tenant, clientId, means } = context;
    // Who signs in by hand is known when that is done.
    const isNameless = context.account === undefined && means !== undefined;
    const [ofNobody, nobody]: Nameless[] = ['of this sign-in', 'the account of this sign-in'];
    const account = isNameless ? ofNobody : context.account;
    const who = isNameless ? nobody : (account ?? `client ${clientId}`);
    const code = codeOf({ ...refusal, number }, context);
    if (code) {
        const retryAfter = number === '50196' ? loopPause : undefined;
        return new SignInError(
            code,
            { tenant, clientId, account, who, code: shown, detail: shown },
            retryAfter,
            thrown,
        );
    }
    const text = refusal.errorMessage ?? refusal.message ?? '';
    return new SignInError('TEAMS_SIGN_IN_REFUSED', { who, detail: firstSentence(text) || shown }, undefined, thrown);
}

/** Entra has seen too many like requests from us (AADSTS50196). */
const loopPause = 5 * minute;

function firstSentence(text: string): string {
    return text.split(/[\r\n]| Trace ID/)[0]?.slice(0, 200) ?? '';
}

/**
 * How long to wait, in ms, before what an administrator must change is looked at again, in case it was changed. A
 * sign-in waits longest: trying often would keep an account locked.
 */
export function recheckAfter(error: SyncError): number {
    if (!(error instanceof SignInError)) return minute;
    if (error.retryAfter !== undefined) return error.retryAfter;
    if (soonAgain.includes(error.code)) return minute;
    return 15 * minute;
}

/**
 * Nothing is asked of Microsoft until an administrator has signed in at the dialog, or before there is a token; and a
 * token that has grown old is written anew by something that has only slept.
 */
const soonAgain: readonly ErrorCode[] = [
    'TEAMS_SIGN_IN_AGAIN',
    'TEAMS_SIGN_IN_MISSING',
    'TEAMS_TOKEN_FILE_UNREADABLE',
    'TEAMS_IDENTITY_REFUSED',
    'TEAMS_FEDERATED_TOKEN_OLD',
];

/** Milliseconds to wait after any error: what Microsoft asks for, else back-off for an outage and a re-check otherwise. */
export function attemptAfter(error: SyncError, schedule: RetrySchedule): number {
    if (error.kind !== 'outage') return recheckAfter(error);
    const asked = (error as { retryAfter?: number }).retryAfter ?? 0;
    return Math.max(asked, schedule.next());
}
