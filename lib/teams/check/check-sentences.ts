/** What a check can say besides the sentences of errors; `{name}` is replaced by the parameter of that name. */
export const checkSentences = {
    CHECK_TENANT_FOUND: 'Tenant {tenant} exists',
    CHECK_APP_SIGNED_IN: 'The app registration {app} signs in',
    CHECK_ACCOUNTS_ONLY: 'Without client secret or certificate only communication users sign in',
    CHECK_PROOF_MISSING:
        'A client secret or a certificate is missing: create one under Entra admin center > App registrations > {app} > Certificates & secrets',
    CHECK_ROLE_GRANTED: 'Application permission {permission} is granted',
    CHECK_ROLE_MISSING:
        'Application permission {permission} is missing: Entra admin center > App registrations > {app} > API permissions > Add a permission > Microsoft Graph > Application permissions > {permission}, then Grant admin consent',
    CHECK_SCOPE_GRANTED: 'Delegated permission {permission} is granted',
    CHECK_SCOPE_MISSING:
        'Delegated permission {permission} is missing: Entra admin center > App registrations > {app} > API permissions > Add a permission > Microsoft Graph > Delegated permissions > {permission}, then Grant admin consent',
    CHECK_CERTIFICATE_VALID: 'The certificate {subject} is valid until {date}',
    CHECK_CERTIFICATE_EXPIRES_SOON:
        'The certificate {subject} ends in {days} days, on {date}: make a new one and upload its public part under Certificates & secrets',
    CHECK_CERTIFICATE_EXPIRED:
        'The certificate {subject} has ended on {date}: make a new one and upload its public part under Certificates & secrets',
    CHECK_ACCOUNT_SIGNED_IN: 'Account {account} signs in',
    CHECK_PUBLIC_CLIENT_ALLOWED: '"Allow public client flows" is set to Yes',
    CHECK_NO_SECOND_FACTOR: 'No second factor is asked of {account}',
    CHECK_LICENCE_FOUND: 'Account {account} has a Teams licence',
    CHECK_LICENCE_MISSING:
        'Account {account} has no Teams licence: if it cannot follow presence, assign one under Microsoft 365 admin center > Users > Active users > Licenses and apps',
    CHECK_LICENCE_UNKNOWN: 'Whether {account} has a Teams licence could not be read',
} as const;

/** What a line of a check says, beyond the codes of errors. */
export type CheckCode = keyof typeof checkSentences;
