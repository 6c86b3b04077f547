import type { Frame } from '../connection/frame';
import type { PbxSession } from '../connection/pbx-session';

/** Answers awaited per connection; a PBX that has left so many out will not give the oldest any more. */
const longestMemory = 1_000;

type Take = (answer: Frame) => void;

/** Answers to requests that were given up because the PBX was too slow: what it has done all the same is undone. */
export class LateAnswers {
    readonly #bySession = new WeakMap<PbxSession, Map<string, Take>>();

    /** @param src of the request @param take called once, if the answer comes at all; must not throw */
    expect(session: PbxSession, src: string, take: Take): void {
        const awaited = this.#awaitedOf(session);
        awaited.set(src, take);
        const [oldest] = awaited.keys();
        if (awaited.size > longestMemory) awaited.delete(oldest!);
    }

    #awaitedOf(session: PbxSession): Map<string, Take> {
        const known = this.#bySession.get(session);
        if (known) return known;
        const awaited = new Map<string, Take>();
        this.#bySession.set(session, awaited);
        session.on('indication', ({ mt, src = '', ...fields }) => {
            const take = mt.endsWith('Result') ? awaited.get(src) : undefined;
            awaited.delete(src);
            take?.({ mt, src, ...fields });
        });
        return awaited;
    }
}
