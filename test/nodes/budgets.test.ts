import assert from 'node:assert/strict';
import { endpointsOf } from '../../lib/teams/connection/clouds';
import type { TenantSettings } from '../../lib/teams/teams-tenant';
import { budgetOf } from '../../nodes/runtime/budgets';

const settings: TenantSettings = {
    ...endpointsOf('worldwide'),
    tenant: 'budgets.example',
    clientId: 'bbbbbbbb-0000-4000-8000-000000000001',
};

describe('the rate budget of an app registration in a tenant', () => {
    it('is one, whichever nodes hold the registration and however often they are deployed', () => {
        const budget = budgetOf(settings);
        assert.equal(budgetOf({ ...settings, tenant: 'Budgets.Example' }), budget);
        assert.equal(budgetOf({ ...settings, clientSecret: 'another secret' }), budget);
    });

    it('is its own for another registration and for another tenant', () => {
        const budget = budgetOf(settings);
        assert.notEqual(budgetOf({ ...settings, clientId: 'bbbbbbbb-0000-4000-8000-000000000002' }), budget);
        assert.notEqual(budgetOf({ ...settings, tenant: 'others.example' }), budget);
    });

    it('is 1,500 unless another number is set', () => {
        assert.equal(budgetOf(settings).size, 1_500);
        assert.equal(budgetOf({ ...settings, requestsPer30s: 800 }).size, 800);
    });
});
