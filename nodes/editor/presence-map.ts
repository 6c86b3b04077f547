import { Dialog, type Wrong } from './dialog.js';
import { entered, RowEditor, sign } from './row-editor.js';
import { isVariable } from './values.js';

type Direction = 'toPbx' | 'toTeams';
type Column = 'when' | 'set';
type Mapping = Record<Column, string>;

interface WordCell {
    shown: JQuery;
    word(): string;
    mark(wrong: Wrong): void;
}

type Row = Partial<Mapping> & { whenCell: WordCell; setCell: WordCell };

interface Settings {
    presenceMapTables?: Record<Direction, Mapping[]>;
    presenceMapWords?: { teamsActivities: string[]; teamsPairs: string[]; pbxActivities: string[] };
}

const dialog = new Dialog<Record<Direction, Mapping[]>>('presence-map');
const directions = ['toPbx', 'toTeams'] as const;
/** The choice that shows a text field. */
const other = '…';
const tables = {} as Record<Direction, RowEditor<Row>>;

const settings = (): Settings => RED.settings;
const defaultsOf = (direction: Direction): Mapping[] => settings().presenceMapTables?.[direction] ?? [];
const plain = (rows: readonly Mapping[]): Mapping[] => rows.map(({ when, set }) => ({ when, set }));
const wordsIn = ({ whenCell, setCell }: Row): Mapping => ({ when: whenCell.word(), set: setCell.word() });

function words(direction: Direction, column: Column): string[] {
    const { teamsActivities = [], teamsPairs = [], pbxActivities = [] } = settings().presenceMapWords ?? {};
    const pbx = pbxActivities.filter(word => word && word !== 'available');
    if (column === 'set') return [...(direction === 'toPbx' ? pbx : teamsPairs), 'clear', 'leave'];
    return [...(direction === 'toPbx' ? teamsActivities : ['available', ...pbx]), '*'];
}

function describe(word: string): string {
    const name = word === '*' ? 'any' : word.split('/').pop();
    const text = dialog.text(`word.${name}`);
    if (text.endsWith(`.word.${name}`)) return word;
    return word === '*' || text.toLowerCase() === word.toLowerCase() ? text : `${text} (${word})`;
}

/** The key of what is wrong with a row among all of its table, or undefined. */
function wrong(direction: Direction, row: Mapping, rows: readonly Mapping[]): string | undefined {
    if (!row.when || !row.set) return 'blank';
    const same = rows.filter(({ when = '' }) => when.toLowerCase() === row.when.toLowerCase());
    if (same.length > 1) return 'twice';
    if (direction === 'toPbx' || isVariable(row.set)) return undefined;
    const pairs = words('toTeams', 'set');
    return pairs.length > 2 && !pairs.includes(row.set) ? 'pair' : undefined;
}

function check(direction: Direction, rows: Row[]): void {
    const all = rows.map(wordsIn);
    for (const [index, { whenCell, setCell }] of rows.entries()) {
        const { when, set } = all[index]!;
        const key = wrong(direction, { when, set }, all);
        const isWhen = key === 'twice' || (key === 'blank' && !when);
        whenCell.mark(isWhen && key && [key, { when }]);
        setCell.mark(!isWhen && key && [key, { when }]);
    }
}

/** A choice of words with a text field for any other word. */
function makeCell(direction: Direction, column: Column, word = ''): WordCell {
    const table = tables[direction];
    const label = dialog.text(`column.${direction}.${column}`);
    const select = table.cell('<select>', label).css({ width: '100%' });
    const input = table.cell('<input type="text">', label).css({ width: '100%', marginTop: '4px' });
    const known = words(direction, column);
    for (const choice of known) select.append(new Option(describe(choice), choice));
    select.append(new Option(dialog.text('other'), other));
    const isFree = word !== '' && !known.includes(word);
    select.val(isFree ? other : word).on('change', () => input.toggle(select.val() === other));
    input.val(isFree ? word : '').toggle(isFree);
    return {
        shown: $('<div>').css({ flex: '1 1 50%', minWidth: 0 }).append(select, input),
        mark: problem => dialog.mark(select.add(input), problem),
        word: () => (select.val() === other ? entered(input) : select.val() || ''),
    };
}

function prepareTable(direction: Direction, stored: Mapping[]): void {
    const restore = (): void => table.replace(plain(defaultsOf(direction)));
    const table = new RowEditor<Row>(dialog, direction, {
        label: dialog.text(`tab.${direction}`),
        header: dialog.element(`${direction}-header`),
        sortable: true,
        height: 330,
        build(container, row) {
            row.whenCell = makeCell(direction, 'when', row.when);
            row.setCell = makeCell(direction, 'set', row.set);
            container.append(row.whenCell.shown, sign('fa-long-arrow-right'), row.setCell.shown);
        },
        check: rows => check(direction, rows),
        buttons: [{ label: dialog.text('restore'), icon: 'fa fa-undo', click: restore }],
    });
    tables[direction] = table;
    table.replace(plain(stored.length > 0 ? stored : defaultsOf(direction)));
}

const tableProperty = (direction: Direction) => ({
    wrong(rows: Mapping[]): Wrong {
        const bad = rows.find(row => wrong(direction, row, rows));
        return bad && [wrong(direction, bad, rows) ?? '', { when: bad.when }];
    },
});

dialog.define({
    defaults: { toPbx: tableProperty('toPbx'), toTeams: tableProperty('toTeams') },
    prepare(node) {
        dialog.showTabs({ toPbx: dialog.text('tab.toPbx'), toTeams: dialog.text('tab.toTeams') });
        const stored = dialog.newest(node);
        for (const direction of directions) prepareTable(direction, stored[direction]);
    },
    save(node) {
        for (const direction of directions) {
            const rows = tables[direction].rows.map(wordsIn).filter(({ when, set }) => when || set);
            const isUnchanged = JSON.stringify(rows) === JSON.stringify(plain(defaultsOf(direction)));
            node[direction] = isUnchanged ? [] : rows;
        }
    },
});
