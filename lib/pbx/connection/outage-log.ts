import type { SyncError } from '../../errors/errors';
import type { Log } from './pbx-settings';

/** Sentences that are told of one outage: each stranger who calls may have one of his own. */
const mostSentences = 10;

/** One log line per outage and one when it is over; a further one for each sentence that is the administrator's. */
export class OutageLog {
    readonly #log: Log;
    readonly #blamed = new Set<string>();
    #isOut = false;

    constructor(log: Log) {
        this.#log = log;
    }

    /** Called with every failed attempt. */
    began(error: SyncError): void {
        const isNews = !this.#isOut;
        this.#isOut = true;
        this.#tell(error, isNews);
    }

    /** Called with what may be the reason of an outage or not. @returns whether it has not been told yet */
    noted(error: SyncError): boolean {
        return this.#tell(error, false);
    }

    /** @param pbx how the PBX is named to the administrator */
    over(pbx: string): void {
        if (this.#isOut || this.#blamed.size > 0) this.#log('info', `PBX ${pbx} is connected again`);
        this.#isOut = false;
        this.#blamed.clear();
    }

    #tell(error: SyncError, isFirst: boolean): boolean {
        const isBlame = !error.retryable && !this.#blamed.has(error.message) && this.#blamed.size < mostSentences;
        if (isBlame) this.#blamed.add(error.message);
        const isNews = isFirst || isBlame;
        this.#log(isNews ? 'warn' : 'debug', error.message);
        return isNews;
    }
}
