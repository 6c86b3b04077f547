import type { Node, NodeAPI } from 'node-red';
import type { SyncError } from '../../lib/errors/errors';
import type { PbxSystem } from '../../lib/pbx/pbx-system';
import type { ConnectionState } from '../../lib/support/connection-state';
import { sentenceIn, statusShower } from './status';

/** What a status says besides the state of the connection, in words. */
export interface PbxStatusWords {
    /** That some slaves are not connected. */
    slavesAway(names: string): string;
    /** What the PBX does otherwise than it was asked to, or does not tell. */
    notes(): readonly SyncError[];
    /** What every text begins with, such as that it is a dry run. */
    mode?: string;
}

/**
 * Shows the state of a PBX system on a node that uses it: that of the master, and while it is connected what else there
 * is to say. The log is kept by the connection. Returns a function that ends it.
 */
export function followPbxState(RED: NodeAPI, node: Node, system: PbxSystem, words: PbxStatusWords): () => void {
    const show = statusShower(RED, node, words.mode);
    const sentence = sentenceIn(RED);
    const onState = (): void => show(inWords(system, words, sentence));
    system.on('state', onState);
    system.on('notes', onState);
    onState();
    return () => {
        system.off('state', onState);
        system.off('notes', onState);
    };
}

function inWords(
    system: PbxSystem,
    { slavesAway, notes }: PbxStatusWords,
    sentence: (error: SyncError) => string,
): ConnectionState {
    const { state } = system;
    if (state.phase !== 'online') return state;
    const away = system.states().filter(({ role, state: { phase } }) => role === 'slave' && phase !== 'online');
    const names = away.map(({ name }) => name).join(', ');
    const details = [...(names ? [slavesAway(names)] : []), ...notes().map(sentence)];
    return details.length > 0 ? { ...state, detail: details.join('; ') } : state;
}
