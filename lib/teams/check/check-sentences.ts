import type { Sentence } from '../../errors/sentence';
import { type CheckLine as Line, lineMaker, type CheckReport as Report } from '../../support/check-report';

/** What a check can say besides the sentences of errors, in English and German. */
export const checkSentences = {
    CHECK_TENANT_FOUND: { en: 'Tenant {tenant} exists', de: 'Den Mandanten {tenant} gibt es' },
    CHECK_APP_SIGNED_IN: {
        en: 'The app registration {app} signs in',
        de: 'Die App-Registrierung {app} meldet sich an',
    },
    CHECK_ACCOUNTS_ONLY: {
        en: 'Without client secret or certificate only communication users sign in',
        de: 'Ohne Clientgeheimnis oder Zertifikat melden sich nur Kommunikationsbenutzer an',
    },
    CHECK_PROOF_MISSING: {
        en: 'A client secret or a certificate is missing: create one under Entra admin center > App registrations > {app} > Certificates & secrets',
        de: 'Ein Clientgeheimnis oder ein Zertifikat fehlt: Erstellen Sie eines unter Entra Admin Center > App-Registrierungen > {app} > Zertifikate & Geheimnisse',
    },
    CHECK_ROLE_GRANTED: {
        en: 'Application permission {permission} is granted',
        de: 'Die Anwendungsberechtigung {permission} ist erteilt',
    },
    CHECK_ROLE_MISSING: {
        en: 'Application permission {permission} is missing: Entra admin center > App registrations > {app} > API permissions > Add a permission > Microsoft Graph > Application permissions > {permission}, then Grant admin consent',
        de: 'Die Anwendungsberechtigung {permission} fehlt: Entra Admin Center > App-Registrierungen > {app} > API-Berechtigungen > Berechtigung hinzufügen > Microsoft Graph > Anwendungsberechtigungen > {permission}, danach Administratorzustimmung erteilen',
    },
    CHECK_SCOPE_GRANTED: {
        en: 'Delegated permission {permission} is granted',
        de: 'Die delegierte Berechtigung {permission} ist erteilt',
    },
    CHECK_SCOPE_MISSING: {
        en: 'Delegated permission {permission} is missing: Entra admin center > App registrations > {app} > API permissions > Add a permission > Microsoft Graph > Delegated permissions > {permission}, then Grant admin consent',
        de: 'Die delegierte Berechtigung {permission} fehlt: Entra Admin Center > App-Registrierungen > {app} > API-Berechtigungen > Berechtigung hinzufügen > Microsoft Graph > Delegierte Berechtigungen > {permission}, danach Administratorzustimmung erteilen',
    },
    CHECK_CERTIFICATE_VALID: {
        en: 'The certificate {subject} is valid until {date}',
        de: 'Das Zertifikat {subject} gilt bis {date}',
    },
    CHECK_CERTIFICATE_EXPIRES_SOON: {
        en: 'The certificate {subject} ends in {days} days, on {date}: make a new one and upload its public part under Certificates & secrets',
        de: 'Das Zertifikat {subject} endet in {days} Tagen, am {date}: Erstellen Sie ein neues und laden Sie seinen öffentlichen Teil unter „Zertifikate & Geheimnisse“ hoch',
    },
    CHECK_CERTIFICATE_EXPIRED: {
        en: 'The certificate {subject} has ended on {date}: make a new one and upload its public part under Certificates & secrets',
        de: 'Das Zertifikat {subject} ist seit {date} abgelaufen: Erstellen Sie ein neues und laden Sie seinen öffentlichen Teil unter „Zertifikate & Geheimnisse“ hoch',
    },
    CHECK_SECRET_VALID: {
        en: 'By the date entered, the client secret is valid until {date}',
        de: 'Nach dem eingetragenen Datum gilt das Clientgeheimnis bis {date}',
    },
    CHECK_SECRET_ENDS_SOON: {
        en: 'The client secret ends in {days} days, on {date}: create a new one under Certificates & secrets and enter it with its date',
        de: 'Das Clientgeheimnis endet in {days} Tagen, am {date}: Erstellen Sie unter „Zertifikate & Geheimnisse“ ein neues, und tragen Sie es mit seinem Datum ein',
    },
    CHECK_SECRET_ENDED: {
        en: 'By the date entered, the client secret has ended on {date}: enter the new one, or the date of the one that is in use',
        de: 'Nach dem eingetragenen Datum ist das Clientgeheimnis seit {date} abgelaufen: Tragen Sie das neue ein, oder das Datum des verwendeten',
    },
    CHECK_ACCOUNT_SIGNED_IN: { en: 'Account {account} signs in', de: 'Das Konto {account} meldet sich an' },
    CHECK_PUBLIC_CLIENT_ALLOWED: {
        en: '"Allow public client flows" is set to Yes',
        de: '„Öffentliche Clientflows zulassen“ steht auf „Ja“',
    },
    CHECK_NO_SECOND_FACTOR: {
        en: 'No second factor is asked of {account}',
        de: 'Von {account} wird kein zweiter Faktor verlangt',
    },
    CHECK_LICENCE_FOUND: {
        en: 'Account {account} has a Teams licence',
        de: 'Das Konto {account} hat eine Teams-Lizenz',
    },
    CHECK_LICENCE_MISSING: {
        en: 'Account {account} has no Teams licence: if it cannot follow presence, assign one under Microsoft 365 admin center > Users > Active users > Licenses and apps',
        de: 'Das Konto {account} hat keine Teams-Lizenz: Falls es der Präsenz nicht folgen kann, weisen Sie ihm eine zu, unter Microsoft 365 Admin Center > Benutzer > Aktive Benutzer > Lizenzen und Apps',
    },
    CHECK_LICENCE_UNKNOWN: {
        en: 'Whether {account} has a Teams licence could not be read',
        de: 'Ob {account} eine Teams-Lizenz hat, war nicht zu lesen',
    },
    CHECK_ADDRESS_INSIDE: {
        en: 'Microsoft cannot reach {host} from the internet: it is an address of a private network',
        de: 'Microsoft erreicht {host} nicht aus dem Internet: Es ist eine Adresse eines privaten Netzes',
    },
    CHECK_ADDRESS_QUERY: {
        en: 'The public address ends in "{query}": proxies may drop that, and it tells notifications from nothing. Leave it away',
        de: 'Die öffentliche Adresse endet mit „{query}“: Proxys können das weglassen, und es unterscheidet nichts. Lassen Sie es weg',
    },
    CHECK_ADDRESS_NOT_DEPLOYED: {
        en: 'Nothing listens for this address yet: deploy first',
        de: 'Für diese Adresse ist noch nichts empfangsbereit: Übernehmen Sie sie zuerst (Deploy)',
    },
    CHECK_ADDRESS_CERTIFICATE: {
        en: 'The certificate of {host} is trusted, and valid until {date}',
        de: 'Das Zertifikat von {host} ist vertrauenswürdig und gilt bis {date}',
    },
    CHECK_ADDRESS_UNTRUSTED: {
        en: 'The certificate of {host} is not trusted ({detail}): Microsoft wants one of a public authority, with its whole chain',
        de: 'Das Zertifikat von {host} ist nicht vertrauenswürdig ({detail}): Microsoft verlangt eines einer öffentlichen Zertifizierungsstelle mit der ganzen Kette',
    },
    CHECK_ADDRESS_OTHER_CERTIFICATE: {
        en: '{host} shows another certificate than the port of this node: a proxy stands between, or a new certificate is not used yet',
        de: '{host} zeigt ein anderes Zertifikat als der Port dieses Nodes: Ein Proxy steht dazwischen, oder ein neues Zertifikat wird noch nicht verwendet',
    },
    CHECK_ADDRESS_RIGHT: {
        en: '{host} leads here and answers as Microsoft expects',
        de: '{host} führt hierher und antwortet, wie Microsoft es erwartet',
    },
    CHECK_ADDRESS_ELSEWHERE: {
        en: '{host} answers as Microsoft expects, but {path} does not lead to this Node-RED: correct the proxy',
        de: '{host} antwortet, wie Microsoft es erwartet, aber {path} führt nicht zu diesem Node‑RED: Korrigieren Sie den Proxy',
    },
    CHECK_ADDRESS_WRONG: {
        en: '{host} does not answer as Microsoft expects (HTTP {status}): the proxy must forward exactly {path}, without a password and unchanged',
        de: '{host} antwortet nicht, wie Microsoft es erwartet (HTTP {status}): Der Proxy muss genau {path} weiterleiten, ohne Passwort und unverändert',
    },
    CHECK_ADDRESS_UNREACHABLE: {
        en: '{host} cannot be reached from here ({detail}). Many networks do not lead back inside: open the address from outside, such as with a mobile phone',
        de: '{host} ist von hier aus nicht erreichbar ({detail}). Viele Netze führen nicht wieder hinein: Öffnen Sie die Adresse von außen, etwa mit einem Mobiltelefon',
    },
    CHECK_MICROSOFT_CAME: {
        en: 'Microsoft came last on {date} (UTC)',
        de: 'Microsoft kam zuletzt am {date} (UTC)',
    },
    CHECK_MICROSOFT_NEVER: {
        en: 'Microsoft has not come since Node-RED was started',
        de: 'Microsoft ist seit dem Start von Node‑RED nicht gekommen',
    },
} satisfies Record<string, Sentence>;

/** What a line of a check says, beyond the codes of errors. */
type CheckCode = keyof typeof checkSentences;

/** What was looked at: `sign-in`, `permission:User.Read.All`, `certificate`, `licence`… */
export type CheckLine = Line<CheckCode>;
export type CheckReport = Report<CheckCode>;

export const line = lineMaker(checkSentences);
