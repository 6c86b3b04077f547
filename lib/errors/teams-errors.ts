import { configuration, input, outage } from './sentence';

/** What can go wrong with Microsoft, and what an administrator reads of it in English and German. */
export const teamsErrors = {
    TEAMS_SUBSCRIBER_TWICE: configuration(
        'Another teams-subscriber already uses this app registration: remove one of them',
        'Ein anderer Node „teams-subscriber“ verwendet diese App‑Registrierung schon: Entfernen Sie einen der beiden',
    ),
    TEAMS_ACCOUNT_TWICE: configuration(
        'Another teams-subscriber follows with account {account} of the same app registration, which has one subscription only: remove one of the two, or the flow that was imported twice',
        'Ein anderer Node „teams-subscriber“ folgt mit dem Konto {account} derselben App‑Registrierung, das nur ein Abonnement hat: Entfernen Sie einen der beiden oder den Flow, der zweimal importiert wurde',
    ),
    TEAMS_RECEIVER_TWICE: configuration(
        'Another teams-notification-receiver already serves this app registration: remove one of them',
        'Ein anderer Node „teams-notification-receiver“ bedient diese App‑Registrierung schon: Entfernen Sie einen der beiden',
    ),
    TEAMS_NOTIFICATION_EXPECTED: input(
        'msg.payload holds no notification of Microsoft Graph: an object, text or buffer with "value" is expected',
        'msg.payload enthält keine Benachrichtigung von Microsoft Graph: Erwartet wird ein Objekt, Text oder Buffer mit „value“',
    ),
    TEAMS_NOTIFICATIONS_FULL: input(
        'Too many notifications wait: send this one again later',
        'Zu viele Benachrichtigungen warten: Senden Sie diese später noch einmal',
    ),
    TEAMS_UNREACHABLE: outage('{host} cannot be reached ({detail})', '{host} ist nicht erreichbar ({detail})'),
    TEAMS_CERTIFICATE_UNTRUSTED: outage(
        'The certificate that {host} shows is not trusted ({detail}). Where a proxy looks into the traffic, choose a TLS configuration with its CA as Extra CA of the app registration',
        'Das Zertifikat, das {host} zeigt, ist nicht vertrauenswürdig ({detail}). Sieht ein Proxy in den Verkehr, wählen Sie in der App‑Registrierung als „Zusätzliche CA“ eine TLS-Konfiguration mit seiner CA',
    ),
    TEAMS_CERTIFICATE_OUTDATED: outage(
        'The certificate that {host} shows is not valid at this time ({detail}): set the clock of this computer right, or renew the certificate of the proxy that looks into the traffic',
        'Das Zertifikat, das {host} zeigt, gilt zu dieser Zeit nicht ({detail}): Stellen Sie die Uhr dieses Rechners richtig, oder erneuern Sie das Zertifikat des Proxys, der in den Verkehr sieht',
    ),
    TEAMS_CERTIFICATE_ELSEWHERE: outage(
        '{host} shows the certificate of another host ({detail}): check the name server, the proxy, and whether the network asks to log in first',
        '{host} zeigt das Zertifikat eines anderen Hosts ({detail}): Prüfen Sie den Nameserver, den Proxy und ob das Netz zuerst eine Anmeldung verlangt',
    ),
    TEAMS_TIMEOUT: outage(
        '{host} did not answer within {seconds} s',
        '{host} hat nicht innerhalb von {seconds} s geantwortet',
    ),
    TEAMS_THROTTLED: outage('Microsoft asks to slow down', 'Microsoft verlangt weniger Anfragen'),
    TEAMS_SERVICE_ERROR: outage(
        'Microsoft reports a temporary fault ({detail})',
        'Microsoft meldet eine vorübergehende Störung ({detail})',
    ),
    TEAMS_TOKEN_REFUSED: outage(
        'Microsoft Graph does not accept a sign-in that has just been made: it is tried again ({detail})',
        'Microsoft Graph nimmt eine eben erst erfolgte Anmeldung nicht an: es wird weiter versucht ({detail})',
    ),
    TEAMS_CLOUD_UNSUPPORTED: configuration(
        'The China cloud has no presence API: this registration cannot be used',
        'Die China-Cloud hat keine Präsenz-API: Diese Registrierung kann nicht verwendet werden',
    ),
    TEAMS_TENANT_UNKNOWN: configuration(
        'Tenant {tenant} does not exist ({code})',
        'Den Mandanten {tenant} gibt es nicht ({code})',
    ),
    TEAMS_TENANT_SHARED: configuration(
        'Tenant must be the domain or the id of your own tenant, not one that all share ({code})',
        'Der Mandant muss die Domäne oder die ID Ihres eigenen Mandanten sein, nicht eine, die sich alle teilen ({code})',
    ),
    TEAMS_CLOUD_WRONG: configuration(
        'Tenant {tenant} lives in another cloud: choose the right one ({code})',
        'Der Mandant {tenant} liegt in einer anderen Cloud: Wählen Sie die richtige ({code})',
    ),
    TEAMS_CLIENT_ID_UNKNOWN: configuration(
        'Client id {clientId} is not known in tenant {tenant} ({code})',
        'Die Client-ID {clientId} ist im Mandanten {tenant} nicht bekannt ({code})',
    ),
    TEAMS_APP_DISABLED: configuration(
        'The app {clientId} is disabled: enable it under Enterprise applications > Properties ({code})',
        'Die App {clientId} ist deaktiviert: Aktivieren Sie sie unter „Unternehmensanwendungen > Eigenschaften“ ({code})',
    ),
    TEAMS_SECRET_WRONG: configuration(
        'Client secret is wrong: enter its value, not its id ({code})',
        'Das Clientgeheimnis ist falsch: Geben Sie seinen Wert ein, nicht seine ID ({code})',
    ),
    TEAMS_SECRET_EXPIRED: configuration(
        'Client secret has expired: create a new one ({code})',
        'Das Clientgeheimnis ist abgelaufen: Erstellen Sie ein neues ({code})',
    ),
    TEAMS_SECRET_FORBIDDEN: configuration(
        'The tenant forbids client secrets (app management policy): sign in with a certificate or a federated credential ({code})',
        'Der Mandant verbietet Clientgeheimnisse (App-Verwaltungsrichtlinie): Melden Sie sich mit einem Zertifikat oder mit Verbundanmeldeinformationen an ({code})',
    ),
    TEAMS_SECRET_MISSING: configuration(
        'Client secret is missing, or "Allow public client flows" must be set to Yes ({code})',
        'Das Clientgeheimnis fehlt, oder „Öffentliche Clientflows zulassen“ muss auf „Ja“ stehen ({code})',
    ),
    TEAMS_SECRET_UNEXPECTED: configuration(
        'The app registration takes no client secret: leave the field empty ({code})',
        'Die App-Registrierung nimmt kein Clientgeheimnis an: Lassen Sie das Feld leer ({code})',
    ),
    TEAMS_PUBLIC_CLIENT_REFUSED: configuration(
        'Sign-in with a device code needs "Allow public client flows" set to Yes under Authentication of the app registration ({code})',
        'Für die Anmeldung mit Gerätecode muss „Öffentliche Clientflows zulassen“ unter „Authentifizierung“ der App-Registrierung auf „Ja“ stehen ({code})',
    ),
    TEAMS_FEDERATION_REFUSED: configuration(
        'The app registration does not trust this token: its federated credential under Certificates & secrets must name the issuer, the subject and the audience of the token, to the letter ({code})',
        'Die App-Registrierung vertraut diesem Token nicht: Ihre Verbundanmeldeinformationen unter „Zertifikate & Geheimnisse“ müssen Aussteller, Antragsteller und Zielgruppe des Tokens nennen, buchstabengetreu ({code})',
    ),
    TEAMS_FEDERATION_ISSUER: configuration(
        'Microsoft cannot check the token: the keys of its issuer must be published at its address, for all the internet to read ({code})',
        'Microsoft kann das Token nicht prüfen: Die Schlüssel seines Ausstellers müssen unter dessen Adresse veröffentlicht und aus dem Internet lesbar sein ({code})',
    ),
    TEAMS_FEDERATED_TOKEN_OLD: configuration(
        'The token of the federated credential is not valid at this time: what writes it must renew it, and the clock must be right ({code})',
        'Das Token der Verbundanmeldeinformationen ist zurzeit nicht gültig: Was es schreibt, muss es erneuern, und die Uhr muss richtig gehen ({code})',
    ),
    TEAMS_TOKEN_FILE_UNREADABLE: configuration(
        'The token file {file} cannot be used: {why}',
        'Die Tokendatei {file} kann nicht verwendet werden: {why}',
    ),
    TEAMS_IDENTITY_UNREACHABLE: outage(
        'This machine does not answer as one with a managed identity: it must be in Azure, or run the agent of Azure Arc ({detail})',
        'Dieser Rechner antwortet nicht wie einer mit verwalteter Identität: Er muss in Azure laufen, oder der Agent von Azure Arc auf ihm ({detail})',
    ),
    TEAMS_IDENTITY_REFUSED: configuration(
        'This machine gives no token of the managed identity: assign it to the machine, and with Azure Arc make the user of Node-RED a member of the group himds ({detail})',
        'Dieser Rechner gibt kein Token der verwalteten Identität heraus: Weisen Sie sie ihm zu, und nehmen Sie bei Azure Arc den Benutzer von Node-RED in die Gruppe himds auf ({detail})',
    ),
    TEAMS_CERTIFICATE_REFUSED: configuration(
        'The certificate does not belong to the app registration: upload its public part under Certificates & secrets ({code})',
        'Das Zertifikat gehört nicht zur App-Registrierung: Laden Sie seinen öffentlichen Teil unter „Zertifikate & Geheimnisse“ hoch ({code})',
    ),
    TEAMS_CERTIFICATE_EXPIRED: configuration(
        'The certificate is not valid at this time: make a new one and upload its public part ({code})',
        'Das Zertifikat ist zurzeit nicht gültig: Erstellen Sie ein neues, und laden Sie seinen öffentlichen Teil hoch ({code})',
    ),
    TEAMS_CERTIFICATE_UNREADABLE: configuration(
        'The certificate cannot be used: {why}',
        'Das Zertifikat kann nicht verwendet werden: {why}',
    ),
    TEAMS_CLOCK_WRONG: configuration(
        'The clock of this computer differs from that of Microsoft: set it right ({code})',
        'Die Uhr dieses Rechners weicht von der bei Microsoft ab: Stellen Sie sie richtig ({code})',
    ),
    TEAMS_ACCOUNT_NAME_INVALID: configuration(
        '{account} is no user name of Microsoft 365: enter one such as sync1@contoso.com',
        '{account} ist kein Benutzername von Microsoft 365: Geben Sie einen wie sync1@contoso.com ein',
    ),
    TEAMS_ACCOUNT_NAME_MISSING: configuration(
        'User name in row {row} is missing',
        'Der Benutzername in Zeile {row} fehlt',
    ),
    TEAMS_PASSWORD_MISSING: configuration('Password of {account} is missing', 'Das Passwort von {account} fehlt'),
    TEAMS_PASSWORD_WRONG: configuration(
        'Password of {account} is wrong ({code})',
        'Das Passwort von {account} ist falsch ({code})',
    ),
    TEAMS_PASSWORD_NONE: configuration(
        'Account {account} has no password in the directory: use an account of the cloud, or sign in with browser or device code ({code})',
        'Das Konto {account} hat im Verzeichnis kein Passwort: Nehmen Sie ein reines Cloudkonto, oder melden Sie es mit Browser oder Gerätecode an ({code})',
    ),
    TEAMS_ACCOUNT_UNKNOWN: configuration(
        'Account {account} does not exist in this tenant ({code})',
        'Das Konto {account} gibt es in diesem Mandanten nicht ({code})',
    ),
    TEAMS_ACCOUNT_LOCKED: configuration(
        'Account {account} is locked after wrong passwords, or signs in from an address that Microsoft blocks: unlock it or wait ({code})',
        'Das Konto {account} ist nach falschen Passwörtern gesperrt, oder die Anmeldung kommt von einer Adresse, die Microsoft blockiert: Entsperren Sie es, oder warten Sie ({code})',
    ),
    TEAMS_ACCOUNT_DISABLED: configuration(
        'Account {account} is disabled ({code})',
        'Das Konto {account} ist deaktiviert ({code})',
    ),
    TEAMS_ACCOUNT_UNASSIGNED: configuration(
        '{who} is not assigned to the app: add it under Enterprise applications > Users and groups, or set "Assignment required" to No ({code})',
        '{who} ist der App nicht zugewiesen: Fügen Sie es unter „Unternehmensanwendungen > Benutzer und Gruppen“ hinzu, oder setzen Sie „Zuweisung erforderlich“ auf „Nein“ ({code})',
    ),
    TEAMS_PASSWORD_EXPIRED: configuration(
        'Password of {account} has expired: set a new one that never expires ({code})',
        'Das Passwort von {account} ist abgelaufen: Setzen Sie ein neues, das nie abläuft ({code})',
    ),
    TEAMS_MFA_REQUIRED: configuration(
        'Account {account} must sign in with a second factor: exclude it from MFA, or sign in with browser or device code ({code})',
        'Das Konto {account} muss sich mit einem zweiten Faktor anmelden: Nehmen Sie es von MFA aus, oder melden Sie es mit Browser oder Gerätecode an ({code})',
    ),
    TEAMS_POLICY_REFUSES: configuration(
        'Conditional Access or security defaults keep {who} out: exclude it from that policy ({code})',
        'Der bedingte Zugriff oder die Sicherheitsstandards lassen {who} nicht zu: Nehmen Sie es von dieser Richtlinie aus ({code})',
    ),
    TEAMS_SIGN_IN_AGAIN: configuration(
        'Account {account} must sign in again: press "Sign in" in its row ({code})',
        'Das Konto {account} muss sich neu anmelden: Drücken Sie in seiner Zeile „Anmelden“ ({code})',
    ),
    TEAMS_SIGN_IN_MISSING: configuration(
        'Account {account} has not signed in yet: press "Sign in" in its row',
        'Das Konto {account} hat sich noch nicht angemeldet: Drücken Sie in seiner Zeile „Anmelden“',
    ),
    TEAMS_PERMISSIONS_NEEDED: configuration(
        'The app registration lacks {permissions}: grant it under API permissions, with admin consent',
        'Der App-Registrierung fehlt {permissions}: Erteilen Sie sie unter „API-Berechtigungen“, mit Administratorzustimmung',
    ),
    TEAMS_DEVICE_CODE_EXPIRED: configuration(
        'The code was not entered in time: ask for a new one, or where Microsoft refused it choose "Browser" ({code})',
        'Der Code wurde nicht rechtzeitig eingegeben: Fordern Sie einen neuen an, oder wählen Sie „Browser“, falls Microsoft ihn abgelehnt hat ({code})',
    ),
    TEAMS_DEVICE_CODE_BLOCKED: configuration(
        'A Conditional Access policy blocks sign-in with a device code: choose "Browser" in this row, or exclude the account from that policy ({code})',
        'Eine Richtlinie für bedingten Zugriff sperrt die Anmeldung mit Gerätecode: Wählen Sie in dieser Zeile „Browser“, oder nehmen Sie das Konto von dieser Richtlinie aus ({code})',
    ),
    TEAMS_REDIRECT_UNKNOWN: configuration(
        'The address to which the browser is led back is not registered: add the one that the dialog shows under Authentication of the app registration ({code})',
        'Die Adresse, zu der der Browser zurückgeleitet wird, ist nicht registriert: Fügen Sie die im Dialog gezeigte unter „Authentifizierung“ der App-Registrierung hinzu ({code})',
    ),
    TEAMS_REDIRECT_KIND: configuration(
        'The address to which the browser is led back belongs under "Mobile and desktop applications": remove it from the other platforms under Authentication of the app registration ({code})',
        'Die Adresse, zu der der Browser zurückgeleitet wird, gehört unter „Mobilgerät- und Desktopanwendungen“: Entfernen Sie sie unter „Authentifizierung“ der App-Registrierung bei den anderen Plattformen ({code})',
    ),
    TEAMS_BROWSER_SIGN_IN_OLD: configuration(
        'This sign-in has expired, was used already or belongs to another attempt: press "Sign in" once more ({code})',
        'Diese Anmeldung ist abgelaufen, wurde schon verwendet oder gehört zu einem anderen Versuch: Drücken Sie noch einmal „Anmelden“ ({code})',
    ),
    TEAMS_REDIRECT_PASTED_WRONG: input(
        'This is not the address to which Microsoft leads back: copy all of it, from http to the end',
        'Das ist nicht die Adresse, zu der Microsoft zurückleitet: Kopieren Sie sie ganz, von http bis zum Ende',
    ),
    TEAMS_DEVICE_CODE_DECLINED: configuration(
        'The sign-in was declined ({code})',
        'Die Anmeldung wurde abgelehnt ({code})',
    ),
    TEAMS_DEVICE_CODE_CANCELLED: input('The sign-in was cancelled', 'Die Anmeldung wurde abgebrochen'),
    TEAMS_CONSENT_MISSING: configuration(
        'Admin consent is missing: grant it under API permissions of the app registration ({code})',
        'Die Administratorzustimmung fehlt: Erteilen Sie sie unter „API-Berechtigungen“ der App-Registrierung ({code})',
    ),
    TEAMS_SIGN_IN_REFUSED: configuration(
        'Sign-in of {who} was refused: {detail}',
        'Die Anmeldung von {who} wurde abgelehnt: {detail}',
    ),
    TEAMS_PERMISSION_MISSING: configuration(
        'The app registration lacks a permission to {what} ({detail})',
        'Der App-Registrierung fehlt eine Berechtigung ({what}; {detail})',
    ),
    TEAMS_SUBSCRIPTION_CONFLICT: outage(
        'Account {account} already has a presence subscription that could not be removed yet',
        'Das Konto {account} hat schon ein Präsenz-Abonnement, das noch nicht entfernt werden konnte',
    ),
    TEAMS_SUBSCRIPTION_FOREIGN: configuration(
        'Account {account} already sends notifications to {url}: if another installation uses it, give each its own accounts; if that address was yours, its subscription ends within the hour',
        'Das Konto {account} meldet schon an {url}: Nutzt es eine andere Installation, geben Sie jeder eigene Konten; war es Ihre Adresse, endet ihr Abonnement innerhalb einer Stunde',
    ),
    TEAMS_CLOUD_WITHOUT_NOTIFICATIONS: configuration(
        'Microsoft sends no notifications of presence in the clouds of the US government: choose polling',
        'Microsoft meldet in den Clouds der US-Behörden keine Präsenz: Wählen Sie die Abfrage',
    ),
    TEAMS_SUBSCRIPTION_LIMIT: outage(
        'Microsoft makes no further presence subscription for {account} yet: {detail}',
        'Microsoft legt für {account} noch kein weiteres Präsenz-Abonnement an: {detail}',
    ),
    TEAMS_ENDPOINT_UNREACHABLE: outage(
        'The notification address {url} does not answer Microsoft as it must: {detail}',
        'Die Benachrichtigungsadresse {url} antwortet Microsoft nicht wie nötig: {detail}',
    ),
    TEAMS_REQUEST_REFUSED: input(
        'Microsoft refused to {what}: {detail}',
        'Microsoft hat die Anfrage abgelehnt ({what}): {detail}',
    ),
    TEAMS_GROUP_UNKNOWN: configuration(
        'The tenant has no group {group}: enter the name or the object id of one that exists',
        'Im Mandanten gibt es keine Gruppe {group}: Geben Sie den Namen oder die Objekt-ID einer vorhandenen Gruppe ein',
    ),
    TEAMS_GROUP_AMBIGUOUS: configuration(
        'Several groups are called {group}: enter the object id of the one that is meant',
        'Mehrere Gruppen heißen {group}: Geben Sie die Objekt-ID der gemeinten Gruppe ein',
    ),
    TEAMS_LIST_NOT_EXPECTED: input(
        'This node takes no messages: choose a list from messages as the users to follow',
        'Dieser Node nimmt keine Nachrichten an: Wählen Sie als Benutzer „Liste aus Nachrichten“',
    ),
    TEAMS_LIST_INVALID: input(
        'msg.payload must be a list of addresses or object ids of users, such as ["anna@contoso.com"]',
        'msg.payload muss eine Liste von Adressen oder Objekt-IDs von Benutzern sein, etwa ["anna@contoso.com"]',
    ),
    TEAMS_LIST_ACTION_UNKNOWN: input(
        'msg.action must be "replace", "add" or "remove" (or absent, for "replace"), not {action}',
        'msg.action muss „replace“, „add“ oder „remove“ sein (oder fehlen, dann gilt „replace“), nicht {action}',
    ),
    TEAMS_NO_ROOM: input(
        'The accounts have room for {room} users only, and the app may not read presence itself: add an account, or grant the application permission Presence.Read.All. Until then changes are seen only every {seconds} s',
        'Die Konten haben nur für {room} Benutzer Platz, und die App darf Präsenz nicht selbst lesen: Fügen Sie ein Konto hinzu, oder erteilen Sie die Anwendungsberechtigung Presence.Read.All. Bis dahin werden Änderungen nur alle {seconds} s gesehen',
    ),
    TEAMS_USER_NOT_SUBSCRIBED: input(
        'Microsoft refuses to notify changes of some users. Theirs are seen only every {seconds} s',
        'Microsoft lehnt es ab, Änderungen einiger Benutzer zu melden. Ihre werden nur alle {seconds} s gesehen',
    ),
    TEAMS_ACCOUNT_LOST: input(
        'The account that covers them cannot be used, and the others have no room. Changes are seen only every {seconds} s',
        'Das Konto, das für sie da ist, kann nicht verwendet werden, und die anderen haben keinen Platz. Änderungen werden nur alle {seconds} s gesehen',
    ),
    TEAMS_PRESENCE_UNANSWERED: input(
        'Microsoft does not tell the presence of some users: check that they still exist and have a Teams licence',
        'Microsoft nennt die Präsenz einiger Benutzer nicht: Prüfen Sie, ob es sie noch gibt und ob sie eine Teams-Lizenz haben',
    ),
    TEAMS_USER_UNKNOWN: input('No Teams user has the address {user}', 'Kein Teams-Benutzer hat die Adresse {user}'),
    TEAMS_PAIR_INVALID: input(
        'Teams accepts no presence {availability}/{activity}',
        'Teams nimmt die Präsenz {availability}/{activity} nicht an',
    ),
    TEAMS_WORDS_EXPECTED: input(
        '{value} is a PBX activity; put a presence-map before this node',
        '{value} ist eine Aktivität der PBX; setzen Sie einen Node „Präsenz umsetzen“ (presence-map) vor diesen Node',
    ),
};
