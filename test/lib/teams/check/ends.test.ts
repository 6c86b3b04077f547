import assert from 'node:assert/strict';
import { endLines } from '../../../../lib/teams/check/check-registration';

const day = 86_400_000;
const end = Date.UTC(2027, 2, 31);
const app = { tenant: 't', clientId: 'c', loginUrl: '', graphUrl: '', clientSecret: 's', secretEnds: end };

describe('The end of a client secret, as the administrator has noted it', () => {
    for (const [days, code, en, de] of [
        [31, 'CHECK_SECRET_VALID', /valid until 2027-03-31$/, /gilt das Clientgeheimnis bis 2027-03-31$/],
        [29, 'CHECK_SECRET_ENDS_SOON', /ends in 29 days, on 2027-03-31/, /endet in 29 Tagen, am 2027-03-31/],
        [0, 'CHECK_SECRET_ENDED', /has ended on 2027-03-31/, /seit 2027-03-31 abgelaufen/],
        [-100, 'CHECK_SECRET_ENDED', /has ended on 2027-03-31/, /seit 2027-03-31 abgelaufen/],
    ] as const)
        it(`${days} days before it: ${code}, and never as a failure [E5]`, () => {
            const [line, ...more] = endLines(app, end - days * day);
            assert.deepEqual([line?.code, more], [code, []]);
            assert.notEqual(line?.ok, false);
            assert.match(line?.sentence.en ?? '', en);
            assert.match(line?.sentence.de ?? '', de);
        });

    it('is not told where it was not noted, nor where a federated credential has none [E5]', () => {
        assert.deepEqual(endLines({ ...app, secretEnds: undefined }, end), []);
        const federated = { tokenFile: '/token' };
        assert.deepEqual(endLines({ ...app, secretEnds: undefined, federated }, end), []);
    });
});
