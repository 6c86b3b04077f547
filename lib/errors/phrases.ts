/** The fields of dialogs as error sentences name them, and their German. */
const fields = {
    'Users to follow': 'Benutzer',
    'The way changes arrive': 'Die Wahl, wie Änderungen kommen,',
    'The interval for people in a call': 'Der Abstand für Personen im Gespräch',
    'The interval for everybody else': 'Der Abstand für alle anderen',
    'A service plan': 'Ein Dienstplan',
    Group: 'Gruppe',
    Cloud: 'Cloud',
    Tenant: 'Mandant',
    'Client id': 'Client-ID',
    'Client secret': 'Clientgeheimnis',
    'App registration': 'App‑Registrierung',
    'Public address': 'Öffentliche Adresse',
    'Sign-in address': 'Anmeldeadresse',
    'Graph address': 'Graph-Adresse',
    'Address of the PBX': 'Adresse der PBX',
    'Name of the App object': 'Name des App-Objekts',
    'Password of the App object': 'Passwort des App-Objekts',
    'CA certificate': 'CA-Zertifikat',
    Fingerprint: 'Der Fingerabdruck',
    'PBX name': 'PBX-Name',
    'URL of the App object': 'URL des App-Objekts',
    'The choice who takes part': 'Die Wahl, wer teilnimmt,',
    'The choice how users match': 'Die Wahl der Zuordnung',
    'The choice who calls': 'Die Wahl, wer anruft,',
    'The choice where calls are seen': 'Die Wahl, woran Anrufe zu sehen sind,',
    'The choice after a gap': 'Die Wahl nach einer Lücke',
    'The choice what a call becomes': 'Die Wahl, was aus einem Anruf wird,',
    'The choice of the entry': 'Die Wahl des Eintrags',
    'The rate': 'Die Rate',
    'The settle time': 'Die Wartezeit',
    'The choice what is set': 'Die Wahl, was gesetzt wird,',
    'The choice for a status set by hand': 'Die Wahl für einen von Hand gewählten Status',
    'The choice for what is changed in Teams': 'Die Wahl für das in Teams Geänderte',
    'The choice for people who are offline': 'Die Wahl für Personen, die offline sind,',
    Licence: 'Lizenz',
    'The list of users': 'Die Liste der Benutzer',
    'A communication user': 'Ein Kommunikationsbenutzer',
    'TLS configuration': 'TLS-Konfiguration',
    Port: 'Port',
    'The choice of accounts': 'Die Auswahl der Konten',
    'The time under "Ends after"': 'Die Zeit unter „Endet nach“',
    'End of the client secret': 'Ende des Clientgeheimnisses',
    'Token file': 'Tokendatei',
    'Managed identity': 'Verwaltete Identität',
    Certificate: 'Zertifikat',
    'Password of the certificate': 'Passwort des Zertifikats',
    'Requests per 30 s': 'Anfragen je 30 s',
    PBX: 'PBX',
    httpNodeRoot: 'httpNodeRoot',
    HTTP_PROXY: 'Die Umgebungsvariable HTTP_PROXY',
    HTTPS_PROXY: 'Die Umgebungsvariable HTTPS_PROXY',
    ALL_PROXY: 'Die Umgebungsvariable ALL_PROXY',
} as const;

/** What can be wrong with a field, a certificate or a port, and its German. */
const reasons = {
    'it must be 0 to 60 seconds': 'Es müssen 0 bis 60 Sekunden sein',
    'it must be 1 to 60 seconds': 'Es müssen 1 bis 60 Sekunden sein',
    'it must be 2 to 300 seconds': 'Es müssen 2 bis 300 Sekunden sein',
    'its key is not RSA, and Microsoft takes nothing else':
        'Sein Schlüssel ist kein RSA-Schlüssel, und Microsoft nimmt nichts anderes an',
    'its key has less than 2048 bits': 'Sein Schlüssel hat weniger als 2048 Bit',
    'it does not belong to the private key': 'Es gehört nicht zum privaten Schlüssel',
    'it names no proxy, such as http://proxy.contoso.com:3128 (a % in its password is written as %25)':
        'Sie nennt keinen Proxy wie http://proxy.contoso.com:3128 (ein % in seinem Passwort wird als %25 geschrieben)',
    'it names an environment variable that is not set': 'Genannt ist eine Umgebungsvariable, die nicht gesetzt ist',
    'it must be a date such as 2027-03-31': 'Es muss ein Datum wie 2027-03-31 sein',
    'it holds no token': 'Sie enthält kein Token',
    'it is no PEM text': 'Es ist kein PEM-Text',
    'the private key is missing': 'Der private Schlüssel fehlt',
    'the certificate is missing beside the private key': 'Neben dem privaten Schlüssel fehlt das Zertifikat',
    'the private key needs its password': 'Der private Schlüssel braucht sein Passwort',
    'the password is wrong': 'Das Passwort ist falsch',
    'the private key is damaged': 'Der private Schlüssel ist beschädigt',
    'it is damaged': 'Es ist beschädigt',
    'the private key is missing: export it with the certificate':
        'Der private Schlüssel fehlt: Exportieren Sie ihn mit dem Zertifikat',
    'it holds more than one private key': 'Es enthält mehr als einen privaten Schlüssel',
    'it is no PFX file': 'Es ist keine PFX-Datei',
    'the file needs its password': 'Die Datei braucht ihr Passwort',
    'the file is protected in an unusual way; export it again with AES256-SHA256':
        'Die Datei ist ungewöhnlich geschützt; exportieren Sie sie neu mit AES256-SHA256',
    'SHA-256 has 64 hex digits': 'SHA-256 hat 64 Hexadezimalziffern',
    'it must begin with http:// or https://': 'Sie muss mit http:// oder https:// beginnen',
    'it needs a path of two parts, such as /pbx/presence-sync':
        'Sie braucht einen Pfad aus zwei Teilen wie /pbx/presence-sync',
    'another node has this path': 'Ein anderer Node hat diesen Pfad',
    'another PBX connection has this path': 'Eine andere PBX-Verbindung hat diesen Pfad',
    'it must be 1 to 1000 changes per second': 'Es müssen 1 bis 1000 Änderungen pro Sekunde sein',
    'everybody is listed under "Never"': 'Alle stehen unter „Nie“',
    'nobody is a member of these groups': 'Niemand ist Mitglied dieser Gruppen',
    'nobody holds this licence': 'Niemand hat diese Lizenz',
    'nobody goes by a name under "Always"': 'Niemand heißt so, wie unter „Immer“ steht',
    'it is an address, not a name': 'Es ist eine Adresse, kein Name',
    'it must not contain a user name or a password': 'Sie darf weder Benutzername noch Passwort enthalten',
    'it is no GUID': 'Es ist keine GUID',
    'it is the id of a secret: enter its value': 'Es ist die ID eines Geheimnisses: Geben Sie seinen Wert ein',
    'it is the id of the tenant': 'Es ist die ID des Mandanten',
    'it is neither a GUID nor a domain': 'Es ist weder eine GUID noch eine Domäne',
    'it must be 5 to 240 minutes': 'Es müssen 5 bis 240 Minuten sein',
    'it must begin with https://': 'Sie muss mit https:// beginnen',
    'it switches off the web server': 'Es schaltet den Webserver ab',
    'it is none of the choices': 'Es ist keine der Möglichkeiten',
    'enter a host, a host and port, or an address that begins with wss://':
        'Geben Sie einen Host, einen Host mit Port oder eine Adresse ein, die mit wss:// beginnt',
    'it must start with wss://': 'Sie muss mit wss:// beginnen',
    'it must not contain "#"': 'Sie darf kein „#“ enthalten',
    'it must be 1 to 65535': 'Er muss zwischen 1 und 65535 liegen',
    'it is in use': 'Er ist belegt',
    'it needs more rights': 'Dafür sind mehr Rechte nötig',
    'it holds no certificate with private key': 'Sie enthält kein Zertifikat mit privatem Schlüssel',
    'certificate and private key do not fit each other or cannot be read':
        'Zertifikat und privater Schlüssel passen nicht zueinander oder sind nicht lesbar',
    'it needs a path of its own, such as /teams-notifications':
        'Sie braucht einen eigenen Pfad wie /teams-notifications',
    'it must be 100 to 10000': 'Es müssen 100 bis 10000 sein',
    'deploy it first': 'Übernehmen Sie sie zuerst (Deploy)',
    'it holds no PEM certificate': 'Es enthält kein PEM-Zertifikat',
} as const;

/** Whose name is not known: "Account {account} is disabled". */
const whose = {
    'of this sign-in': 'dieser Anmeldung',
    'the account of this sign-in': 'das Konto dieser Anmeldung',
} as const;

/** Who signs in, before it is known. */
export type Nameless = keyof typeof whose;

/** A field as error sentences name it. */
export type Field = keyof typeof fields;

/** A reason, or the words of another program, which are the same in every language. */
export type Reason = keyof typeof reasons | Verbatim;

type Verbatim = string & { readonly verbatim: true };

/** Words of another program as a reason. */
export function verbatim(words: string): Verbatim {
    return words as Verbatim;
}

/** The German of a field, a reason or one without a name; other words stay as they are. */
export function germanOf(words: string): string {
    return german.get(words) ?? words;
}

const german: ReadonlyMap<string, string> = new Map(Object.entries({ ...fields, ...reasons, ...whose }));
