import assert from 'node:assert/strict';
import { MemoryClaimStore } from '../../../lib/sync/claim-store';
import { endpointsOf } from '../../../lib/teams/connection/clouds';
import type { RegistrationSettings } from '../../../lib/teams/connection/graph-access';
import { TeamsSystems, type TeamsUse } from '../../../lib/teams/teams-systems';
import { Continuity } from '../../../lib/time/continuity';
import { FakeClock } from '../../support/fake-clock';

const clientId = 'bbbbbbbb-0000-4000-8000-000000000001';
const settings: RegistrationSettings = {
    ...endpointsOf('worldwide'),
    tenant: 'budgets.example',
    clientId,
    clientSecret: 'secret',
};

let clock: FakeClock;
let systems: TeamsSystems;

beforeEach(() => {
    clock = new FakeClock();
    systems = new TeamsSystems(clock, new Continuity(clock));
});

const take = (changed: Partial<RegistrationSettings> = {}, owner = 'node'): TeamsUse =>
    systems.take(owner, { ...settings, ...changed });

describe('The addresses of a cloud', () => {
    it('are those of the choices, whatever other names an object has', () => {
        for (const cloud of ['constructor', '__proto__', 'toString', 'mars'])
            assert.throws(() => endpointsOf(cloud), { code: 'FIELD_INVALID' });
    });
});

describe('the rate budget of an app registration in a tenant', () => {
    const budgetOf = (changed?: Partial<RegistrationSettings>, owner?: string) =>
        take(changed, owner).registration.asApp().budget;

    it('is one, whichever nodes hold the registration and however often they are deployed', () => {
        const budget = budgetOf();
        assert.equal(budgetOf({ tenant: 'Budgets.Example' }, 'other'), budget);
        assert.equal(budgetOf({ clientSecret: 'another secret' }), budget);
    });

    it('is its own for another registration and for another tenant', () => {
        const budget = budgetOf();
        assert.notEqual(budgetOf({ clientId: 'bbbbbbbb-0000-4000-8000-000000000002' }), budget);
        assert.notEqual(budgetOf({ tenant: 'others.example' }), budget);
    });

    it('is 1,500 unless another number is set', () => {
        assert.equal(budgetOf().size, 1_500);
        assert.equal(budgetOf({ requestsPer30s: 800 }).size, 800);
    });
});

describe('the system of a tenant', () => {
    it('is one for all its registrations, and another one in another cloud', () => {
        const { system } = take();
        assert.equal(take({ clientId: 'bbbbbbbb-0000-4000-8000-000000000002' }, 'other').system, system);
        assert.notEqual(take(endpointsOf('dod'), 'third').system, system);
    });

    it('outlives a deploy that does not change it, with its registrations', async () => {
        const before = take();
        await before.release();
        await clock.advance(15_000);
        const after = take();
        assert.deepEqual([after.system, after.registration], [before.system, before.registration]);
    });

    it('outlives a registration that a deploy changes', async () => {
        const before = take();
        await before.release();
        const after = take({ clientSecret: 'another secret' });
        await clock.advance(60_000);
        assert.equal(after.system, before.system);
        assert.notEqual(after.registration, before.registration);
        assert.equal(take({}, 'other').system, before.system);
    });

    it('ends a minute after its last use', async () => {
        const before = take();
        await before.release();
        await before.release();
        await clock.advance(60_000);
        assert.notEqual(take().system, before.system);
    });

    it('ends at once where no deploy follows, and Microsoft goes on counting', async () => {
        const before = take();
        const { budget } = before.registration.asApp();
        await before.release(true);
        assert.equal(clock.waiting, 0);
        const after = take();
        assert.notEqual(after.system, before.system);
        assert.equal(after.registration.asApp().budget, budget);
    });

    it('is another one where its log was closed and another one opened', async () => {
        const [closed, opened] = [new MemoryClaimStore(clock), new MemoryClaimStore(clock)];
        const before = systems.take('node', settings, closed);
        await before.release();
        const after = systems.take('node', settings, opened);
        assert.notEqual(after.system, before.system);
        assert.equal(systems.take('other', { ...settings, clientSecret: 'x' }, opened).system, after.system);
    });

    it('goes on while anybody uses it', async () => {
        const [first, second] = [take(), take()];
        await first.release();
        await first.release();
        await clock.advance(120_000);
        assert.equal(take().system, second.system);
    });
});
