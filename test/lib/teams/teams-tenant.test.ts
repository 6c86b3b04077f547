import assert from 'node:assert/strict';
import { endpointsOf } from '../../../lib/teams/clouds';
import { checkRegistration } from '../../../lib/teams/teams-tenant';
import { app } from './teams-fixture';

const { clientId } = app;
const tenant = '6d1f0a52-0c5e-4d3b-9a51-1f2e3d4c5b6a';

describe('an app registration', () => {
    it('is taken with the tenant as GUID or as domain', () => {
        checkRegistration({ tenant, clientId });
        checkRegistration({ tenant: 'contoso.onmicrosoft.com', clientId: clientId.toUpperCase() });
    });

    const mistakes: [registration: { tenant: string; clientId: string }, sentence: string][] = [
        [{ tenant: '', clientId }, 'Tenant is missing'],
        [{ tenant, clientId: '' }, 'Client id is missing'],
        [{ tenant, clientId: 'my app' }, 'Client id is not valid'],
        [{ tenant: 'contoso', clientId }, 'Tenant is not valid'],
        [{ tenant: 'https://contoso.com/x', clientId }, 'Tenant is not valid'],
    ];
    for (const [registration, sentence] of mistakes)
        it(`names the field: ${sentence}`, () => {
            assert.throws(() => checkRegistration(registration), { message: new RegExp(`^${sentence}`) });
        });
});

describe('clouds', () => {
    it('have their own addresses', () => {
        assert.equal(endpointsOf('worldwide').graphUrl, 'https://graph.microsoft.com');
        assert.equal(endpointsOf('gcc-high').loginUrl, 'https://login.microsoftonline.us');
        assert.equal(endpointsOf('dod').graphUrl, 'https://dod-graph.microsoft.us');
    });

    it('are refused in words where there is no presence, or no such cloud', () => {
        assert.throws(() => endpointsOf('china'), { code: 'TEAMS_CLOUD_UNSUPPORTED' });
        assert.throws(() => endpointsOf('moon'), { code: 'FIELD_INVALID', message: /^Cloud is not valid/ });
    });
});
