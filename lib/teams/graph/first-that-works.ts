import { toSyncError } from '../../support/errors';
import type { GraphClient, GraphRequest } from './graph-client';

/** Whatever sends Graph requests. */
export type Sender = Pick<GraphClient, 'send'>;

/**
 * Sends in the name of one of several accounts: the same one until an administrator must change something about it,
 * then the next. Only what all of them fail at fails.
 */
export function firstThatWorks(senders: readonly Sender[]): Sender {
    let current = 0;
    return {
        send: async <T>(request: GraphRequest): Promise<T> => {
            let failure: unknown;
            for (let tries = 0; tries < senders.length; tries++) {
                try {
                    return await senders[current]!.send<T>(request);
                } catch (error) {
                    if (toSyncError(error).kind !== 'configuration') throw error;
                    failure ??= error;
                    current = (current + 1) % senders.length;
                }
            }
            throw failure;
        },
    };
}
