import type { AzureApp } from './azure-app.js';
import { Dialog } from './dialog.js';
import { entered, RowEditor } from './row-editor.js';
import { isGuid, isVariable, isWithin } from './values.js';

interface Subscriber extends Record<'delivery' | 'scope' | 'licence' | 'accounts' | 'app' | 'pbx' | 'group', string> {
    /** Seconds. */
    fast: number | string;
    slow: number | string;
    plans: string[];
}

const dialog = new Dialog<Subscriber>('teams-subscriber');
const teamsPlan = '57ff2da0-773e-42df-b2af-ffb7a2317929';
// Users in one bulk read, requests that a registration allows itself in 30 s, and who is in a call, as a guess.
const bulk = 650;
const usualBudget = 1500;
const shareInCalls = 0.1;
let plans: RowEditor<{ plan?: string; input: JQuery; name: JQuery }>;

const isPolling = (node: EditorNode): boolean => dialog.is(node, 'delivery', 'polling');
const isPlan = (text: string): boolean => isGuid(text) || isVariable(text);

function preparePlans(node: EditorNode): void {
    plans = new RowEditor(dialog, 'plans', {
        label: dialog.text('label.plans'),
        height: 110,
        build(container, row) {
            row.input = plans.cell('<input type="text">', dialog.text('placeholder.plan'), row.plan);
            row.name = $('<span>').css({ flex: '0 0 140px', lineHeight: '34px', whiteSpace: 'nowrap' });
            container.append(row.input, row.name);
        },
        check(rows) {
            for (const { input, name } of rows) {
                const plan = entered(input);
                dialog.mark(input, !isPlan(plan) && 'plan');
                name.text(plan.toLowerCase() === teamsPlan ? dialog.text('teams-plan') : '');
            }
        },
    });
    plans.add(...dialog.newest(node).plans.map(plan => ({ plan })));
}

function appOf(node: EditorNode): AzureApp | undefined {
    if (isPolling(node)) return RED.nodes.node<AzureApp>(dialog.field('app').val());
    const accounts = RED.nodes.node<{ app: string }>(dialog.field('accounts').val());
    return accounts && RED.nodes.node<AzureApp>(accounts.app);
}

/** Says how much of the budget polling would take. */
function showCost(node: EditorNode): void {
    const users = Number(dialog.element('users').val()) || 0;
    const reads = (count: number, seconds: string, usual: number): number =>
        (Math.ceil(count / bulk) * 30) / (Number(seconds) || usual);
    const slow = reads(users, dialog.field('slow').val(), 10);
    const fast = reads(users * shareInCalls, dialog.field('fast').val(), 2);
    const budget = Number(appOf(node)?.requestsPer30s) || usualBudget;
    const requests = Math.ceil(slow + fast);
    const share = ((requests / budget) * 100).toFixed(1);
    dialog
        .element('cost')
        .text(dialog.text('cost', { requests, share, budget }))
        .toggleClass('teams-subscriber-too-much', requests > budget);
}

dialog.define({
    defaults: {
        accounts: { type: 'teams-accounts', if: 'delivery!=polling', needed: 'accounts' },
        app: { type: 'azure-app', if: 'delivery=polling', needed: 'app' },
        fast: { value: 2, wrong: value => !isWithin(value, 1, 60) && 'fast' },
        slow: { value: 10, wrong: value => !isWithin(value, 2, 300) && 'slow' },
        pbx: { type: 'pbx-connection', if: 'scope=pbx', needed: 'pbx' },
        group: { if: 'scope=group', needed: 'group' },
        plans: { if: 'licence=plans', needed: 'plans', wrong: value => !value.every(isPlan) && 'plan' },
    },
    prepare(node) {
        preparePlans(node);
        dialog.onChange(['licence'], () => {
            if (dialog.is(node, 'licence', 'plans') && plans.rows.length === 0) plans.add({ plan: teamsPlan });
        });
        const shown = ['fast', 'slow', 'accounts', 'app', 'delivery'] as const;
        for (const field of [dialog.element('users').val('1000'), ...shown.map(name => dialog.field(name))])
            field.on('input change', () => showCost(node));
        showCost(node);
    },
    save(node) {
        node.plans = plans.rows.map(({ input }) => entered(input)).filter(Boolean);
        // What is not used shall not count as used.
        dialog.field(isPolling(node) ? 'accounts' : 'app').val('_ADD_');
        if (!dialog.is(node, 'scope', 'pbx')) dialog.field('pbx').val('_ADD_');
    },
});
