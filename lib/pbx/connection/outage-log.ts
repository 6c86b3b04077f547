import type { SyncError } from '../../support/errors';
import type { Log } from './pbx-settings';

/** One log line per outage and one when it is over; a second one only where it turns out to be the administrator's. */
export class OutageLog {
    readonly #log: Log;
    #first?: SyncError;
    #blamed?: string;

    constructor(log: Log) {
        this.#log = log;
    }

    /** Called with every failed attempt. */
    began(error: SyncError): void {
        const news = !this.#first || (!error.retryable && error.message !== this.#blamed);
        this.#first ??= error;
        if (!error.retryable) this.#blamed = error.message;
        this.#log(news ? 'warn' : 'debug', error.message);
    }

    /** @param pbx how the PBX is named to the administrator */
    over(pbx: string): void {
        if (this.#first) this.#log('info', `PBX ${pbx} is connected again`);
        this.#first = undefined;
        this.#blamed = undefined;
    }
}
