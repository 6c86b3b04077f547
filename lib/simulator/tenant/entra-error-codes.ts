/** How Entra refuses: HTTP status, OAuth error, suberror and sentence. */
export interface EntraErrorRow {
    status: number;
    error: string;
    /** With placeholders in braces. */
    text: string;
    suberror?: string;
    headers?: Record<string, string>;
}

function grant(text: string, suberror?: string): EntraErrorRow {
    return { status: 400, error: 'invalid_grant', text, ...(suberror ? { suberror } : {}) };
}

function client(text: string): EntraErrorRow {
    return { status: 401, error: 'invalid_client', text };
}

function unauthorized(text: string): EntraErrorRow {
    return { status: 400, error: 'unauthorized_client', text };
}

function request(text: string): EntraErrorRow {
    return { status: 400, error: 'invalid_request', text };
}

function transient(text: string): EntraErrorRow {
    return { status: 503, error: 'temporarily_unavailable', text };
}

function interaction(text: string): EntraErrorRow {
    return { status: 400, error: 'interaction_required', text };
}

function device(error: string, text: string): EntraErrorRow {
    return { status: 400, error, text };
}

const mfa =
    'Due to a configuration change made by your administrator, or because you moved to a new location, you must use multi-factor authentication to access';
const notInDirectory =
    'The user account {EUII Hidden} does not exist in the {tenant} directory. To sign into this application, the account must be added to the directory.';
const notInstalled =
    'This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant.';
const crossCloud = 'Confidential Client is not supported in Cross Cloud request.';
const noTenant =
    'No tenant-identifying information found in either the request or implied by any provided credentials.';
const oidcFailed = 'Request to External OIDC endpoint failed.';
const federation =
    'Check your federated identity credential Subject, Audience and Issuer against the presented assertion. https://learn.microsoft.com/entra/workload-id/workload-identity-federation';
const sessionEnded = 'The session is not valid due to password expiration or recent password change.';

/**
 * By AADSTS number. Status, error and suberror as responses of Entra show them where some are published.
 * @see https://learn.microsoft.com/entra/identity-platform/reference-error-codes
 */
export const entraErrorRows = {
    50011: request(
        "The redirect URI '{redirect}' specified in the request does not match the redirect URIs configured for the application '{client}'. Make sure the redirect URI sent in the request matches one added to your application in the Azure portal. Navigate to https://aka.ms/redirectUriMismatchError to learn more about how to troubleshoot this error.",
    ),
    50027: client('JWT token is invalid or malformed. {reason}'),
    50033: transient('A transient error has occurred. Please try again.'),
    50034: grant(notInDirectory),
    50048: client("Subject '{subject}' mismatches Issuer claim '{issuer}' in the client assertion."),
    50053: grant(
        "The account is locked, you've tried to sign in too many times with an incorrect user ID or password.",
    ),
    50055: grant('The password is expired.', 'user_password_expired'),
    50056: grant('Invalid or null password: password does not exist in the directory for this user.'),
    50057: grant('The user account is disabled.'),
    50059: request(noTenant),
    50072: grant(
        'Due to a configuration change made by your administrator, or because you moved to a new location, you must enroll in multi-factor authentication to access.',
        'basic_action',
    ),
    50074: grant('Strong Authentication is required.', 'basic_action'),
    50076: grant(`${mfa} '00000003-0000-0000-c000-000000000000'.`, 'basic_action'),
    50079: grant(
        "Due to a configuration change made by your administrator, or because you moved to a new location, you must enroll in multi-factor authentication to access '00000003-0000-0000-c000-000000000000'.",
        'basic_action',
    ),
    50126: grant('Error validating credentials due to invalid username or password.'),
    50128: request(`Invalid domain name - ${noTenant}`),
    50131: grant('Device is not in required device state. Conditional access failed.', 'message_only'),
    50132: grant(sessionEnded, 'bad_token'),
    50133: grant(sessionEnded, 'bad_token'),
    50144: grant("The user's Active Directory password has expired."),
    50147: request('Missing code challenge.'),
    50148: grant('The code_verifier does not match the code_challenge supplied in the authorization request for PKCE.'),
    50149: request('Invalid Code_Challenge_method parameter.'),
    50158: grant(
        'External security challenge not satisfied. User will be redirected to another page or authentication provider to satisfy additional authentication challenges.',
        'basic_action',
    ),
    50166: request(oidcFailed),
    50173: grant(
        "The provided grant has expired due to it being revoked, a fresh auth token is needed. The user might have changed or reset their password. The grant was issued on '{issued}' and the TokensValidFrom date (before which tokens are not valid) for this user is '{validFrom}'.",
        'bad_token',
    ),
    50196: grant('The server terminated an operation because it encountered a client request loop.'),
    50199: interaction(
        'For security reasons, user confirmation is required for this request. Please repeat the request allowing user interaction.',
    ),
    51004: grant(notInDirectory),
    53000: grant(
        'Device is not in required device state: compliant. Conditional Access policy requires a compliant device, and the device is not compliant.',
        'additional_action',
    ),
    53003: grant(
        'Access has been blocked by Conditional Access policies. The access policy does not allow token issuance.',
        'message_only',
    ),
    54005: grant(
        'OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an existing refresh token.',
    ),
    65001: grant(
        "The user or administrator has not consented to use the application with ID '{client}' named '{client}'. Send an interactive authorization request for this user and resource.",
        'consent_required',
    ),
    65004: { status: 400, error: 'access_denied', text: 'User declined to consent to access the app.' },
    70000: grant('Provided grant is invalid or malformed.'),
    70001: unauthorized("The application named '{client}' is disabled."),
    70003: {
        status: 400,
        error: 'unsupported_grant_type',
        text: "The app requested an unsupported grant type '{grant}'.",
    },
    70005: {
        status: 400,
        error: 'unsupported_response_type',
        text: "The app requested an unsupported response type '{type}'.",
    },
    70007: request("'{mode}' is not a supported value for 'response_mode'."),
    70008: grant(
        'The provided authorization code or refresh token has expired due to inactivity. Send a new interactive authorization request for this user and resource.',
    ),
    70016: device('authorization_pending', 'OAuth 2.0 device flow error. Authorization is pending. Continue polling.'),
    // The words of 70017 and 70018 are documented for the device code, their numbers are a guess.
    70017: device('authorization_declined', 'OAuth 2.0 device flow error. The user declined the authorization.'),
    70018: device('bad_verification_code', 'The verification code is not valid.'),
    70020: device(
        'expired_token',
        "The provided value for the input parameter 'device_code' is not valid. This device code has expired.",
    ),
    70021: client(`No matching federated identity record found for presented assertion. ${federation}`),
    70025: client("The client '{client}' has no configured federated identity credentials."),
    70043: grant(
        'The refresh token has expired or is invalid due to sign-in frequency checks by conditional access. The token was issued on {issued} and the maximum allowed lifetime for this request is {lifetime}.',
        'bad_token',
    ),
    90002: request(
        "Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud. Check with your subscription administrator, this may happen if there are no active subscriptions for the tenant.",
    ),
    90006: transient('The service is temporarily unavailable. Please retry later.'),
    90024: transient('A transient error has occurred. Please try again.'),
    90033: transient('A transient error has occurred. Please try again.'),
    90038: request(
        "Tenant '{tenant}' in this request belongs to another National Cloud. Current cloud instance does not federate with it.",
    ),
    90055: {
        status: 429,
        error: 'temporarily_unavailable',
        text: 'There are too many incoming requests.',
        headers: { 'retry-after': '10' },
    },
    90061: request(oidcFailed),
    90094: grant('The grant requires admin permission.', 'consent_required'),
    500011: {
        status: 400,
        error: 'invalid_resource',
        text: `The resource principal named {resource} was not found in the tenant named {tenant}. ${notInstalled}`,
    },
    501481: grant('The Code_Verifier does not match the code_challenge supplied in the authorization request.'),
    501491: request('Invalid size of Code_Challenge parameter.'),
    501661: request(oidcFailed),
    530032: grant('The tenant admin has configured a security policy that blocks this request.', 'message_only'),
    530035: grant('Access has been blocked by security defaults.', 'message_only'),
    650056: client(
        "Misconfigured application. This could be due to one of the following: the client has not listed any permissions for 'Microsoft Graph' in the requested permissions in the client's application registration. Or, the admin has not consented in the tenant. Client app ID: {client}.",
    ),
    700011: unauthorized("Application with identifier '{client}' was not found in the directory '{tenant}'."),
    700016: unauthorized(
        `Application with identifier '{client}' was not found in the directory '{tenant}'. ${notInstalled} You may have sent your authentication request to the wrong tenant.`,
    ),
    700023: client('Client assertion audience claim does not match Realm issuer.'),
    700024: client(
        'Client assertion is not within its valid time range. Current time: {now}, assertion valid from {from}, expiry time of assertion {to}.',
    ),
    700025: client("Client is public so neither 'client_assertion' nor 'client_secret' should be presented."),
    700027: client(
        "Client assertion contains an invalid signature. [Reason - {reason}, Thumbprint of key used by client: '{thumbprint}', Please visit the Azure Portal to see configured keys for app Id '{client}'.]",
    ),
    700082: grant(
        'The refresh token has expired due to inactivity. The token was issued on {issued} and was inactive for 90.00:00:00.',
        'bad_token',
    ),
    700211: client(
        `No matching federated identity record found for presented assertion issuer '{issuer}'. ${federation}`,
    ),
    700212: client(
        `No matching federated identity record found for presented assertion audience '{audience}'. ${federation}`,
    ),
    700213: client(
        `No matching federated identity record found for presented assertion subject '{subject}'. ${federation}`,
    ),
    700229: client(
        'Forbidden token type. Only app-only tokens can be used as Federated Identity Credentials for Microsoft Entra issuer.',
    ),
    900144: request("The request body must contain the following parameter: '{parameter}'."),
    900382: request(crossCloud),
    900432: request(crossCloud),
    900971: request('No reply address provided.'),
    1002012: {
        status: 400,
        error: 'invalid_scope',
        text: 'The provided value for scope {scope} is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI).',
    },
    7000112: unauthorized("Application '{client}'({client}) is disabled."),
    7000215: client(
        "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '{client}'.",
    ),
    7000216: client(
        "'client_assertion', 'client_secret' or 'request' is required for the 'client_credentials' grant type.",
    ),
    7000218: client("The request body must contain the following parameter: 'client_assertion' or 'client_secret'."),
    7000222: client(
        "The provided client secret keys for app '{client}' are expired. Visit the Azure portal to create new keys for your app: https://aka.ms/NewClientSecret, or consider using certificate credentials for added security: https://aka.ms/certCreds.",
    ),
    7000272: client(
        "The certificate with identifier {key} used to sign the federated credential could not be found in the metadata of identity provider {issuer}. Please validate that your Identity Provider's metadata exposes the key used to sign the incoming token.",
    ),
    9001023: request(
        'The grant type is not supported over the /common or /consumers endpoints. Please use the /organizations or tenant-specific endpoint.',
    ),
    9002313: grant('Invalid request. Request is malformed or invalid.'),
} satisfies Record<number, EntraErrorRow>;

/** The AADSTS numbers that the simulated Entra can answer with. */
export type EntraErrorCode = keyof typeof entraErrorRows;

/** The number as a code of the table; throws for a number that is not in it. @param text such as "50076" */
export function toEntraErrorCode(text: string): EntraErrorCode {
    const code = Number(text.replace(/^AADSTS/i, ''));
    if (code in entraErrorRows) return code as EntraErrorCode;
    throw new Error(`The simulated Entra does not know AADSTS${code}`);
}
