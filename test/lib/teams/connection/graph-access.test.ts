import assert from 'node:assert/strict';
import type { RateBudget } from '../../../../lib/support/rate-budget';
import { endpointsOf, hasPresenceNotifications } from '../../../../lib/teams/connection/clouds';
import { checkRegistration, GraphAccess } from '../../../../lib/teams/connection/graph-access';
import { FakeClock } from '../../../support/fake-clock';
import { account, app } from '../teams-fixture';

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
        [{ tenant, clientId: tenant.toUpperCase() }, 'Client id is not valid: it is the id of the tenant'],
        [{ tenant: 'contoso', clientId }, 'Tenant is not valid'],
        [{ tenant: 'https://contoso.com/x', clientId }, 'Tenant is not valid'],
    ];
    for (const [registration, sentence] of mistakes)
        it(`names the field: ${sentence}`, () => {
            assert.throws(() => checkRegistration(registration), { message: new RegExp(`^${sentence}`) });
        });
});

describe('presence calls', () => {
    let clock: FakeClock;
    let registration: GraphAccess;

    afterEach(() => registration.stop());

    function use(requestsPer30s?: number): RateBudget {
        clock = new FakeClock();
        const settings = { ...app, ...endpointsOf('worldwide'), tenant, requestsPer30s };
        registration = new GraphAccess({ settings, clock });
        return registration.asApp().budget;
    }

    for (const [set, expected] of [
        [undefined, 1_500],
        [800, 800],
    ] as const)
        it(`keep to ${expected} in 30 s where ${set ?? 'nothing'} is set`, async () => {
            const budget = use(set);
            const grant = await budget.take('edge', 20_000);
            assert.equal(grant.count, expected);
            grant.answered();
            await clock.advance(29_999);
            assert.equal(budget.used, expected);
            await clock.advance(1);
            assert.equal(budget.used, 0);
        });

    it('of the app and of its accounts share one budget', () => {
        const budget = use();
        assert.equal(registration.asAccount(account).budget, budget);
    });
});

describe('clouds', () => {
    it('have their own addresses', () => {
        assert.equal(endpointsOf('worldwide').graphUrl, 'https://graph.microsoft.com');
        assert.equal(endpointsOf('gcc-high').loginUrl, 'https://login.microsoftonline.us');
        assert.deepEqual(
            ['worldwide', 'gcc-high', 'dod'].map(cloud => hasPresenceNotifications(endpointsOf(cloud))),
            [true, false, false],
        );
        assert.equal(endpointsOf('dod').graphUrl, 'https://dod-graph.microsoft.us');
    });

    it('are refused in words where there is no presence, or no such cloud', () => {
        assert.throws(() => endpointsOf('china'), { code: 'TEAMS_CLOUD_UNSUPPORTED' });
        assert.throws(() => endpointsOf('moon'), { code: 'FIELD_INVALID', message: /^Cloud is not valid/ });
    });
});
