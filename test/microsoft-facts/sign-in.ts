import type { ErrorCode } from '../../lib/errors/errors';
import { account, app } from '../lib/simulator/tenant/tenant-fixture';
import type { Tests } from '../support/existing-tests';
import type { Fact } from './fact';

const source = 'https://learn.microsoft.com/entra/identity-platform/reference-error-codes';
const sentences = 'lib/teams/connection/sign-in/sign-in-error.test.ts';
const refusals = 'lib/teams/connection/sign-in/entra-trouble.test.ts';
const tokens = 'lib/teams/connection/sign-in/token-source.test.ts';
const check = 'lib/teams/check/check-registration.test.ts';
const device = 'lib/teams/connection/sign-in/device-code.test.ts';
const held = 'lib/teams/connection/sign-in/held-tokens.test.ts';

interface Refused {
    /** Whom Entra refuses. */
    who: 'account' | 'app';
    code: ErrorCode;
    sentence: string;
}

/** A line of numbers that all become one sentence, each with a test for the sentence and one against a tenant. */
function refused(line: string, fact: string, { who, code, sentence }: Refused, more: Tests = {}): Fact {
    const numbers = line.split(' ');
    const name = who === 'app' ? app.clientId : account.username;
    return {
        line,
        fact,
        source,
        tests: {
            ...more,
            [sentences]: numbers.map(number => `sign-in errors AADSTS${number}: ${sentence}`),
            [refusals]: [
                ...numbers.map(
                    number => `What Entra refuses ${name}, AADSTS${number}: ${code}, asked once in 15 minutes`,
                ),
                ...(more[refusals] ?? []),
            ],
        },
    };
}

/** What Entra's numbers mean, and what an administrator reads. */
export const signInFacts: readonly Fact[] = [
    refused(
        '50126',
        'Wrong user name or password - the account is named, and not locked by trying on',
        { who: 'account', code: 'TEAMS_PASSWORD_WRONG', sentence: 'Password of sync1@contoso.com is wrong' },
        {
            [tokens]: ['tokens name what is wrong with the account'],
            'lib/teams/reading/subscriptions/subscription-fleet.test.ts': [
                'SubscriptionFleet when an account fails signs in again only now and then',
            ],
        },
    ),
    refused(
        '50034 51004',
        'The user is not in this tenant',
        {
            who: 'account',
            code: 'TEAMS_ACCOUNT_UNKNOWN',
            sentence: 'Account sync1@contoso.com does not exist in this tenant',
        },
        { [tokens]: ['tokens name what is wrong with the account'] },
    ),
    refused('50053', 'Locked after wrong passwords, or a blocked address', {
        who: 'account',
        code: 'TEAMS_ACCOUNT_LOCKED',
        sentence:
            'Account sync1@contoso.com is locked after wrong passwords, or signs in from an address that Microsoft blocks: unlock it or wait',
    }),
    refused('50055 50144', 'The password has expired, in the cloud or on premises', {
        who: 'account',
        code: 'TEAMS_PASSWORD_EXPIRED',
        sentence: 'Password of sync1@contoso.com has expired: set a new one that never expires',
    }),
    refused('50056', 'The directory holds no password: federated or passwordless', {
        who: 'account',
        code: 'TEAMS_PASSWORD_NONE',
        sentence:
            'Account sync1@contoso.com has no password in the directory: use an account of the cloud, or sign in with browser or device code',
    }),
    refused('50057', 'The account is disabled', {
        who: 'account',
        code: 'TEAMS_ACCOUNT_DISABLED',
        sentence: 'Account sync1@contoso.com is disabled',
    }),
    refused(
        '50076 50074 50079 50072 50158',
        'A second factor is asked for - exclude the account, or sign in with browser or device code',
        {
            who: 'account',
            code: 'TEAMS_MFA_REQUIRED',
            sentence:
                'Account sync1@contoso.com must sign in with a second factor: exclude it from MFA, or sign in with browser or device code',
        },
        {
            [device]: [
                'Sign-in by device code serves an account with a second factor from then on, after a restart too',
            ],
            [check]: ['A check of an account tells TEAMS_MFA_REQUIRED in the line "second-factor"'],
        },
    ),
    refused('53003 530032 530035 53000 50131', 'Conditional Access, a policy, security defaults or the device', {
        who: 'account',
        code: 'TEAMS_POLICY_REFUSES',
        sentence: 'Conditional Access or security defaults keep sync1@contoso.com out: exclude it from that policy',
    }),
    refused(
        '65001 650056 90094',
        'Consent is missing, of an administrator',
        {
            who: 'account',
            code: 'TEAMS_CONSENT_MISSING',
            sentence: 'Admin consent is missing: grant it under API permissions of the app registration',
        },
        {
            [refusals]: ['65001', '650056'].map(
                number =>
                    `What Entra refuses ${app.clientId}, AADSTS${number}: TEAMS_CONSENT_MISSING, asked once in 15 minutes`,
            ),
        },
    ),
    refused(
        '7000218',
        'Neither secret nor assertion, and no public client - allow public client flows, or set a secret',
        {
            who: 'app',
            code: 'TEAMS_SECRET_MISSING',
            sentence: 'Client secret is missing, or "Allow public client flows" must be set to Yes',
        },
        {
            [check]: ['A check of an account tells that public client flows are not allowed'],
            [device]: [
                'Sign-in by device code works for a registration with a secret if it allows public client flows, and says so if not',
            ],
        },
    ),
    refused(
        '700025',
        'A public client has sent a secret',
        {
            who: 'app',
            code: 'TEAMS_SECRET_UNEXPECTED',
            sentence: 'The app registration takes no client secret: leave the field empty',
        },
        { [tokens]: ['tokens name what is wrong with the client secret, and never tells it'] },
    ),
    refused(
        '7000215',
        'A wrong secret, often its id',
        {
            who: 'app',
            code: 'TEAMS_SECRET_WRONG',
            sentence: 'Client secret is wrong: enter its value, not its id',
        },
        { [tokens]: ['tokens name what is wrong with the client secret, and never tells it'] },
    ),
    refused(
        '7000222',
        'The secret has expired',
        { who: 'app', code: 'TEAMS_SECRET_EXPIRED', sentence: 'Client secret has expired: create a new one' },
        { [tokens]: ['tokens name what is wrong and is healed once it has been put right at Microsoft'] },
    ),
    refused(
        '700027',
        'The certificate was not uploaded',
        {
            who: 'app',
            code: 'TEAMS_CERTIFICATE_REFUSED',
            sentence:
                'The certificate does not belong to the app registration: upload its public part under Certificates & secrets',
        },
        { [refusals]: ['What Entra refuses of a certificate that was not uploaded is told, without the key'] },
    ),
    refused(
        '700016 700011',
        'The app is not found in the tenant',
        {
            who: 'app',
            code: 'TEAMS_CLIENT_ID_UNKNOWN',
            sentence: 'Client id client-1 is not known in tenant contoso.com',
        },
        { [tokens]: ['tokens name what is wrong with the client id'] },
    ),
    refused('7000112 70001', 'The app is disabled', {
        who: 'app',
        code: 'TEAMS_APP_DISABLED',
        sentence: 'The app client-1 is disabled: enable it under Enterprise applications > Properties',
    }),
    refused(
        '90002 50059 50128',
        'The tenant is not found',
        { who: 'app', code: 'TEAMS_TENANT_UNKNOWN', sentence: 'Tenant contoso.com does not exist' },
        { [tokens]: ['tokens name what is wrong with the tenant'] },
    ),
    refused('90038 900382 900432', 'The tenant lives in another cloud', {
        who: 'app',
        code: 'TEAMS_CLOUD_WRONG',
        sentence: 'Tenant contoso.com lives in another cloud: choose the right one',
    }),
    refused('9001023', '"common" or "consumers" in place of a tenant', {
        who: 'app',
        code: 'TEAMS_TENANT_SHARED',
        sentence: 'Tenant must be the domain or the id of your own tenant, not one that all share',
    }),
    {
        line: '50173 700082 70043 50132 50133',
        fact: 'The refresh token is dead - with a password sign in once more, with a device code ask for it, and not Entra',
        source,
        tests: {
            [sentences]: ['50173', '700082', '70043', '50132', '50133'].map(
                number =>
                    `sign-in errors AADSTS${number}: Account sync1@contoso.com must sign in again: press "Sign in" in its row`,
            ),
            [refusals]: ['50173', '700082', '70043', '50132', '50133'].map(
                number =>
                    `What Entra refuses AADSTS${number} on the refresh token makes an account with a password sign in once more`,
            ),
            [device]: [
                'Sign-in by device code wants to be done again when the sign-in was revoked; Entra is not asked until then',
                ...['700082', '70043', '50132', '50133'].map(
                    number => `Sign-in by device code wants to be done again for AADSTS${number} on the refresh token`,
                ),
            ],
        },
    },
    {
        line: '50196',
        fact: 'Too many like requests from one client - no more of them for a while',
        source,
        tests: {
            [refusals]: [
                'What Entra refuses AADSTS50196 is an outage, for an app and for an account',
                'What Entra refuses AADSTS50196 silences us for five minutes: Entra has seen too many like requests',
            ],
            [tokens]: [
                'tokens are cached for the app: one request serves all, and one more after a refusal',
                'tokens are cached for an account: one request serves all, and one more after a refusal',
            ],
            [held]: ['held tokens ask once for all who wait'],
        },
    },
    {
        line: '90033 90006 90024 50033 90055',
        fact: 'A passing fault, or the tenant is throttled - try again with back-off, and no earlier than Entra asks',
        source,
        tests: {
            [sentences]: [
                ...['90033', '90006', '90024', '50033', '90055'].map(
                    number => `sign-in errors AADSTS${number} passes by itself`,
                ),
                'after a failure an outage is tried again with back-off, and no earlier than Microsoft asks',
            ],
            [refusals]: ['90033', '90006', '90024', '50033', '90055'].map(
                number => `What Entra refuses AADSTS${number} is an outage, for an app and for an account`,
            ),
            [tokens]: [429, 503].map(
                status =>
                    `tokens tell an outage from a mistake when the sign-in service answers ${status}, for no longer than it asks`,
            ),
            [held]: ['held tokens ask again at once after an outage, unless Microsoft asks to wait'],
        },
    },
    {
        line: 'numbers may change',
        fact: 'The numbers are for diagnosis and may change - `suberror` and `error` decide where a number is not known',
        source: `${source}#handling-error-codes-in-your-application`,
        tests: {
            [sentences]: [
                ['invalid_grant', 'basic_action', 'TEAMS_MFA_REQUIRED'],
                ['invalid_grant', 'message_only', 'TEAMS_POLICY_REFUSES'],
                ['invalid_grant', 'consent_required', 'TEAMS_CONSENT_MISSING'],
                ['invalid_grant', 'user_password_expired', 'TEAMS_PASSWORD_EXPIRED'],
                ['invalid_grant', 'bad_token', 'TEAMS_SIGN_IN_AGAIN'],
                ['temporarily_unavailable', undefined, 'TEAMS_SERVICE_ERROR'],
            ].map(
                ([error, suberror, code]) =>
                    `sign-in errors "${error}" with suberror "${suberror}" is ${code} where the number is not known`,
            ),
        },
    },
    {
        line: 'not to be repeated',
        fact: '50126, 50053, 50055, 50057, 7000215, 7000222 and 65001 stay until something is changed, and wrong passwords lock an account - one look in 15 minutes',
        source,
        tests: {
            [sentences]: [
                'after a failure a sign-in that an administrator must put right is tried every 15 minutes, whatever is wrong',
            ],
            [held]: [
                'held tokens do not ask again for 15 minutes what an administrator must put right, and tell how long that lasts',
            ],
            [refusals]: ['What Entra refuses does not make an account try its password when something else is wrong'],
            [check]: ['A check of an account shares a sign-in that there is already'],
            'lib/teams/reading/subscriptions/subscription-fleet.test.ts': [
                'SubscriptionFleet when an account fails signs in again only now and then',
            ],
            'lib/teams/reading/presence-follower.test.ts': [
                'PresenceFollower says what is wrong with the password of its account, and looks again only after a quarter of an hour',
            ],
        },
    },
];
