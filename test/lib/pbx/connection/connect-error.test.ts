import assert from 'node:assert/strict';
import { SyncError } from '../../../../lib/errors/errors';
import { connectError } from '../../../../lib/pbx/connection/dial';

function failure(message: string, code?: string): Error {
    return Object.assign(new Error(message), code && { code });
}

describe('A connection that does not come about', () => {
    it("is the administrator's where the certificate is not trusted", () => {
        for (const code of ['DEPTH_ZERO_SELF_SIGNED_CERT', 'CERT_HAS_EXPIRED', 'ERR_TLS_CERT_ALTNAME_INVALID']) {
            const error = connectError('pbx', failure('certificate', code));
            assert.equal(error.code, 'PBX_CERTIFICATE_UNTRUSTED');
            assert.match(error.message, new RegExp(code));
        }
        const error = connectError('pbx', failure('EE certificate key too weak', 'UNSPECIFIED'));
        assert.equal(error.code, 'PBX_CERTIFICATE_UNTRUSTED');
        assert.match(error.message, /UNSPECIFIED: EE certificate key too weak/);
    });

    it('is an outage otherwise', () => {
        const error = connectError('pbx', failure('connect ECONNREFUSED', 'ECONNREFUSED'));
        assert.equal(error.message, 'PBX pbx cannot be reached (ECONNREFUSED)');
    });

    it('says so where something answers that is no App websocket', () => {
        const error = connectError('pbx', failure('Unexpected server response: 404'));
        assert.equal(error.code, 'PBX_NO_WEBSOCKET');
        assert.match(
            error.message,
            /^pbx answers, but offers no App websocket there \(HTTP 404\): check .* the module$/,
        );
    });

    it('keeps an error that already says what is wrong', () => {
        const error = new SyncError('PBX_SILENT', { host: 'pbx', seconds: 10 });
        assert.equal(connectError('pbx', error), error);
    });
});
