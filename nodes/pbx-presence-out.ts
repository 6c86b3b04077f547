import type { NodeAPI } from 'node-red';
import * as v from 'valibot';
import { defaultRate } from '../lib/pbx/writing/paced-requests';
import { defaultChoice } from '../lib/pbx/writing/pbx-target';
import { comparable } from '../lib/presence/foreign-text';
import type { PresenceUser } from '../lib/presence/message';
import type { PbxPresence } from '../lib/presence/vocabulary';
import { pbxWords } from '../lib/presence/words';
import type { PbxConnection } from './pbx-connection';
import { configNode, needed } from './runtime/config-node';
import { choice, number, readFields, settle, tick, words } from './runtime/fields';
import { registerNode } from './runtime/running-node';
import { followPbxState, leftOutTeller } from './runtime/status';
import { onWriterInput } from './runtime/writers';

const rateRange = { usual: defaultRate, least: 1, most: 1_000, whole: true };
const fields = {
    settle,
    call: choice('The choice what a call becomes', ['busy', 'dnd', 'alien']),
    contact: choice('The choice of the entry', ['own', 'tel']),
    /** Template. */
    note: words,
    callNote: v.optional(words, defaultChoice.callNote),
    dryRun: tick,
    rate: number('The rate', 'it must be 1 to 1000 changes per second', rateRange),
};

export = (RED: NodeAPI): void => {
    registerNode(RED, 'pbx-presence-out', own => {
        const { node, config, closing } = own;
        const pbx = configNode<PbxConnection>(RED, config.pbx);
        const leftOut = leftOutTeller(own);

        const start = async () => {
            const { rate, settle, dryRun, ...choices } = readFields(fields, config);
            const writing = { ...choices, settle: settle * 1_000, dryRun, node: node.id };
            const system = await needed(pbx, 'PBX').system();
            const find = (who: PresenceUser | string): PresenceUser =>
                typeof who === 'string' ? (system.directory.find(who) ?? named(who)) : who;
            const { people } = system;
            const findKnown = async (who: PresenceUser | string): Promise<PresenceUser> => {
                await people.known();
                return find(who);
            };
            const writer = {
                ...{ people, find: findKnown },
                set: (who: PresenceUser | string, words: PbxPresence) => people.set(find(who), words, writing),
                clear: (who: PresenceUser | string, isSilence: boolean) => people.clear(find(who), writing, isSilence),
            };
            if (closing.aborted) return writer;
            // A dry run limits nothing, and takes nothing in the PBX for its own.
            if (!dryRun) people.configure({ rate, makesCalls: choices.call === 'alien' }, node.id);
            closing.addEventListener('abort', () => people.configure({}, node.id));
            followPbxState(own, system, () => system.notes);
            return writer;
        };
        const started = own.begin(start);

        onWriterInput(own, {
            started,
            wordsOf: pbxWords,
            unknown: ['PBX_USER_UNKNOWN'],
            onUnknown: name => leftOut(name, own.text('left-out')),
        });
        own.onClose(async removed => {
            // What it has set would stay in a PBX that it will not write to any more, for nothing there has a lease.
            if (!removed && !own.flows.change(node, ['pbx', 'dryRun'])) return;
            await started.then(({ people }) => people.clearAll(node.id)).catch(() => {});
        }, pbx?.closing);
    });
};

/** Someone of whom only an address or a PBX name is known; the writer finds them once the user table is read. */
function named(text: string): PresenceUser {
    const pbx = { guid: '', name: text, longName: '', displayName: text, number: '', node: '' };
    return { addresses: [comparable(text)], displayName: text, pbx };
}
