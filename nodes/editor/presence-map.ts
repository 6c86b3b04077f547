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

type Row = Partial<Mapping> & { cells: Record<Column, WordCell> };

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
const wordsIn = ({ cells }: Row): Mapping => ({ when: cells.when.word(), set: cells.set.word() });

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

/** What is wrong with a row among all of its table, and in which column. */
function wrong(direction: Direction, row: Mapping, rows: readonly Mapping[]): [Column, Wrong] | undefined {
    const { when, set } = row;
    if (!when) return ['when', ['blank', row]];
    if (!set) return ['set', ['blank', row]];
    const same = rows.filter(other => other.when?.toLowerCase() === when.toLowerCase());
    if (same.length > 1) return ['when', ['twice', row]];
    if (direction === 'toPbx' || isVariable(set)) return undefined;
    const pairs = words('toTeams', 'set');
    return pairs.length > 2 && !pairs.includes(set) ? ['set', ['pair', row]] : undefined;
}

function check(direction: Direction, rows: Row[]): void {
    const all = rows.map(wordsIn);
    for (const [index, { cells }] of rows.entries()) {
        const [column, problem] = wrong(direction, all[index]!, all) ?? [];
        cells.when.mark(column === 'when' && problem);
        cells.set.mark(column === 'set' && problem);
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
    const restore = (): void => {
        const end = (run?: () => void) => () => {
            question.close();
            run?.();
        };
        const question = RED.notify(dialog.text('restore-asks'), {
            modal: true,
            fixed: true,
            buttons: [
                { text: RED._('common.label.cancel'), click: end() },
                {
                    text: dialog.text('restore'),
                    class: 'primary',
                    click: end(() => table.replace(plain(defaultsOf(direction)))),
                },
            ],
        });
    };
    const table = new RowEditor<Row>(dialog, direction, {
        label: dialog.text(`tab.${direction}`),
        header: dialog.element(`${direction}-header`),
        sortable: true,
        // As long as the dialog has room for, which is as high as the window.
        height: Math.max(330, innerHeight - 370),
        build(container, row) {
            const [when, set] = [makeCell(direction, 'when', row.when), makeCell(direction, 'set', row.set)];
            row.cells = { when, set };
            container.append(when.shown, sign('fa-long-arrow-right'), set.shown);
        },
        check: rows => check(direction, rows),
        buttons: [{ label: dialog.text('restore'), icon: 'fa fa-undo', click: restore }],
    });
    tables[direction] = table;
    table.replace(plain(stored.length > 0 ? stored : defaultsOf(direction)));
}

const tableProperty = (direction: Direction) => ({
    wrong: (rows: Mapping[]): Wrong => rows.map(row => wrong(direction, row, rows)?.[1]).find(Boolean),
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
