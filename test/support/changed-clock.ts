import { FakeClock } from './fake-clock';

/** A clock whose time of day can be changed, as an administrator or a time service does; timers go on as they were. */
export class ChangedClock extends FakeClock {
    #offset = 0;

    override now(): number {
        return super.now() + this.#offset;
    }

    /** @param by ms */
    setBack(by: number): void {
        this.#offset -= by;
    }
}
