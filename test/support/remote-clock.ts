import type { ChildProcess } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import type { ClockAnswer, ClockOrder } from './clock-moved-by-parent';
import type { Move } from './movable-clock';

/** What makes the clock of a child movable, as options of its `fork`. */
export const movable = require.resolve('./clock-moved-by-parent');

/** Once it has said that it stops, a process stops within so many ms. */
const fallingAsleep = 30;

/** Moves the clock of a child process that has {@link movable} preloaded. */
export class RemoteClock {
    readonly #child: () => ChildProcess | undefined;

    /** @param child the process as it is now: another one after each start, none while it does not run */
    constructor(child: () => ChildProcess | undefined) {
        this.#child = child;
    }

    /** Lets time pass in the process, at once. Nothing happens where it does not run. */
    pass(ms: number): Promise<void> {
        return this.#order({ pass: ms }, 'moved');
    }

    stepDate(by: number): Promise<void> {
        return this.#order({ stepDate: by }, 'moved');
    }

    /** The host of the process sleeps for `ms`; it is stopped while `meanwhile` runs. */
    async sleep(ms: number, meanwhile: () => Promise<void>): Promise<void> {
        await this.#order({ sleep: ms }, 'asleep');
        await delay(fallingAsleep);
        await meanwhile();
        const moved = this.#answer('moved');
        this.#child()?.kill('SIGCONT');
        await moved;
    }

    /** The process is stopped while `meanwhile` runs, and its clocks go on. */
    async freeze(meanwhile: () => Promise<void>): Promise<void> {
        this.#child()?.kill('SIGSTOP');
        await meanwhile();
        this.#child()?.kill('SIGCONT');
    }

    async #order(moveClock: Move, until: ClockAnswer['clock']): Promise<void> {
        const answered = this.#answer(until);
        const child = this.#child();
        if (child?.connected) child.send({ moveClock } satisfies ClockOrder);
        await answered;
    }

    /** Resolves with the answer, or where there is no process to give one. */
    async #answer(wanted: ClockAnswer['clock']): Promise<void> {
        const child = this.#child();
        if (!child?.connected) return;
        await new Promise<void>(resolve => {
            const end = (): void => {
                child.off('message', onMessage).off('close', end);
                resolve();
            };
            const onMessage = (message: Partial<ClockAnswer> | null): void => {
                if (message?.clock === wanted) end();
            };
            child.on('message', onMessage).on('close', end);
        });
    }
}
