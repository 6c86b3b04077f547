import type { Behaviour } from './behaviour';
import { type Frame, resultOf } from './frame';

/** What the PBX answers to a KeepAlive; undefined for silence. */
export function keepAliveAnswer(frame: Frame, { keepAlive }: Readonly<Behaviour>): Frame | undefined {
    if (keepAlive === 'silent') return undefined;
    return keepAlive === 'echo' ? { mt: 'KeepAlive' } : resultOf(frame);
}
