import type { Node, NodeAPI, NodeDef } from 'node-red';
import * as v from 'valibot';
import { SyncError, toSyncError } from '../lib/errors/errors';
import type { PbxSystem } from '../lib/pbx/pbx-system';
import { defaultRate } from '../lib/pbx/writing/paced-requests';
import { defaultChoice, type WriteChoice } from '../lib/pbx/writing/pbx-target';
import type { Outcome, PresenceUser } from '../lib/presence/message';
import { isClear, pbxWords } from '../lib/presence/words';
import type { PbxConnection } from './pbx-connection';
import { act, actionOf, answered } from './runtime/actions';
import { configNode } from './runtime/config-node';
import { choice, number, readFields, text } from './runtime/fields';
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
}

const rateRange = { usual: defaultRate, least: 1, most: 1_000, whole: true };
const fields = {
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

        const pbx = configNode<PbxConnection>(RED, config.pbx);

        const start = async (): Promise<{ system: PbxSystem; choice: WriteChoice }> => {
            const { rate, ...choice } = readFields(fields, config);
            if (!pbx) throw new SyncError('FIELD_MISSING', { field: 'PBX' });
            const system = await pbx.system();
            if (stop.signal.aborted) return { system, choice };
            system.configure({ rate, makesCalls: choice.call === 'alien' }, this.id);
            stop.signal.addEventListener('abort', () => system.configure({}, this.id));
            const endState = followPbxState(RED, this, system, {
                slavesAway: names => RED._('pbx-presence-out.status.slaves-away', { names }),
                notes: () => system.notes,
            });
            stop.signal.addEventListener('abort', endState);
            return { system, choice };
        };
        const started = start();
        started.catch(thrown => statusReporter(RED, this)({ phase: 'failed', error: toSyncError(thrown) }));

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
                const { system, choice } = await started;
                const user = typeof who === 'string' ? (system.directory.find(who) ?? named(who)) : who;
                if (isClear(words)) return system.clear(user, { node: this.id }, isSilence(message));
                return system.set(user, words, { ...choice, node: this.id });
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
            // What it has set in a PBX it will not write to any more would stay there.
            if (!removed && !flows.change(this, ['pbx'])) return;
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
