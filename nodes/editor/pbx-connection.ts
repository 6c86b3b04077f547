import { Dialog, type Wrong } from './dialog.js';
import { type Line, prepareTest } from './report-list.js';
import { entered, RowEditor, sign } from './row-editor.js';
import { isVariable, isWhole, partsOf, textOf, urlOf } from './values.js';

type Link = 'system' | 'role' | 'address' | 'module' | 'tls' | 'fingerprint' | 'appName' | 'pbxName' | 'domain';
type Called = 'appUrl' | 'listen' | 'port' | 'serverTls';
type Users = 'match' | 'mainNumber' | 'participation' | 'groups' | 'licence' | 'include' | 'exclude';

/** A user of the PBX and one of Teams that belong together though their addresses differ. */
interface Pair {
    pbx: string;
    teams: string;
}

interface PbxConnection extends Record<Link | Called | Users, string> {
    slaves: string[];
    pairs: Pair[];
}

const dialog = new Dialog<PbxConnection, 'password'>('pbx-connection', 'node-config');
let slaves: RowEditor<{ address?: string; input: JQuery }>;
let pairs: RowEditor<{ stored?: Pair; pbx: JQuery; teams: JQuery }>;

const isSimulated = (node: EditorNode): boolean => dialog.is(node, 'system', 'simulated');
const isServer = (node: EditorNode): boolean => !isSimulated(node) && dialog.is(node, 'role', 'server');
const isDialled = (node: EditorNode): boolean => !isSimulated(node) && !dialog.is(node, 'role', 'server');

const slavesIn = (): string[] => slaves.rows.map(({ input }) => entered(input)).filter(Boolean);
const pairOf = ({ pbx, teams }: { pbx: JQuery; teams: JQuery }): Pair => ({ pbx: entered(pbx), teams: entered(teams) });
const pairsIn = (): Pair[] => pairs.rows.map(pairOf).filter(({ pbx, teams }) => pbx || teams);

function prepareSlaves(node: EditorNode): void {
    slaves = new RowEditor(dialog, 'slaves', {
        label: dialog.text('label.slaves'),
        height: 90,
        build(container, row) {
            row.input = slaves.cell('<input type="text">', dialog.text('placeholder.slave'), row.address);
            row.input.on('change', () => takeHost(row.input));
            container.append(row.input);
        },
        check(rows) {
            for (const { input } of rows) dialog.mark(input, entered(input) && wrongAddress(entered(input)));
        },
    });
    slaves.add(...dialog.newest(node).slaves.map(address => ({ address })));
}

function preparePairs(node: EditorNode): void {
    pairs = new RowEditor(dialog, 'pairs', {
        label: dialog.text('label.pairs'),
        height: 110,
        build(container, row) {
            row.pbx = pairs.cell('<input type="text">', dialog.text('placeholder.pair-pbx'), row.stored?.pbx);
            row.teams = pairs.cell('<input type="text">', dialog.text('placeholder.pair-teams'), row.stored?.teams);
            container.append(row.pbx, sign('fa-arrows-h'), row.teams);
        },
        check(rows) {
            for (const row of rows)
                for (const side of ['pbx', 'teams'] as const)
                    dialog.mark(row[side], wrongInPair(pairOf(row), side, pairsIn()));
        },
    });
    pairs.add(...dialog.newest(node).pairs.map(stored => ({ stored })));
}

/** What the flows of the editor use the connection for. */
function usesOf({ id }: EditorNode): object[] {
    const users = RED.nodes.filterNodes({}).filter(({ pbx }) => pbx === id);
    return users.map(({ type, lineState, call }) => ({ type, lineState, call }));
}

/** Adds a button that trusts exactly the certificate that the test has found, unless it is trusted. */
function offerPin(node: EditorNode, { ok, parameters }: Line, shown: JQuery): void {
    const fingerprint = String(parameters.fingerprint ?? '');
    const field = dialog.field('fingerprint');
    const pins = partsOf(field.val());
    if (ok === true || !fingerprint || !isDialled(node) || pins.map(digitsOf).includes(digitsOf(fingerprint))) return;
    const button = $('<button type="button" class="red-ui-button red-ui-button-small">')
        .css({ flex: 'none', marginLeft: 'auto' })
        .text(dialog.text('pin'))
        .on('click', () => {
            field.val([...partsOf(field.val()), fingerprint].join(', ')).trigger('change');
            button.remove();
        });
    shown.append(button);
}

function prepareChoices(node: EditorNode): void {
    dialog.onChange(['system', 'role'], () => {
        const placeholder = dialog.text(`placeholder.pbx-name${isServer(node) ? '-needed' : ''}`);
        dialog.field('pbxName').attr({ placeholder });
    });
    // What was found belongs to the former choice.
    dialog.onChange(['system', 'role', 'participation'], () => dialog.element('test-result').empty());
}

const host = /^([a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*|\[[0-9a-f:.]+\])(:(?<port>\d{1,5}))?$/i;
const ipAddress = /^(\d{1,3}(\.\d{1,3}){3}|\[?[0-9a-f]*:[0-9a-f:.]*\]?)$/i;

/** Of what was copied from a browser only host and port are taken. */
function takeHost(field: JQuery): void {
    const text = textOf(field.val());
    const pasted = /^https?:\/\//i.test(text) ? urlOf(text) : undefined;
    if (pasted?.host && !text.includes('@')) field.val(pasted.host).trigger('change');
}

/** What is wrong with an address that is not blank, as the key of a sentence; undefined where all is well. */
function wrongAddress(address: string): string | undefined {
    if (isVariable(address)) return undefined;
    if (/^wss?:\/\//i.test(address)) return urlOf(address)?.hostname && !address.includes('@') ? undefined : 'address';
    if (address.includes('://')) return 'scheme';
    const match = host.exec(address);
    if (!match) return 'address';
    const port = Number(match.groups?.port ?? 443);
    return port >= 1 && port <= 65535 ? undefined : 'port';
}

function wrongAppUrl(url: string): string | undefined {
    const parsed = /^https?:\/\//i.test(url) ? urlOf(url) : undefined;
    if (!parsed) return 'app-url';
    return /^\/[^/].*\/[^/]+$/.test(parsed.pathname) ? undefined : 'app-url-path';
}

function wrongPbxName(name: string): Wrong {
    if (name.includes('://') || ipAddress.test(name)) return 'pbx-name';
    const [alone] = name.split('.');
    return alone === name ? undefined : ['pbx-name-dns', { entered: name, name: alone }];
}

/** The hex digits of a SHA-256 fingerprint, however they are written. */
function digitsOf(fingerprint: string): string {
    return fingerprint.replace(/[\s:]/g, '').toLowerCase();
}

function areFingerprints(value: unknown): boolean {
    return partsOf(value).every(pin => /^[0-9a-f]{64}$/.test(digitsOf(pin)));
}

/** The same of one side of a pair among all pairs of the list. */
function wrongInPair(pair: Pair, side: keyof Pair, pairs: readonly Pair[]): string | undefined {
    const other = side === 'pbx' ? 'teams' : 'pbx';
    if (!pair[side]) return pair[other] ? 'pair' : undefined;
    const same = pairs.filter(each => each[side].toLowerCase() === pair[side].toLowerCase());
    return same.length > 1 ? 'pair-twice' : undefined;
}

/** Where we call the PBX, and where it calls us. */
const dialled = 'system!=simulated role!=server';
const called = 'system!=simulated role=server';

dialog.define({
    defaults: {
        system: { value: 'innovaphone', required: true },
        address: { if: dialled, needed: 'address-missing', wrong: value => wrongAddress(textOf(value)) },
        module: { value: 'PBX0', if: dialled, needed: 'module', wrong: value => /[^\w-]/.test(value) && 'module' },
        slaves: { if: dialled, wrong: value => value.map(wrongAddress).find(Boolean) },
        tls: { type: 'tls-config', required: false },
        fingerprint: { if: dialled, wrong: value => !areFingerprints(value) && 'fingerprint' },
        appUrl: { if: called, needed: 'app-url-missing', wrong: value => wrongAppUrl(textOf(value)) },
        port: { if: `${called} listen=own-port`, needed: 'port', wrong: value => !isWhole(value, 1, 65535) && 'port' },
        serverTls: { type: 'tls-config', required: false },
        appName: { needed: node => !isSimulated(node) && 'app-name-missing' },
        pbxName: {
            needed: node => isServer(node) && 'pbx-name-missing',
            wrong: value => wrongPbxName(textOf(value)),
        },
        domain: { wrong: value => /[\s@/]/.test(value) && 'domain' },
        mainNumber: { if: 'match=number', wrong: value => !/^\+?[\d\s()/.-]*$/.test(value) && 'main-number' },
        pairs: { wrong: value => !value.every(({ pbx, teams }) => pbx && teams) && 'pair' },
        groups: { if: 'participation=group', needed: 'groups' },
        licence: { if: 'participation=licence', needed: 'licence' },
        include: { needed: node => dialog.is(node, 'participation', 'listed') && 'include' },
        exclude: {},
    },
    credentials: { password: { type: 'password' } },
    label: node => (isServer(node) && node.appUrl) || (isDialled(node) && node.address),
    prepare(node) {
        dialog.showTabs({ link: dialog.text('tab.link'), users: dialog.text('tab.users') });
        dialog.onChange(['address'], () => takeHost(dialog.field('address')));
        prepareChoices(node);
        prepareSlaves(node);
        preparePairs(node);
        prepareTest(dialog.type, report => {
            const password = dialog.field('password').val() ?? '';
            const lists = { slaves: slavesIn(), pairs: pairsIn() };
            const asked = { ...dialog.values(node), ...lists, password, uses: usesOf(node) };
            return report.check('pbx-connection/check', asked, (line, shown) => offerPin(node, line, shown));
        });
    },
    save(node) {
        node.slaves = slavesIn();
        node.pairs = pairsIn();
    },
});
