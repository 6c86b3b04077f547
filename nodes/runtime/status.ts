import type { SyncError } from '../../lib/errors/errors';
import { oneLine } from '../../lib/errors/sentence';
import type { PbxSystem } from '../../lib/pbx/pbx-system';
import { RecentTexts } from '../../lib/support/recent-texts';
import { Alarm } from '../../lib/time/alarm';
import { systemClock } from '../../lib/time/clock';
import type { RunningNode } from './running-node';

/**
 * Shows the state of a PBX system on a node that uses it: that of the master, and while it is connected which slaves are
 * not, and what else there is to say. The log is kept by the connection.
 * @param notes what the PBX does otherwise than it was asked to, or does not tell
 */
export function followPbxState(own: RunningNode, system: PbxSystem, notes: () => readonly SyncError[]): void {
    const onState = (): void => {
        const { state, crowd } = system;
        if (crowd && state.phase === 'online') return own.show({ phase: 'retrying', error: crowd });
        const away = system.states().filter(({ role, state: { phase } }) => role === 'slave' && phase !== 'online');
        const names = away.map(({ name }) => name).join(', ');
        const details = notes().map(note => own.sentence(note));
        if (names) details.unshift(own.text('status.slaves-away', { names }));
        const isMore = state.phase === 'online' && details.length > 0;
        own.show(isMore ? { ...state, detail: details.join('; ') } : state);
    };
    system.on('state', onState).on('notes', onState);
    onState();
    own.closing.addEventListener('abort', () => system.off('state', onState).off('notes', onState));
}

/** Names are gathered for this long before they are told, in ms. */
const gathering = 5_000;
/** Names remembered at most; after that some are told again. */
const longestMemory = 20_000;

/**
 * Tells by name who is left out, each person once for each reason and many in one line: no person is left out silently,
 * and a thousand people without a match are no thousand lines.
 */
export function leftOutTeller({ node, closing }: RunningNode): (name: string, reason: string) => void {
    const told = new RecentTexts(longestMemory);
    const gathered = new Map<string, string[]>();
    const tell = (): void => {
        next.stop();
        for (const [reason, names] of gathered) node.warn(oneLine(`${reason}: ${names.join(', ')}`));
        gathered.clear();
    };
    const next = new Alarm(systemClock, tell);
    closing.addEventListener('abort', tell);
    return (name, reason) => {
        const key = `${reason}\n${name}`;
        if (told.has(key)) return;
        told.add(key);
        const names = gathered.get(reason) ?? [];
        names.push(name);
        gathered.set(reason, names);
        next.set(gathering);
    };
}
