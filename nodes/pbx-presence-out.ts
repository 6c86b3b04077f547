import type { Node, NodeAPI, NodeDef } from 'node-red';
import * as v from 'valibot';
import { SyncError, toSyncError } from '../lib/errors/errors';
import type { PbxSystem, PbxWriting } from '../lib/pbx/pbx-system';
import { defaultRate } from '../lib/pbx/writing/paced-requests';
import { defaultChoice } from '../lib/pbx/writing/pbx-target';
import type { Outcome, PresenceUser } from '../lib/presence/message';
import { isClear, pbxWords } from '../lib/presence/words';
import type { PbxConnection } from './pbx-connection';
import { act, actionOf, answered } from './runtime/actions';
import { configNode } from './runtime/config-node';
import { isTicked } from './runtime/entered';
import { choice, number, readFields, settle, text } from './runtime/fields';
import { onClose, onInput } from './runtime/handlers';
import { LeftOut, outcomeOf } from './runtime/left-out';
import { isSilence, nameOf, userOf } from './runtime/messages';
import { migrate } from './runtime/migrations';
import { followPbxState } from './runtime/pbx-status';
import { runningFlows } from './runtime/running-flows';
import { languageOf, sentenceIn, statusReporter } from './runtime/status';

/** Flows of old have only the first two. */
interface PbxPresenceOutConfig extends NodeDef {
    pbx: string;
    callNote?: string;
    /** What a call becomes: `busy`, also where it is absent, `dnd` or `alien`. */
    call?: string;
    /** Template. */
    note?: string;
    /** `own`, also where it is absent, or `tel`. */
    contact?: string;
    /** Changes per second. */
    rate?: number | string;
    /** Seconds. */
    settle?: number | string;
    /** Nothing is written. */
    dryRun?: boolean;
}

const rateRange = { usual: defaultRate, least: 1, most: 1_000, whole: true };
const fields = {
    settle,
    call: choice('The choice what a call becomes', ['busy', 'dnd', 'alien']),
    contact: choice('The choice of the entry', ['own', 'tel']),
    note: text,
    callNote: v.optional(text, defaultChoice.callNote),
    rate: number('The rate', 'it must be 1 to 1000 changes per second', rateRange),
};

export = (RED: NodeAPI): void => {
    function PbxPresenceOut(this: Node, config: PbxPresenceOutConfig) {
        RED.nodes.createNode(this, config);
        config = migrate('pbx-presence-out', config);
        const sentence = sentenceIn(RED);
        const flows = runningFlows(RED);
        const stop = new AbortController();
        const isDryRun = isTicked(config.dryRun);
        const mode = isDryRun ? RED._('pbx-presence-out.status.dry-run') : '';

        const pbx = configNode<PbxConnection>(RED, config.pbx);

        const start = async (): Promise<{ system: PbxSystem; writing: PbxWriting }> => {
            const { rate, settle, ...choices } = readFields(fields, config);
            const writing = { ...choices, settle: settle * 1_000, dryRun: isDryRun, node: this.id };
            if (!pbx) throw new SyncError('FIELD_MISSING', { field: 'PBX' });
            const system = await pbx.system();
            if (stop.signal.aborted) return { system, writing };
            // A dry run limits nothing, and takes nothing in the PBX for its own.
            if (!isDryRun) system.configure({ rate, makesCalls: choices.call === 'alien' }, this.id);
            stop.signal.addEventListener('abort', () => system.configure({}, this.id));
            const endState = followPbxState(RED, this, system, {
                slavesAway: names => RED._('pbx-presence-out.status.slaves-away', { names }),
                notes: () => system.notes,
                mode,
            });
            stop.signal.addEventListener('abort', endState);
            return { system, writing };
        };
        const started = start();
        started.catch(thrown => statusReporter(RED, this, mode)({ phase: 'failed', error: toSyncError(thrown) }));

        const leftOut = new LeftOut(this);
        onInput(this, sentence, async message => {
            const asked = actionOf(message);
            const who = userOf(message);
            if (asked) {
                const { system } = await started;
                const user = typeof who === 'string' ? (system.directory.find(who) ?? named(who)) : (who ?? 'all');
                return answered(message, act(system.people, asked, user, languageOf(RED)));
            }
            const words = pbxWords(message.payload);
            if (!who) throw new SyncError('USER_MISSING');
            const write = async (): Promise<Outcome> => {
                const { system, writing } = await started;
                const user = typeof who === 'string' ? (system.directory.find(who) ?? named(who)) : who;
                if (isClear(words)) return system.clear(user, writing, isSilence(message));
                return system.set(user, words, writing);
            };
            message.outcome = await outcomeOf(write(), ['PBX_USER_UNKNOWN'], sentence, error => {
                // With nothing to set nobody is left out, such as somebody who has left the PBX.
                if (!isClear(words)) leftOut.add(nameOf(message), RED._('pbx-presence-out.left-out'));
                return sentence(error);
            });
            return message;
        });
        onClose(this, async removed => {
            stop.abort();
            leftOut.stop();
            // What it has set would stay in a PBX that it will not write to any more, for nothing there has a lease.
            if (!removed && !flows.change(this, ['pbx', 'dryRun'])) return;
            const cleared = started.then(({ system }) => system.clearAll(this.id));
            pbx?.closing.waitFor(cleared);
            await cleared.catch(() => {});
        });
    }
    RED.nodes.registerType('pbx-presence-out', PbxPresenceOut);
};

/** Someone of whom only an address or a PBX name is known; the writer finds them once the user table is read. */
function named(text: string): PresenceUser {
    const pbx = { guid: '', name: text, longName: '', displayName: text, number: '', node: '' };
    return { addresses: [text.toLowerCase()], displayName: text, pbx };
}
