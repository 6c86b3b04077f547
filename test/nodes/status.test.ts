import assert from 'node:assert/strict';
import type { NodeAPI } from 'node-red';
import { SyncError } from '../../lib/errors/errors';
import { type RunningNode, sentenceIn } from '../../nodes/runtime/running-node';
import { leftOutTeller } from '../../nodes/runtime/status';
import { readCatalog, textOf } from './fake-editor';

describe('Sentences of errors', () => {
    /** What Node-RED looks up where it runs in a language. */
    function runtime(language: string): NodeAPI {
        const translate = (key: string) => textOf(readCatalog(language, 'azure-app'), key.replace(/^.*:/, '')) ?? key;
        return { _: translate } as unknown as NodeAPI;
    }

    it('are said in the language of the runtime, in English where it has another', () => {
        const missing = new SyncError('FIELD_MISSING', { field: 'Tenant' });
        assert.equal(sentenceIn(runtime('de'), missing), 'Mandant fehlt');
        assert.equal(sentenceIn(runtime('en-US'), missing), 'Tenant is missing');
        assert.equal(sentenceIn({ _: (key: string) => key } as unknown as NodeAPI, missing), 'Tenant is missing');
    });
});

describe('People who are left out', () => {
    it('are named once for each reason, many in one line', () => {
        const lines: string[] = [];
        const closing = new AbortController();
        const node = { warn: (line: string) => lines.push(line) };
        const leftOut = leftOutTeller({ node, closing: closing.signal } as unknown as RunningNode);
        for (const name of ['anna', 'ben', 'anna']) leftOut(name, 'No licence');
        leftOut('anna', 'Unknown');
        // What is gathered is told at the end at the latest.
        closing.abort();
        assert.deepEqual(lines, ['No licence: anna, ben', 'Unknown: anna']);
    });
});
