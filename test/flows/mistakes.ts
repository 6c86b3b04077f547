import type { FlowNode } from '../support/checkout';

/** What is entered in place of the right values. */
export const wrong = {
    tenant: '5d1c7a52-0b0e-4a6a-9a37-0d4f3f0c9e11',
    clientId: '6e2d8b63-1c1f-4b7b-8b48-1e5a4a1d8f22',
    clientSecret: 'wrong~client~secret~7Q',
    accountPassword: 'wrong account password 8R',
    appPassword: 'wrong app password 9S',
};

/** None of these may show anywhere. */
export const secrets = [wrong.clientSecret, wrong.accountPassword, wrong.appPassword];

/** A node with a wrong setting, and what its status must say. */
export interface Mistake {
    what: string;
    /** Config nodes first; the last one is the node with the status. */
    nodes: FlowNode[];
    says: RegExp;
}

type Values = Record<string, unknown>;

const tab = '0ff1ce0900000000';
let count = 0x100;

function node(type: string, values: Values): FlowNode {
    count += 1;
    return { id: `0ff1ce09${count.toString(16).padStart(8, '0')}`, type, name: '', ...values };
}

function flowNode(type: string, values: Values): FlowNode {
    return node(type, { z: tab, x: 100, y: 100, wires: [[]], ...values });
}

const app = (values: Values): FlowNode => node('azure-app', { cloud: 'simulated', ...values });
const pbx = (values: Values): FlowNode => node('pbx-connection', { system: 'simulated', module: 'PBX0', ...values });

/** A registration of the real world that is complete; nothing is ever sent there. */
const registration = { cloud: 'worldwide', tenant: wrong.tenant, clientId: wrong.clientId };

function writerWith(values: Values): FlowNode[] {
    const config = app(values);
    return [config, flowNode('teams-presence-writer', { app: config.id })];
}

function receiverWith(values: Values, publicUrl = ''): FlowNode[] {
    const config = app(values);
    return [config, flowNode('teams-notification-receiver', { app: config.id, publicUrl })];
}

function subscriberWith(accounts: Values, registration: Values = {}): FlowNode[] {
    const [config, connection] = [app(registration), pbx({})];
    const list = node('teams-accounts', { app: config.id, accounts: [], ...accounts });
    return [config, connection, list, flowNode('teams-subscriber', { accounts: list.id, pbx: connection.id })];
}

/** Accounts sign in only if there is somewhere for notifications to go; until then everybody is polled. */
function notifiedSubscriberWith(accounts: Values): FlowNode[] {
    const nodes = subscriberWith(accounts);
    const [config] = nodes;
    return [flowNode('teams-notification-receiver', { app: config!.id, publicUrl: '' }), ...nodes];
}

function pbxInWith(values: Values): FlowNode[] {
    const config = pbx(values);
    return [config, flowNode('pbx-presence-in', { pbx: config.id })];
}

const innovaphone = { system: 'innovaphone', address: '127.0.0.1:9', appName: 'presence' };
const appPassword = { credentials: { password: wrong.appPassword } };
const clientSecret = { credentials: { clientSecret: wrong.clientSecret } };
const account = (username: string, password?: string) => ({
    accounts: [{ username, slot: 0 }],
    ...(password && { credentials: { password0: password } }),
});
const syncAccount = 'presence-sync-1@brandt-partner.example';
const nowhere = '0ff1ce0999999999';

const refused: [what: string, nodes: FlowNode[], says: RegExp][] = [
    ['tenant', writerWith({ tenant: wrong.tenant }), /^Tenant 5d1c7a52\S+ does not exist.*AADSTS90002/],
    ['client id', writerWith({ clientId: wrong.clientId }), /^Client id 6e2d8b63.*AADSTS700016/],
    ['client secret', writerWith(clientSecret), /^Client secret is wrong.*AADSTS7000215/],
    ['tenant of an account', subscriberWith({}, { tenant: wrong.tenant }), /^Tenant .*AADSTS90002/],
    ['client id of an account', subscriberWith({}, { clientId: wrong.clientId }), /^Client id .*AADSTS700016/],
    ['client secret of an account', subscriberWith({}, clientSecret), /^Client secret .*AADSTS7000215/],
    [
        'password of an account',
        notifiedSubscriberWith(account(syncAccount, wrong.accountPassword)),
        /^Password of presence-sync-1@brandt-partner\.example is wrong.*AADSTS50126/,
    ],
    [
        'user name of an account',
        notifiedSubscriberWith(account('nobody@brandt-partner.example', wrong.accountPassword)),
        /^Account nobody@brandt-partner\.example does not exist.*AADSTS50034/,
    ],
    ['name of the App object', pbxInWith({ appName: 'nobody' }), /name or password of App object nobody is wrong/],
    ['password of the App object', pbxInWith(appPassword), /name or password of App object presence-sync is wrong/],
];

const blank: typeof refused = [
    ['tenant', writerWith({ ...registration, ...clientSecret, tenant: ' ' }), /^Tenant is missing/],
    ['client id', writerWith({ ...registration, ...clientSecret, clientId: '' }), /^Client id is missing/],
    ['client secret', writerWith(registration), /^Client secret is missing/],
    ['sign-in URL', writerWith({ ...registration, ...clientSecret, cloud: 'custom' }), /^Sign-in .* is missing/],
    ['list of accounts', subscriberWith({}, registration), /^A communication user is missing/],
    ['user name in a row', subscriberWith(account('', wrong.accountPassword)), /User name in row 1 is missing/],
    ['password in a row', subscriberWith(account(syncAccount)), /^Password of presence-sync-1\S+ is missing/],
    ['public URL', receiverWith({ ...registration, ...clientSecret }), /^Public .* is missing/],
    [
        'address of the PBX',
        pbxInWith({ ...innovaphone, ...appPassword, address: '' }),
        /^Address of the PBX is missing/,
    ],
    [
        'name of the App object',
        pbxInWith({ ...innovaphone, ...appPassword, appName: '' }),
        /^Name of the App object is/,
    ],
    ['password of the App object', pbxInWith(innovaphone), /^Password of the App object is missing/],
];

const invalid: typeof refused = [
    ['tenant', writerWith({ ...registration, ...clientSecret, tenant: 'contoso' }), /^Tenant is not valid/],
    ['client id', writerWith({ ...registration, ...clientSecret, clientId: 'abc' }), /^Client id is not valid/],
    [
        'client id that is that of the tenant [A18]',
        writerWith({ ...registration, ...clientSecret, clientId: wrong.tenant.toUpperCase() }),
        /^Client id is not valid: it is the id of the tenant$/,
    ],
    [
        'user name of a Windows domain [A18]',
        subscriberWith(account('CONTOSO\\sync1', wrong.accountPassword)),
        /^CONTOSO\\sync1 is no user name of Microsoft 365: enter one such as/,
    ],
    [
        'user name without a domain [A18]',
        subscriberWith(account('sync1', wrong.accountPassword)),
        /^sync1 is no user name of Microsoft 365: enter one such as/,
    ],
    ...['+49 7031 7300911', 'Anna Brandt <anna@contoso.com>', 'mailto:anna@contoso.com', 'anna@contoso.com;'].map(
        name =>
            [
                `user name that is something else: ${name} [A18]`,
                subscriberWith(account(name, wrong.accountPassword)),
                / is no user name of Microsoft 365: enter one such as/,
            ] as (typeof refused)[number],
    ),
    [
        'sign-in URL',
        writerWith({ ...registration, cloud: 'custom', loginUrl: 'http://127.0.0.1' }),
        /^Sign-in .* is not valid/,
    ],
    ['cloud that has no presence', writerWith({ ...registration, ...clientSecret, cloud: 'china' }), /China/],
    ['cloud that nobody knows', writerWith({ ...registration, ...clientSecret, cloud: 'moon' }), /^Cloud is not valid/],
    ['public URL', receiverWith({}, 'http://presence.contoso.com/'), /^Public .* is not valid/],
    [
        'address of the PBX',
        pbxInWith({ ...innovaphone, ...appPassword, address: 'http://x' }),
        /^Address of the PBX is not/,
    ],
    ['lease', [flowNode('teams-presence-writer', { app: '', lease: 3 })], / is not valid: it must be 5 to 240 minutes/],
];

const missing: typeof refused = [
    [
        'app of a writer',
        [flowNode('teams-presence-writer', { app: nowhere })],
        /^(Azure app|App registration) is missing/,
    ],
    [
        'app of a receiver',
        [flowNode('teams-notification-receiver', { app: nowhere })],
        /^(Azure app|App registration) is missing/,
    ],
    [
        'accounts of a subscriber',
        [flowNode('teams-subscriber', { accounts: nowhere })],
        /^The choice of accounts is missing/,
    ],
    ['PBX of pbx-presence-in', [flowNode('pbx-presence-in', { pbx: nowhere })], /^PBX.* is missing/],
    ['PBX of pbx-presence-out', [flowNode('pbx-presence-out', { pbx: '' })], /^PBX.* is missing/],
    [
        'PBX of a subscriber',
        subscriberWith({}).map(each => ('pbx' in each ? { ...each, pbx: nowhere } : each)),
        /^PBX.* is/,
    ],
    [
        'app of the accounts',
        subscriberWith({}).map(each => (each.type === 'teams-accounts' ? { ...each, app: nowhere } : each)),
        /^(Azure app|App registration) is missing/,
    ],
];

/** All of them at once: each has nodes of its own. The first one brings the tab. */
export const mistakes: Mistake[] = Object.entries({ refused, blank, invalid, missing }).flatMap(([kind, list], index) =>
    list.map(([what, nodes, says], place) => {
        const first = index + place === 0 ? [{ id: tab, type: 'tab', label: 'Mistakes' }] : [];
        return { what: `${kind}: ${what}`, nodes: [...first, ...nodes], says };
    }),
);
