import type { EventEmitter } from 'node:events';
import type { Log } from './pbx-settings';

/** Emits an event. A listener that throws must not end a connection, let alone the process. */
export function tell<Events extends Record<keyof Events, unknown[]>, Name extends keyof Events & string>(
    emitter: EventEmitter<Events>,
    log: Log,
    name: Name,
    ...values: Events[Name]
): void {
    try {
        (emitter as EventEmitter).emit(name, ...values);
    } catch (thrown) {
        log('warn', `A listener of '${name}' has failed: ${String(thrown)}`);
    }
}
