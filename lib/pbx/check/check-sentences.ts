/** What a check of a PBX can say besides the sentences of errors; `{name}` is replaced by the parameter of that name. */
export const pbxCheckSentences = {
    CHECK_PBX_REACHED: 'PBX {host} answers',
    CHECK_PBX_CERTIFICATE:
        'Its certificate is trusted: {subject}, valid until {date}, SHA-256 fingerprint {fingerprint}',
    CHECK_PBX_FINGERPRINT:
        'PBX {host} has the certificate {subject}, valid until {date}, with the SHA-256 fingerprint {fingerprint}: compare it with the one that the PBX shows under General > Certificates before you pin it',
    CHECK_PBX_NO_TLS: 'The connection with PBX {host} is not encrypted: use wss://',
    CHECK_PBX_LOGGED_IN: 'App object {app} logs in',
    CHECK_PBX_NAME: 'The PBX is called {pbx}, in the system {domain}',
    CHECK_PBX_NAME_AND_VERSION: 'The PBX is called {pbx}, in the system {domain}, version {version}',
    CHECK_PBX_NAME_UNKNOWN:
        'The PBX does not say what it is called: tick "Admin", or users of slaves cannot be told apart and the domain of the system must be entered',
    CHECK_PBX_API_TICKED: '{api} may be used',
    CHECK_PBX_API_NEEDED:
        '{api} may not be used, and nothing works without it: PBX > Objects > {app} > tick "{tick}" under the APIs that are granted',
    CHECK_PBX_ADMIN_MISSING:
        'PbxAdminApi may not be used: licences of users, the name of the PBX and missing rights cannot be read. PBX > Objects > {app} > tick "{tick}" under the APIs that are granted',
    CHECK_PBX_IMPERSONATION_MISSING:
        'PbxImpersonation may not be used: a call in Teams is shown as busy, not as on the phone. PBX > Objects > {app} > tick "{tick}" under the APIs that are granted',
    CHECK_PBX_RCC_MISSING:
        'RCC may not be used: calls are seen only of users who allow it under Visibility. PBX > Objects > {app} > tick "{tick}" under the APIs that are granted',
    CHECK_PBX_USERS: 'The PBX has {count} users',
    CHECK_PBX_NO_USERS: 'The PBX tells of no users',
    CHECK_PBX_PARTICIPANTS: '{count} of {all} users take part',
    CHECK_PBX_NO_PARTICIPANTS: 'None of the {all} users takes part: {why} ({detail})',
    CHECK_PBX_HOLDERS_NOT_COUNTED:
        'Holders of the licence {licence} take part; who of {count} users holds it is not counted here, since that takes long',
    CHECK_PBX_ALL_VISIBLE: 'The presence of all {count} users who take part may be seen',
    CHECK_PBX_NOT_VISIBLE:
        'The presence of {count} of {all} users who take part may not be seen ({names}): PBX > Objects > Config Template or user > Visibility > add {app} with Online, Presence, Presence note and On the phone',
    CHECK_PBX_WAITING: 'The PBX calls this node: deploy it, and set the URL of App object {app}',
} as const;

/** What a line of a check says, beyond the codes of errors. */
export type PbxCheckCode = keyof typeof pbxCheckSentences;
