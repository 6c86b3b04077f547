import assert from 'node:assert/strict';
import { SyncError } from '../../../../lib/errors/errors';
import { firstThatWorks, type Sender } from '../../../../lib/teams/connection/graph-client';

const request = { what: 'ask', method: 'GET', path: '/' } as const;

/** A sender that answers with its name, or fails. */
function sender(name: string, failure?: SyncError): Sender & { asked: number } {
    const made = {
        asked: 0,
        send: async <T>(): Promise<T> => {
            made.asked += 1;
            await Promise.resolve();
            if (failure) throw failure;
            return name as T;
        },
    };
    return made;
}

describe('the first sender that works', () => {
    const mistake = new SyncError('TEAMS_PASSWORD_WRONG', { account: 'a' });

    it('serves all, also those who ask at the same time', async () => {
        const [bad, good] = [sender('bad', mistake), sender('good')];
        const graph = firstThatWorks([bad, good]);
        assert.deepEqual(await Promise.all([graph.send(request), graph.send(request)]), ['good', 'good']);
        assert.equal(await graph.send(request), 'good');
        assert.equal(bad.asked, 2);
    });

    it('is looked for among those who were there when the request came', async () => {
        const senders = [sender('bad', mistake), sender('good')];
        const graph = firstThatWorks(senders);
        const asked = graph.send(request);
        senders.splice(0);
        assert.equal(await asked, 'good');
        await assert.rejects(graph.send(request), { code: 'NODE_STOPPED' });
    });

    it('is not looked for in an outage: the next would fail as well', async () => {
        const [away, good] = [
            sender('away', new SyncError('TEAMS_TIMEOUT', { host: 'x', seconds: 1 })),
            sender('good'),
        ];
        await assert.rejects(firstThatWorks([away, good]).send(request), { code: 'TEAMS_TIMEOUT' });
        assert.equal(good.asked, 0);
    });

    it('is missed with the first reason where none works', async () => {
        const other = new SyncError('TEAMS_ACCOUNT_DISABLED', { account: 'b' });
        const graph = firstThatWorks([sender('a', mistake), sender('b', other)]);
        await assert.rejects(graph.send(request), { code: 'TEAMS_PASSWORD_WRONG' });
    });
});
