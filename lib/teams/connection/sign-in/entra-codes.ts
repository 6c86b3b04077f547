import type { ErrorCode } from '../../../errors/errors';

/** AADSTS numbers by the sentence they become. @see https://learn.microsoft.com/entra/identity-platform/reference-error-codes */
const numbers: Partial<Record<ErrorCode, string>> = {
    TEAMS_TENANT_UNKNOWN: '90002 50059 50128 900023 90019',
    TEAMS_TENANT_SHARED: '9001023 50194',
    TEAMS_CLOUD_WRONG: '90038 900382 900432 900384',
    TEAMS_CLIENT_ID_UNKNOWN: '700016 700011 900144',
    TEAMS_APP_DISABLED: '7000112 70001',
    TEAMS_SECRET_WRONG: '7000215 70002',
    TEAMS_SECRET_EXPIRED: '7000222',
    TEAMS_SECRET_MISSING: '7000218',
    TEAMS_SECRET_UNEXPECTED: '700025',
    TEAMS_CERTIFICATE_REFUSED: '700027 700030 50012',
    TEAMS_CERTIFICATE_EXPIRED: '1000502',
    TEAMS_CLOCK_WRONG: '700024',
    TEAMS_PASSWORD_WRONG: '50126 50064',
    TEAMS_PASSWORD_NONE: '50056',
    TEAMS_PASSWORD_EXPIRED: '50055 50144 50135',
    TEAMS_ACCOUNT_UNKNOWN: '50034 51004 50020 50014 16000 16003 90072',
    TEAMS_ACCOUNT_LOCKED: '50053',
    TEAMS_ACCOUNT_DISABLED: '50057',
    TEAMS_ACCOUNT_UNASSIGNED: '50105 501051',
    TEAMS_MFA_REQUIRED: '50072 50074 50076 50078 50079 50158 53004 53010',
    TEAMS_POLICY_REFUSES:
        '53003 530032 530034 530035 53000 53001 53002 53011 50131 50199 50005 50097 50129 50155 50187',
    TEAMS_CONSENT_MISSING: '65001 650056 650057 90008 90094 90095 90099 9002341 65004 65005 7000229',
    TEAMS_SIGN_IN_AGAIN: '50173 700082 70043 50132 50133 70008 700081 70000 50089',
    TEAMS_REDIRECT_UNKNOWN: '50011 70004 900971',
    TEAMS_REDIRECT_KIND: '9002325 9002326 9002327',
    TEAMS_BROWSER_SIGN_IN_OLD: '54005 50148 501481',
    TEAMS_FEDERATION_REFUSED: '70021 70025 700211 700212 700213 7002137 7002138 7002139 700222 700229',
    // 50166, 90061, 501661: "Request to External OIDC endpoint failed".
    TEAMS_FEDERATION_ISSUER: '7000272 50166 90061 501661',
    TEAMS_DEVICE_CODE_EXPIRED: '70018 70019 70020',
    TEAMS_DEVICE_CODE_DECLINED: '70017',
    // 8000x: the agent on premises that checks passwords is away or slow.
    TEAMS_SERVICE_ERROR:
        '90033 90006 90024 50033 90055 50196 50000 50087 90012 90090 90091 80001 80002 80005 80007 80014',
};

const byNumber = new Map(
    Object.entries(numbers).flatMap(([code, all]) =>
        all.split(' ').map(number => [number, code as ErrorCode] as const),
    ),
);

/** The `error` values that say enough by themselves. @see https://www.rfc-editor.org/rfc/rfc8628#section-3.5 */
const byError: Record<string, ErrorCode> = {
    temporarily_unavailable: 'TEAMS_SERVICE_ERROR',
    server_error: 'TEAMS_SERVICE_ERROR',
    consent_required: 'TEAMS_CONSENT_MISSING',
    expired_token: 'TEAMS_DEVICE_CODE_EXPIRED',
    code_expired: 'TEAMS_DEVICE_CODE_EXPIRED',
    authorization_declined: 'TEAMS_DEVICE_CODE_DECLINED',
    access_denied: 'TEAMS_DEVICE_CODE_DECLINED',
};

/** @see https://learn.microsoft.com/entra/msal/dotnet/advanced/exceptions/#handling-claim-challenge-exceptions-in-msalnet */
const bySubError: Record<string, ErrorCode> = {
    basic_action: 'TEAMS_MFA_REQUIRED',
    additional_action: 'TEAMS_POLICY_REFUSES',
    message_only: 'TEAMS_POLICY_REFUSES',
    protection_policy_required: 'TEAMS_POLICY_REFUSES',
    consent_required: 'TEAMS_CONSENT_MISSING',
    user_password_expired: 'TEAMS_PASSWORD_EXPIRED',
    bad_token: 'TEAMS_SIGN_IN_AGAIN',
    token_expired: 'TEAMS_SIGN_IN_AGAIN',
};

/** How an account signs in, where that changes what its administrator must do. */
export type Means = 'refresh-token' | 'device-code' | 'browser';

/**
 * The sentence for a refusal: for its AADSTS number, or for its words where that is not known. Undefined if neither says
 * anything.
 */
export function codeOf(
    {
        number = '',
        errorCode = '',
        subError = '',
        errorMessage = '',
    }: Partial<Record<'number' | 'errorCode' | 'subError' | 'errorMessage', string>>,
    { means, isFederated = false }: { means?: Means; isFederated?: boolean } = {},
): ErrorCode | undefined {
    const isDeadToken =
        means === 'refresh-token' && /^(invalid_grant|interaction_required|no_tokens_found)$/.test(errorCode);
    const own = (codes: Record<string, ErrorCode | undefined>, word: string) =>
        Object.hasOwn(codes, word) ? codes[word] : undefined;
    const ofAssertion = isFederated ? own(ofToken, number) : undefined;
    if (ofAssertion) return ofAssertion;
    // No number is published for it; these are the words with which Microsoft refuses to make a secret.
    const isForbidden = !byNumber.has(number) && /\bas per assigned policy\b/i.test(errorMessage);
    if (isForbidden) return 'TEAMS_SECRET_FORBIDDEN';
    // One number for what is unknown and for what has ended while we ran.
    if (number === '700027' && /\bkey used is expired\b/i.test(errorMessage)) return 'TEAMS_CERTIFICATE_EXPIRED';
    const byWords =
        own(bySubError, subError) ?? own(byError, errorCode) ?? (isDeadToken ? 'TEAMS_SIGN_IN_AGAIN' : undefined);
    return seenFrom(means, byNumber.get(number) ?? byWords);
}

/** What an assertion that is not made by us is refused for. */
const ofToken: Record<string, ErrorCode | undefined> = {
    700024: 'TEAMS_FEDERATED_TOKEN_OLD',
    50027: 'TEAMS_FEDERATION_REFUSED',
    50013: 'TEAMS_FEDERATION_REFUSED',
};

/** What a code means for one way of signing in. */
const byMeans: Record<Means, Partial<Record<ErrorCode, ErrorCode>>> = {
    // A second factor that is asked for ends with the user.
    'refresh-token': { TEAMS_MFA_REQUIRED: 'TEAMS_SIGN_IN_AGAIN' },
    'device-code': {
        TEAMS_SECRET_MISSING: 'TEAMS_PUBLIC_CLIENT_REFUSED',
        TEAMS_POLICY_REFUSES: 'TEAMS_DEVICE_CODE_BLOCKED',
    },
    browser: { TEAMS_SECRET_MISSING: 'TEAMS_REDIRECT_KIND', TEAMS_SIGN_IN_AGAIN: 'TEAMS_BROWSER_SIGN_IN_OLD' },
};

function seenFrom(means: Means | undefined, code: ErrorCode | undefined): ErrorCode | undefined {
    return (means && code && byMeans[means][code]) ?? code;
}
