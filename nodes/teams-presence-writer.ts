import type { Node, NodeAPI, NodeDef } from 'node-red';
import { type ErrorCode, SyncError, toSyncError } from '../lib/errors/errors';
import type { Outcome, PresenceUser } from '../lib/presence/message';
import { topicOf } from '../lib/presence/user-matching';
import { isClear, teamsWords } from '../lib/presence/words';
import { PresenceActions } from '../lib/teams/writing/presence-actions';
import { PresenceWriter } from '../lib/teams/writing/presence-writer';
import { systemClock } from '../lib/time/clock';
import type { AzureApp } from './azure-app';
import type { PbxConnection } from './pbx-connection';
import { permissionTrouble } from './runtime/checks';
import { configNode } from './runtime/config-node';
import { flowsEnding } from './runtime/flows-ending';
import { onClose, onInput } from './runtime/handlers';
import { heldStore, inTeams } from './runtime/held-store';
import { introduce, isOfPbx, teamsUserOf } from './runtime/introductions';
import { LeftOut, outcomeOf } from './runtime/left-out';
import { nameOf, userOf } from './runtime/messages';
import { sentenceIn, statusReporter } from './runtime/status';
import { WrittenFor } from './runtime/written-for';

interface TeamsPresenceWriterConfig extends NodeDef {
    app: string;
    /** The PBX that says who of its users is whom in Teams; without one it is by address. */
    pbx?: string;
    /** Minutes. */
    lease: number | string;
    /** `everything`, also where it is absent, or `calls`. */
    sets?: string;
    /** What becomes of a status that the user chose in Teams when a call begins: `respect`, also where absent, or `override`. */
    choice?: string;
    /** Whether the note becomes the status message. */
    statusMessage?: boolean;
}

/** Time that taking everything back may need while Node-RED waits for the node to close, in ms. */
const closingTime = 6_000;

/** What is said of a user who is nobody in Teams. */
const nobody: readonly ErrorCode[] = ['TEAMS_USER_UNKNOWN', 'PBX_USER_AMBIGUOUS'];

export = (RED: NodeAPI): void => {
    function TeamsPresenceWriter(this: Node, config: TeamsPresenceWriterConfig) {
        RED.nodes.createNode(this, config);
        const report = statusReporter(RED, this);
        const sentence = sentenceIn(RED);
        const ending = flowsEnding(RED);
        const app = configNode<AzureApp>(RED, config.app);
        const leftOut = new LeftOut(this);
        const store = heldStore(this, inTeams, detail => RED._('teams-presence-writer.store-failed', { detail }));
        let stopped = false;

        // In the constructor: before anybody reads presence it must be known what in it is ours.
        const restored = app ? restore(app) : Promise.resolve();
        app?.ledger.restoring(restored);

        async function restore({ ledger }: AzureApp): Promise<void> {
            for (const held of await store.load()) {
                ledger.restore(held, systemClock);
                if (ledger.claimsOf(held.userId, systemClock).length === 0) store.remove(held.userId);
            }
        }

        const start = async () => {
            const lease = leaseOf(config.lease);
            if (!app) throw new SyncError('FIELD_MISSING', { field: 'App registration' });
            const pbx = configNode<PbxConnection>(RED, config.pbx);
            const [tenant] = await Promise.all([app.tenant, restored]);
            const { clock, ledger, settings, directory } = tenant;
            const graph = tenant.asApp();
            const linesOnly = config.sets === 'calls';
            const writer = new PresenceWriter({
                actions: new PresenceActions({ graph, clientId: settings.clientId }),
                ledger,
                clock,
                lease,
                store,
                choice: { lineStateOnly: linesOnly, statusMessage: config.statusMessage === true },
                overridesChoice: !linesOnly && config.choice === 'override',
                plansOf: id => directory.plansOf(id),
                isKnown: id => (directory.loaded ? directory.byId(id) !== undefined : undefined),
            });
            tellTrouble(writer);
            // Nothing may be written for hours: what would then fail is shown now, until a write succeeds.
            let missing: SyncError | undefined;
            let outage: SyncError | undefined;
            let wrongPbx: SyncError | undefined;
            const onState = (): void => {
                const { state } = directory;
                const error = outage ?? missing ?? wrongPbx;
                if (!error || state.phase !== 'online') report(state);
                else report({ phase: error.retryable ? 'retrying' : 'failed', error });
            };
            permissionTrouble(app, 'write').then(
                trouble => {
                    missing = trouble;
                    if (trouble && !stopped) onState();
                },
                () => {},
            );
            const adopt = (): void => writer.adopt(id => directory.byId(id));
            writer.on('state', state => {
                outage = state.outage;
                onState();
            });
            const onWritten = (): void => {
                if (!missing) return;
                missing = undefined;
                onState();
            };
            directory.on('state', onState);
            if (directory.loaded) adopt();
            else directory.once('loaded', adopt).once('loaded', catchUp);
            const endUse = stopped ? undefined : directory.use(graph);
            let part: (() => void) | undefined;
            const matches = pbx?.system().then(system => {
                if (!stopped) part = introduce(directory, system.directory.matches);
                return system.directory.matches;
            });
            // Whoever is named by a Teams id or an address is written to nevertheless.
            matches?.catch(thrown => {
                wrongPbx = toSyncError(thrown);
                if (!stopped) onState();
            });
            onState();
            const stop = (): void => {
                directory.off('state', onState);
                directory.off('loaded', adopt).off('loaded', catchUp);
                writer.removeAllListeners();
                writer.stop();
                part?.();
                endUse?.();
            };
            const writtenFor = WrittenFor.in(ledger);
            const endFormer = (who: PresenceUser | string, now?: PresenceUser): void => {
                const former = writtenFor.note(who, now);
                if (former) writer.clear(former).catch(() => {});
            };
            return { directory, matches, writer, endFormer, onWritten, stop };
        };

        const tellTrouble = (writer: PresenceWriter): void => {
            writer.on('hidden', ({ user, reason }) => {
                leftOut.add(topicOf(user), RED._(`teams-presence-writer.hidden.${reason}`));
            });
            writer.on('quarantined', user => leftOut.add(topicOf(user), RED._('teams-presence-writer.quarantined')));
        };

        /** What could not be served since the directory could not be read, the newest of each user. */
        const unserved = new Map<string, () => Promise<unknown>>();
        const catchUp = (): void => {
            const serve = [...unserved.values()];
            unserved.clear();
            for (const each of serve) each().catch(() => {});
        };

        const started = start();
        started.catch(thrown => report({ phase: 'failed', error: toSyncError(thrown) }));

        onInput(this, sentence, async message => {
            const words = teamsWords(message.payload);
            const who = userOf(message);
            if (!who) throw new SyncError('USER_MISSING');
            const name = nameOf(message);
            unserved.delete(name);
            const write = async (): Promise<Outcome> => {
                const { directory, matches, writer, endFormer, onWritten } = await started;
                const known = isOfPbx(who) ? await matches : undefined;
                const find = () => teamsUserOf(who, directory, known);
                const user = await directory.findWhenLoaded(name, who, find).catch(error => {
                    if (nobody.includes(error.code)) endFormer(who);
                    if (!directory.loaded && !stopped) unserved.set(name, serve);
                    throw error;
                });
                if (!user) return { written: false, reason: 'Replaced by a newer change' };
                endFormer(who, user);
                const outcome = await (isClear(words) ? writer.clear(user) : writer.set(user, words));
                if (outcome.written) onWritten();
                return outcome;
            };
            const serve = (): Promise<Outcome> =>
                outcomeOf(write(), nobody, sentence, error => {
                    const why = error.code === 'PBX_USER_AMBIGUOUS' ? 'ambiguous' : 'left-out';
                    leftOut.add(name, RED._(`teams-presence-writer.${why}`));
                    return sentence(error);
                });
            message.outcome = await serve();
            return message;
        });
        const finish = async (takeBack: boolean): Promise<void> => {
            const running = await started.catch(() => undefined);
            if (!running) return;
            const { directory, writer, stop } = running;
            // While Teams is out of reach the leases do it.
            if (takeBack && directory.state.phase === 'online') await Promise.race([writer.clearAll(), timeUp()]);
            stop();
        };
        onClose(this, removed => {
            stopped = true;
            leftOut.stop();
            const finished = finish(removed || ending());
            app?.closing.waitFor(finished);
            return finished;
        });
    }
    RED.nodes.registerType('teams-presence-writer', TeamsPresenceWriter);
};

/** Milliseconds. */
function leaseOf(entered: number | string | undefined): number {
    const minutes = entered === undefined || entered === '' ? 15 : Number(entered);
    if (Number.isFinite(minutes) && minutes >= 5 && minutes <= 240) return minutes * 60_000;
    throw new SyncError('FIELD_INVALID', { field: 'The time under "Ends after"', why: 'it must be 5 to 240 minutes' });
}

function timeUp(): Promise<void> {
    return new Promise(resolve => setTimeout(resolve, closingTime).unref());
}
