import type { Node, NodeAPI, NodeDef } from 'node-red';
import type { PbxSystem } from '../lib/pbx/pbx-system';
import type { Outcome, PresenceUser } from '../lib/presence/message';
import { onThePhone } from '../lib/presence/vocabulary';
import { isClear, pbxWords } from '../lib/presence/words';
import type { ConnectionState } from '../lib/support/connection-state';
import { SyncError, toSyncError } from '../lib/support/errors';
import type { PbxConnection } from './pbx-connection';
import { configNode } from './shared/config-node';
import { onClose, onInput } from './shared/handlers';
import { LeftOut, outcomeOf } from './shared/left-out';
import { nameOf, userOf } from './shared/messages';
import { sentenceIn, statusReporter, statusShower } from './shared/status';

interface PbxPresenceOutConfig extends NodeDef {
    pbx: string;
    callNote: string;
}

export = (RED: NodeAPI): void => {
    function PbxPresenceOut(this: Node, config: PbxPresenceOutConfig) {
        RED.nodes.createNode(this, config);
        const show = statusShower(RED, this);
        const sentence = sentenceIn(RED);
        const stop = new AbortController();

        const pbx = configNode<PbxConnection>(RED, config.pbx);

        const start = async (): Promise<PbxSystem> => {
            if (!pbx) throw new SyncError('FIELD_MISSING', { field: 'PBX' });
            const system = await pbx.system();
            if (stop.signal.aborted) return system;
            const onState = (state: ConnectionState): void => show(state);
            system.on('state', onState);
            stop.signal.addEventListener('abort', () => system.off('state', onState));
            show(system.state);
            return system;
        };
        const started = start();
        started.catch(thrown => statusReporter(RED, this)({ phase: 'failed', error: toSyncError(thrown) }));

        const leftOut = new LeftOut(this);
        onInput(this, sentence, async message => {
            const words = pbxWords(message.payload);
            const who = userOf(message);
            if (!who) throw new SyncError('USER_MISSING');
            const write = async (): Promise<Outcome> => {
                const system = await started;
                const user = typeof who === 'string' ? (system.directory.find(who) ?? named(who)) : who;
                if (isClear(words)) return system.writer.clear(user);
                const note = words.activity === onThePhone && !words.note ? config.callNote : words.note;
                return system.writer.set(user, { activity: words.activity, note });
            };
            message.outcome = await outcomeOf(write(), 'PBX_USER_UNKNOWN', sentence, error => {
                leftOut.add(nameOf(message), RED._('pbx-presence-out.left-out'));
                return sentence(error);
            });
            return message;
        });
        onClose(this, async removed => {
            stop.abort();
            leftOut.stop();
            if (!removed) return;
            const cleared = started.then(system => system.writer.clearAll());
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
