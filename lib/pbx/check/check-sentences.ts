import type { Sentence } from '../../errors/sentence';

/** What a check of a PBX can say besides the sentences of errors, in English and German. */
export const pbxCheckSentences = {
    CHECK_PBX_REACHED: { en: 'PBX {host} answers', de: 'Die PBX {host} antwortet' },
    CHECK_PBX_CERTIFICATE: {
        en: 'Its certificate is trusted: {subject}, valid until {date}, SHA-256 fingerprint {fingerprint}',
        de: 'Ihrem Zertifikat wird vertraut: {subject}, gültig bis {date}, SHA-256-Fingerabdruck {fingerprint}',
    },
    CHECK_PBX_FINGERPRINT: {
        en: 'PBX {host} has the certificate {subject}, valid until {date}, with the SHA-256 fingerprint {fingerprint}: compare it with the one that the PBX shows under General > Certificates before you pin it',
        de: 'Die PBX {host} hat das Zertifikat {subject}, gültig bis {date}, mit dem SHA-256-Fingerabdruck {fingerprint}: Vergleichen Sie ihn mit dem, den die PBX unter „General > Certificates“ zeigt, bevor Sie ihn anheften',
    },
    CHECK_PBX_NO_TLS: {
        en: 'The connection with PBX {host} is not encrypted: use wss://',
        de: 'Die Verbindung mit der PBX {host} ist nicht verschlüsselt: Verwenden Sie wss://',
    },
    CHECK_PBX_LOGGED_IN: { en: 'App object {app} logs in', de: 'Das App-Objekt {app} meldet sich an' },
    CHECK_PBX_NAME: {
        en: 'The PBX is called {pbx}, in the system {domain}',
        de: 'Die PBX heißt {pbx}, im System {domain}',
    },
    CHECK_PBX_NAME_AND_VERSION: {
        en: 'The PBX is called {pbx}, in the system {domain}, version {version}',
        de: 'Die PBX heißt {pbx}, im System {domain}, Version {version}',
    },
    CHECK_PBX_NAME_UNKNOWN: {
        en: 'The PBX does not say what it is called: tick "Admin", or users of slaves cannot be told apart and the domain of the system must be entered',
        de: 'Die PBX sagt nicht, wie sie heißt: Setzen Sie den Haken „Admin“, sonst sind die Benutzer der Slaves nicht zu unterscheiden, und die Domäne des Systems muss eingetragen werden',
    },
    CHECK_PBX_API_TICKED: { en: '{api} may be used', de: '{api} darf verwendet werden' },
    CHECK_PBX_API_NEEDED: {
        en: '{api} may not be used, and nothing works without it: PBX > Objects > {app} > tick "{tick}" under the APIs that are granted',
        de: '{api} darf nicht verwendet werden, und ohne geht nichts: PBX > Objects > {app} > Haken „{tick}“ bei den freigegebenen APIs setzen',
    },
    CHECK_PBX_ADMIN_MISSING: {
        en: 'PbxAdminApi may not be used: licences of users, the name of the PBX and missing rights cannot be read. PBX > Objects > {app} > tick "{tick}" under the APIs that are granted',
        de: 'PbxAdminApi darf nicht verwendet werden: Lizenzen der Benutzer, der Name der PBX und fehlende Rechte sind nicht zu lesen. PBX > Objects > {app} > Haken „{tick}“ bei den freigegebenen APIs setzen',
    },
    CHECK_PBX_IMPERSONATION_MISSING: {
        en: 'PbxImpersonation may not be used: a call in Teams is shown as busy, not as on the phone. PBX > Objects > {app} > tick "{tick}" under the APIs that are granted',
        de: 'PbxImpersonation darf nicht verwendet werden: Ein Gespräch in Teams erscheint als „beschäftigt“, nicht als „am Telefon“. PBX > Objects > {app} > Haken „{tick}“ bei den freigegebenen APIs setzen',
    },
    CHECK_PBX_RCC_MISSING: {
        en: 'RCC may not be used: calls are seen only of users who allow it under Visibility. PBX > Objects > {app} > tick "{tick}" under the APIs that are granted',
        de: 'RCC darf nicht verwendet werden: Gespräche sind nur bei Benutzern zu sehen, die es unter „Visibility“ erlauben. PBX > Objects > {app} > Haken „{tick}“ bei den freigegebenen APIs setzen',
    },
    CHECK_PBX_USERS: { en: 'The PBX has {count} users', de: 'Die PBX hat {count} Benutzer' },
    CHECK_PBX_NO_USERS: { en: 'The PBX tells of no users', de: 'Die PBX nennt keine Benutzer' },
    CHECK_PBX_PARTICIPANTS: { en: '{count} of {all} users take part', de: '{count} von {all} Benutzern nehmen teil' },
    CHECK_PBX_NO_PARTICIPANTS: {
        en: 'None of the {all} users takes part: {why} ({detail})',
        de: 'Keiner der {all} Benutzer nimmt teil: {why} ({detail})',
    },
    CHECK_PBX_HOLDERS_NOT_COUNTED: {
        en: 'Holders of the licence {licence} take part; who of {count} users holds it is not counted here, since that takes long',
        de: 'Inhaber der Lizenz {licence} nehmen teil; wie viele der {count} Benutzer es sind, wird hier nicht gezählt, denn das dauert lange',
    },
    CHECK_PBX_ALL_VISIBLE: {
        en: 'The presence of all {count} users who take part may be seen',
        de: 'Die Präsenz aller {count} Benutzer, die teilnehmen, ist zu sehen',
    },
    CHECK_PBX_NOT_VISIBLE: {
        en: 'The presence of {count} of {all} users who take part may not be seen ({names}): PBX > Objects > Config Template or user > Visibility > add {app} with Online, Presence, Presence note and On the phone',
        de: 'Die Präsenz von {count} der {all} Benutzer, die teilnehmen, ist nicht zu sehen ({names}): PBX > Objects > „Config Template“ oder Benutzer > „Visibility“ > {app} mit „Online“, „Presence“, „Presence note“ und „On the phone“ eintragen',
    },
    CHECK_PBX_WAITING: {
        en: 'The PBX calls this node: deploy it, and set the URL of App object {app}',
        de: 'Die PBX ruft diesen Node an: Übernehmen Sie ihn (Deploy), und tragen Sie die URL im App-Objekt {app} ein',
    },
} satisfies Record<string, Sentence>;

/** What a line of a check says, beyond the codes of errors. */
export type PbxCheckCode = keyof typeof pbxCheckSentences;
