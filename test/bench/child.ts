import { type ChildProcess, fork } from 'node:child_process';

/** Another process of the bench, which answers one request after the other and may tell of what happens in it. */
export class Child<Request extends object, Told extends object> {
    onTold: (told: Told) => void = () => {};
    readonly #process: ChildProcess;
    readonly #waiting: ((answer: unknown) => void)[] = [];

    /** @param file a module that calls {@link serve} where it is the main one */
    constructor(file: string) {
        this.#process = fork(file, { serialization: 'advanced' });
        this.#process.on('message', (message: { answer: unknown } | { told: Told }) => {
            if ('told' in message) this.onTold(message.told);
            else this.#waiting.shift()?.(message.answer);
        });
    }

    ask<Answer>(request: Request): Promise<Answer> {
        return new Promise(resolve => {
            this.#waiting.push(answer => resolve(answer as Answer));
            this.#process.send(request);
        });
    }

    close(): void {
        this.#process.kill();
    }
}

/** Answers the process that has started this one, and ends with it. Returns what tells it something unasked. */
export function serve<Request extends object, Told extends object>(
    answer: (request: Request) => unknown,
): (told: Told) => void {
    const work = async (request: Request): Promise<void> => {
        process.send!({ answer: await answer(request) });
    };
    process.on('message', (request: Request) => {
        work(request).catch(error => {
            process.stderr.write(`${error}\n`);
            process.exit(1);
        });
    });
    process.on('disconnect', () => process.exit(0));
    return told => void process.send!({ told });
}

/** Milliseconds since the epoch, with fractions: comparable between processes of one machine. */
export function preciseNow(): number {
    return performance.timeOrigin + performance.now();
}
