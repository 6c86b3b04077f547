import { MovableClock, type Move } from './movable-clock';

/** Preloaded into a process whose parent moves its time with a {@link RemoteClock}. */

/** The environment variable that says by how many ms the date of the process is ahead at its start. */
export const dateAheadVariable = 'SOAK_DATE_AHEAD';

/** What the parent sends, and what it is answered: before the process stops, and once all is done. */
export interface ClockOrder {
    moveClock: Move;
}
export interface ClockAnswer {
    clock: 'asleep' | 'moved';
}

/** What fell due, and the requests that follow from it, have so many ms of real time. */
const reaction = 4;

const clock = new MovableClock(Number(process.env[dateAheadVariable] ?? 0));

function answer(state: ClockAnswer['clock']): void {
    process.send?.({ clock: state } satisfies ClockAnswer);
}

// Also a module that names are imported from: it acts only in a child.
if (process.send && process.env[dateAheadVariable] !== undefined) {
    clock.install();
    process.on('message', (order: Partial<ClockOrder> | null) => {
        if (!order?.moveClock) return;
        clock.move(order.moveClock, () => answer('asleep'));
        setTimeout(() => answer('moved'), reaction);
    });
}
