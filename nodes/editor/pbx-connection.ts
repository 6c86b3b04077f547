import { Dialog } from './dialog.js';
import {
    areFingerprints,
    digitsOf,
    type Pair,
    wrongAddress,
    wrongAppUrl,
    wrongInPair,
    wrongPbxName,
} from './pbx-values.js';
import { type Line, prepareTest } from './report-list.js';
import { entered, RowEditor, sign } from './row-editor.js';
import { isBlank, isVariable, isWhole, partsOf, textOf } from './values.js';

type Choice = 'system' | 'role' | 'listen' | 'match' | 'participation';
type Connecting =
    | 'address'
    | 'module'
    | 'tls'
    | 'fingerprint'
    | 'appUrl'
    | 'port'
    | 'serverTls'
    | 'appName'
    | 'pbxName';
type Users = 'domain' | 'mainNumber' | 'groups' | 'licence' | 'include' | 'exclude';

interface PbxConnection extends Record<Choice | Connecting | Users, string> {
    /** Addresses. */
    slaves: string[];
    pairs: Pair[];
}

const dialog = new Dialog<PbxConnection, 'password'>('pbx-connection', 'node-config');
let slaves: RowEditor<{ address?: string; input: JQuery }>;
let pairs: RowEditor<{ stored?: Pair; pbx: JQuery; teams: JQuery }>;

const isSimulated = (node: EditorNode): boolean => dialog.is(node, 'system', 'simulated');
const isServer = (node: EditorNode): boolean => !isSimulated(node) && dialog.is(node, 'role', 'server');
const isDialled = (node: EditorNode): boolean => !isSimulated(node) && !dialog.is(node, 'role', 'server');
const mayBeServer = (node: EditorNode): boolean => !isSimulated(node) && dialog.mayBe(node, 'role', 'server');

const slavesIn = (): string[] => slaves.rows.map(({ input }) => entered(input)).filter(Boolean);
const pairOf = ({ pbx, teams }: { pbx: JQuery; teams: JQuery }): Pair => ({ pbx: entered(pbx), teams: entered(teams) });
const pairsIn = (): Pair[] => pairs.rows.map(pairOf).filter(({ pbx, teams }) => pbx || teams);

function prepareSlaves(node: EditorNode): void {
    slaves = new RowEditor(dialog, 'slaves', {
        label: dialog.text('label.slaves'),
        height: 90,
        build(container, row) {
            row.input = slaves.cell('<input type="text">', dialog.text('placeholder.slave'), row.address);
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
function offerPin(node: EditorNode, { parameters }: Line, shown: JQuery): void {
    const fingerprint = String(parameters.fingerprint ?? '');
    const field = dialog.field('fingerprint');
    const pins = partsOf(field.val());
    if (!fingerprint || !isDialled(node) || pins.map(digitsOf).includes(digitsOf(fingerprint))) return;
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
        const placeholder = isServer(node)
            ? dialog.text('placeholder.pbx-name-needed')
            : dialog.text('placeholder.pbx-name');
        dialog.field('pbxName').attr({ placeholder });
    });
    dialog.onChange(['system', 'role', 'participation'], () => {
        // What was found belongs to the former choice.
        dialog.element('test-result').empty();
        dialog.revalidate('address', 'appName', 'appUrl', 'port', 'pbxName', 'groups', 'licence', 'include');
    });
}

/** A text that says who takes part, where that choice needs one. */
const neededFor = (participation: string, sentence: string) => ({
    wrong: (node: EditorNode, value?: string) =>
        dialog.is(node, 'participation', participation) && isBlank(value) && sentence,
});

dialog.define({
    defaults: {
        system: { value: 'innovaphone', required: true },
        address: {
            wrong(node, value) {
                if (!isDialled(node)) return undefined;
                if (isBlank(value)) return !mayBeServer(node) && 'address-missing';
                return wrongAddress(textOf(value));
            },
        },
        module: {
            value: 'PBX0',
            wrong(node, value) {
                const isRight = /^[A-Za-z0-9_-]+$/.test(value ?? '') || isVariable(value);
                return !isRight && isDialled(node) && 'module';
            },
        },
        slaves: { wrong: (node, value = []) => (isDialled(node) ? value.map(wrongAddress).find(Boolean) : undefined) },
        tls: { type: 'tls-config', required: false },
        fingerprint: { wrong: (node, value) => isDialled(node) && !areFingerprints(value) && 'fingerprint' },
        appUrl: {
            wrong(node, value) {
                const url = textOf(value);
                return isServer(node) || (mayBeServer(node) && url) ? wrongAppUrl(url) : undefined;
            },
        },
        port: {
            wrong(node, value) {
                const isShown = mayBeServer(node) && dialog.mayBe(node, 'listen', 'own-port');
                const isNeeded = isServer(node) && dialog.is(node, 'listen', 'own-port');
                return (isBlank(value) ? isNeeded : isShown && !isWhole(value, 1, 65535)) && 'port';
            },
        },
        serverTls: { type: 'tls-config', required: false },
        appName: { wrong: (node, value) => !isSimulated(node) && isBlank(value) && 'app-name-missing' },
        pbxName: {
            wrong: (node, value) =>
                isBlank(value) && isServer(node) ? 'pbx-name-missing' : wrongPbxName(textOf(value)),
        },
        domain: { wrong: (_node, value) => /[\s@/]/.test(value ?? '') && !isVariable(value) && 'domain' },
        mainNumber: {
            wrong(node, value) {
                const isNumber = /^\+?[\d\s()/.-]*$/.test(value ?? '') || isVariable(value);
                return !isNumber && dialog.mayBe(node, 'match', 'number') && 'main-number';
            },
        },
        pairs: { wrong: (_node, value = []) => !value.every(({ pbx, teams }) => pbx && teams) && 'pair' },
        groups: neededFor('group', 'groups'),
        licence: neededFor('licence', 'licence'),
        include: neededFor('listed', 'include'),
        exclude: {},
    },
    credentials: { password: { type: 'password' } },
    label: node => (isServer(node) && node.appUrl) || (isDialled(node) && node.address),
    prepare(node) {
        dialog.showTabs({ link: dialog.text('tab.link'), users: dialog.text('tab.users') });
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
