import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { defaultPeople, manyPeople, officeDomain, type Person } from '../../../lib/simulator/person';

function assertWellFormed(people: Person[]): void {
    for (const key of ['mail', 'number', 'guid', 'teamsId', 'name'] as const)
        assert.equal(new Set(people.map(person => person[key])).size, people.length, `${key} is not unique`);
    for (const { mail, number, guid, teamsId } of people) {
        assert.match(mail, new RegExp(`^[a-z0-9.]+@${officeDomain}$`));
        assert.match(number, /^\d+$/);
        assert.match(guid, /^[0-9a-f]{32}$/);
        assert.match(teamsId, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
    }
}

describe('the people of the simulated office', () => {
    it('are eight by default, one with an umlaut and an ASCII address', () => {
        const people = defaultPeople();
        assert.equal(people.length, 8);
        assertWellFormed(people);
        assert.equal(people.find(({ name }) => name === 'Jürgen Vogel')?.mail, `juergen.vogel@${officeDomain}`);
    });

    it('are the same ones every time', () => {
        assert.deepEqual(defaultPeople(), defaultPeople());
        assert.deepEqual(manyPeople(1500), manyPeople(1500));
    });

    it('can be as many as wanted, all different', () => {
        assert.equal(manyPeople(0).length, 0);
        const people = manyPeople(2500);
        assert.equal(people.length, 2500);
        assertWellFormed(people);
    });
});
