import { configuration, input, outage } from './sentence';

/** What can go wrong with a PBX, and what an administrator reads of it in English and German. */
export const pbxErrors = {
    PBX_UNREACHABLE: outage(
        'PBX {host} cannot be reached ({detail})',
        'Die PBX {host} ist nicht erreichbar ({detail})',
    ),
    PBX_NO_WEBSOCKET: outage(
        '{host} answers, but offers no App websocket there (HTTP {status}): check the address and the module',
        '{host} antwortet, bietet dort aber keinen App-Websocket an (HTTP {status}): Prüfen Sie Adresse und Modul',
    ),
    PBX_CERTIFICATE_UNTRUSTED: configuration(
        'The certificate of PBX {host} is not trusted ({detail}): choose a TLS configuration with its CA, or pin its fingerprint',
        'Dem Zertifikat der PBX {host} wird nicht vertraut ({detail}): Wählen Sie eine TLS-Konfiguration mit seiner Zertifizierungsstelle, oder heften Sie seinen Fingerabdruck an',
    ),
    PBX_CERTIFICATE_CHANGED: configuration(
        'PBX {host} has another certificate than the pinned one: its SHA-256 fingerprint is {found}, pinned is {expected}. If the PBX was given a new certificate, pin that one',
        'Die PBX {host} hat ein anderes Zertifikat als das angeheftete: Sein SHA-256-Fingerabdruck ist {found}, angeheftet ist {expected}. Hat die PBX ein neues Zertifikat bekommen, heften Sie dieses an',
    ),
    PBX_NAME_IS_DNS: configuration(
        'PBX name must be the name alone, not a DNS name: enter {name} instead of {entered}',
        'Der PBX-Name muss der Name allein sein, kein DNS-Name: Geben Sie {name} statt {entered} ein',
    ),
    PBX_NAME_MISMATCH: configuration(
        'PBX {host} says that its PBX name is {found}, not {expected}: correct the PBX name',
        'Die PBX {host} nennt sich {found}, nicht {expected}: Berichtigen Sie den PBX-Namen',
    ),
    PBX_NOT_CALLED: outage(
        'No PBX has called yet: in the App object {app}, enter the address of this node as URL and tick "Websocket"',
        'Noch hat keine PBX angerufen: Tragen Sie im App-Objekt {app} die Adresse dieses Nodes als URL ein und setzen Sie den Haken „Websocket“',
    ),
    PBX_CALL_REFUSED: configuration(
        'A caller at {host} knows another password: enter the password of App object {app} here and in the PBX alike',
        'Ein Anrufer bei {host} kennt ein anderes Passwort: Geben Sie das Passwort des App-Objekts {app} hier und in der PBX gleich ein',
    ),
    PBX_CALLER_UNKNOWN: configuration(
        'The PBX at {host} calls as App object {found}, not {app}: correct the name of the App object',
        'Die PBX bei {host} ruft als App-Objekt {found} an, nicht als {app}: Berichtigen Sie den Namen des App-Objekts',
    ),
    PBX_APP_TWICE: configuration(
        'PBX {pbx} calls as App object {used} and as App object {other}, and only {used} is used: clear the tick "Websocket" of the other one, or give it another URL',
        'Die PBX {pbx} ruft als App-Objekt {used} und als App-Objekt {other} an, und nur {used} wird verwendet: Nehmen Sie beim anderen den Haken „Websocket“ weg, oder geben Sie ihm eine andere URL',
    ),
    PBX_CONNECTION_LOST: outage('Connection to PBX {host} was lost', 'Die Verbindung zur PBX {host} ist abgebrochen'),
    PBX_SILENT: outage(
        'PBX {host} did not answer within {seconds} s',
        'Die PBX {host} hat nicht innerhalb von {seconds} s geantwortet',
    ),
    PBX_NOT_READING: outage(
        'PBX {host} takes no more messages: the connection was given up',
        'Die PBX {host} nimmt keine Nachrichten mehr an: Die Verbindung wurde aufgegeben',
    ),
    PBX_LOGIN_REFUSED: configuration(
        'PBX {host} refused the login: name or password of App object {app} is wrong',
        'Die PBX {host} hat die Anmeldung abgelehnt: Name oder Passwort des App-Objekts {app} ist falsch',
    ),
    PBX_API_MISSING: configuration(
        'App object {app} may not use {api}: tick it in the App object of the PBX',
        'Das App-Objekt {app} darf {api} nicht verwenden: Setzen Sie im App-Objekt der PBX den Haken',
    ),
    PBX_TABLE_REFUSED: configuration(
        'The PBX does not give its user table: {detail}',
        'Die PBX gibt ihre Benutzertabelle nicht heraus: {detail}',
    ),
    PBX_TABLE_LOSSY: outage(
        'PBX {host} has not given its user table without gaps: it is read again, more slowly',
        'Die PBX {host} hat ihre Benutzertabelle nicht lückenlos herausgegeben: Sie wird noch einmal gelesen, langsamer',
    ),
    PBX_REQUEST_REFUSED: input(
        'The PBX refused to {what} of {user}: {detail}',
        'Die PBX hat die Anfrage für {user} abgelehnt ({what}): {detail}',
    ),
    PBX_OWN_ENTRY_REFUSED: configuration(
        'The PBX takes no presence beside the own one of the user: ours is set in its place, and the own one comes back afterwards',
        'Die PBX nimmt keine Präsenz neben der des Benutzers an: Unsere wird an deren Stelle gesetzt, und danach gilt wieder die des Benutzers',
    ),
    PBX_ACTIVITY_UNTAKEN: configuration(
        'The PBX does not take the activity {activity}: busy is set, with a note that says {activity}',
        'Die PBX nimmt die Aktivität {activity} nicht an: Gesetzt wird „beschäftigt“ (busy) mit einer Notiz, die {activity} nennt',
    ),
    PBX_CALLS_NOT_ALLOWED: configuration(
        'Calls in Teams show as busy, not as on-the-phone: that needs PbxImpersonation, to be ticked in the App object of the PBX',
        'Gespräche in Teams erscheinen als „beschäftigt“ (busy), nicht als „am Telefon“ (on-the-phone): Dafür ist PbxImpersonation nötig, anzuhaken im App-Objekt der PBX',
    ),
    PBX_CALL_NOT_SHOWN: configuration(
        'Calls in Teams show as busy where the PBX refuses to show on-the-phone, first for {user}: {detail}',
        'Gespräche in Teams erscheinen als „beschäftigt“ (busy), wo die PBX „am Telefon“ (on-the-phone) ablehnt, zuerst bei {user}: {detail}',
    ),
    PBX_USER_UNKNOWN: input(
        'No PBX user with the address {user} takes part',
        'Kein PBX-Benutzer mit der Adresse {user} nimmt teil',
    ),
    PBX_USER_NAMELESS: input(
        'Without a Name in the PBX, by which it tells and takes presence; enter one under PBX > Objects: {user}',
        'Ohne Namen in der PBX, ohne den sie keine Präsenz mitteilt und annimmt; tragen Sie unter PBX > Objects einen ein: {user}',
    ),
    PBX_USER_EXCLUDED: input(
        'On the list of those who take no part: {user}',
        'Auf der Liste derer, die nicht teilnehmen: {user}',
    ),
    PBX_USER_NOT_LISTED: input(
        'Not on the list of those who take part: {user}',
        'Nicht auf der Liste derer, die teilnehmen: {user}',
    ),
    PBX_USER_NOT_IN_GROUP: input(
        'In none of the PBX groups {groups}: {user}',
        'In keiner der PBX-Gruppen {groups}: {user}',
    ),
    PBX_USER_NOT_IN_GROUP_ITSELF: input(
        'In none of the PBX groups {groups}, as far as the PBX says, which may keep back groups of a Config Template: if one of them is meant, add the user to the group, or to the list of those who always take part: {user}',
        'In keiner der PBX-Gruppen {groups}, soweit die PBX es sagt, die Gruppen eines „Config Template“ womöglich verschweigt: Ist eine solche gemeint, fügen Sie den Benutzer der Gruppe selbst hinzu oder der Liste derer, die immer teilnehmen: {user}',
    ),
    PBX_USER_UNLICENSED: input(
        'Without the licence {licence}, of their own or from their Config Template: {user}',
        'Ohne die Lizenz {licence}, weder als eigene noch aus dem „Config Template“: {user}',
    ),
    PBX_USER_LICENCE_UNKNOWN: input(
        'The PBX could not yet say ({detail}) whether the licence {licence} is held; it is asked again soon: {user}',
        'Die PBX konnte noch nicht sagen ({detail}), ob die Lizenz {licence} vorhanden ist; sie wird bald wieder gefragt: {user}',
    ),
    PBX_USER_AMBIGUOUS: input(
        '{user} can be matched with more than one user ({others}) and so is with none: enter the right pair by hand in the PBX connection',
        'Zu {user} passt mehr als ein Benutzer ({others}), daher wird keiner zugeordnet: Tragen Sie das richtige Paar von Hand in der PBX-Verbindung ein',
    ),
    PBX_SUBSCRIPTION_REFUSED: input(
        'The PBX refuses to tell the presence of {user}: {detail}',
        'Die PBX lehnt es ab, die Präsenz von {user} mitzuteilen: {detail}',
    ),
    PBX_PRESENCE_HIDDEN: input(
        'The PBX does not show the presence of {user}: PBX > Objects > Config Template or user > Visibility > add {app} with Online, Presence, Presence note and On the phone',
        'Die PBX zeigt die Präsenz von {user} nicht: PBX > Objects > „Config Template“ oder Benutzer > „Visibility“ > {app} mit „Online“, „Presence“, „Presence note“ und „On the phone“ eintragen',
    ),
    PBX_HOME_AWAY: input(
        '{user} is homed at PBX {pbx}, which is not connected, or lacks the tick PbxAdminApi by which it tells its name: until it is, the last state counts for a quarter of an hour',
        '{user} gehört zur PBX {pbx}, die nicht verbunden ist oder ohne den Haken PbxAdminApi ihren Namen nicht nennt: Bis dahin gilt der letzte Stand eine Viertelstunde lang',
    ),
    PBX_NAME_UNCHECKED: configuration(
        'PBX {host} does not say whether it is {expected}: to check the PBX name, tick PbxAdminApi in App object {app}',
        'PBX {host} sagt nicht, ob sie {expected} ist: Damit der PBX-Name geprüft werden kann, setzen Sie im App-Objekt {app} den Haken PbxAdminApi',
    ),
    PBX_HOMES_UNCLEAR: configuration(
        'Users are homed at {homes}, and PBX {host} does not say which of them it is, so all are looked for there: enter the PBX name, or tick PbxAdminApi in App object {app}',
        'Benutzer gehören zu den PBXen {homes}, und PBX {host} sagt nicht, welche davon sie ist; darum werden alle dort gesucht: Tragen Sie den PBX-Namen ein, oder setzen Sie im App-Objekt {app} den Haken PbxAdminApi',
    ),
    PBX_WORDS_EXPECTED: input(
        '{value} is a Teams activity; put a presence-map before this node',
        '{value} ist eine Aktivität von Teams; setzen Sie einen Node „Präsenz umsetzen“ (presence-map) vor diesen Node',
    ),
};
