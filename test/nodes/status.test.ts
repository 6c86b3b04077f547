import assert from 'node:assert/strict';
import type { NodeAPI } from 'node-red';
import { SyncError } from '../../lib/errors/errors';
import { sentenceIn } from '../../nodes/runtime/running-node';
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
