import { toSyncError } from '../../errors/errors';
import type { GraphClient, GraphRequest } from './graph-client';

/** Whatever sends Graph requests. */
export type Sender = Pick<GraphClient, 'send'>;

/**
 * Sends in the name of one of several accounts: the same one until an administrator must change something about it,
 * then the next. Only what all of them fail at fails.
 * @param senders may come and go
 */
export function firstThatWorks(senders: readonly Sender[]): Sender {
    let current = 0;
    return {
        send: async <T>(request: GraphRequest): Promise<T> => {
            let failure: unknown;
            const first = current;
            for (let tries = 0; tries < senders.length; tries++) {
                const index = (first + tries) % senders.length;
                try {
                    return await senders[index]!.send<T>(request);
                } catch (error) {
                    if (toSyncError(error).kind !== 'configuration') throw error;
                    failure ??= error;
                    // Others may have failed at the same time and moved on already.
                    if (current === index) current = (index + 1) % senders.length;
                }
            }
            throw failure;
        },
    };
}
