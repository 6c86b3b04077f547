import assert from 'node:assert/strict';
import { UserDirectory } from '../../../../lib/pbx/users/user-directory';
import type { PbxUser } from '../../../../lib/pbx/users/user-row';
import { UserMatches } from '../../../../lib/presence/user-matches';
import { userOf } from './user-of';

function user(guid: string, name: string, ...emails: string[]): PbxUser {
    return userOf({ guid, h323: name, cn: name, emails: emails.map(email => ({ email })) })!;
}

const anna = user('a1', 'Anna.Brandt', 'anna@brandt.example', 'a.brandt@brandt.example');
const emre = user('e1', 'emre', 'emre@brandt.example');

describe('The user directory', () => {
    let directory: UserDirectory;

    beforeEach(() => {
        directory = new UserDirectory();
        directory.put(anna);
        directory.put(emre);
    });

    it('finds by address, name and GUID, in any case', () => {
        for (const text of ['ANNA@brandt.example', 'a.brandt@brandt.example', 'anna.brandt', 'a1', 'A1']) {
            assert.equal(directory.find(text), anna, text);
        }
        assert.equal(directory.find('nobody@brandt.example'), undefined);
        assert.equal(directory.find(''), undefined);
    });

    it('finds a user of the other side by any address', () => {
        assert.equal(directory.find({ addresses: ['x@other.example', 'Emre@Brandt.example'] }), emre);
        assert.equal(directory.find({ addresses: [] }), undefined);
    });

    it('finds by the PBX identity before the address, by name where the GUID is unknown', () => {
        assert.equal(directory.find({ addresses: emre.addresses, pbx: anna.pbx }), anna);
        assert.equal(directory.find({ addresses: [], pbx: { ...anna.pbx, guid: 'gone' } }), anna);
    });

    it('tells what an addition is: new, other or nothing', () => {
        assert.deepEqual(directory.put(user('e1', 'emre', 'emre@brandt.example')), []);
        const renamed = user('e1', 'yilmaz', 'yilmaz@brandt.example');
        assert.deepEqual(directory.put(renamed), [{ from: emre, to: renamed }]);
        assert.equal(directory.find('emre'), undefined);
        assert.equal(directory.find('emre@brandt.example'), undefined);
        assert.equal(directory.find('yilmaz'), renamed);
        assert.equal(directory.size, 2);
    });

    it('removes', () => {
        assert.deepEqual(directory.remove('a1'), [{ from: anna }]);
        assert.deepEqual(directory.remove('a1'), []);
        assert.equal(directory.find('anna@brandt.example'), undefined);
        assert.deepEqual([...directory.all()], [emre]);
    });

    it('finds nobody by an address that two users share, until one of them is gone', () => {
        const twin = user('t1', 'twin', 'emre@brandt.example', 'twin@brandt.example');
        directory.put(twin);
        assert.equal(directory.find('emre@brandt.example'), undefined);
        assert.equal(directory.find({ addresses: ['emre@brandt.example'] }), undefined);
        assert.equal(directory.find({ addresses: ['emre@brandt.example', 'twin@brandt.example'] }), twin);
        directory.remove('e1');
        assert.equal(directory.find('emre@brandt.example'), twin);
    });

    it('finds somebody of Teams as they are matched, and by nothing else', () => {
        const matched = new UserDirectory(new UserMatches({ by: 'name-upn' }));
        matched.put(anna);
        matched.put(emre);
        const teams = { id: 't', userPrincipalName: 'Anna.Brandt@firm.example', mail: null };
        assert.equal(matched.find({ addresses: ['emre@brandt.example'], teams }), anna);
        assert.equal(matched.find({ addresses: ['emre@brandt.example'], teams: { ...teams, id: '' } }), emre);
        const stranger = { ...teams, userPrincipalName: 'x@firm.example' };
        assert.equal(matched.find({ addresses: ['emre@brandt.example'], teams: stranger }), undefined);
        assert.equal(directory.find({ addresses: ['Emre@brandt.example'], teams }), emre);
        matched.remove('a1');
        assert.equal(matched.find({ addresses: [], teams }), undefined);
    });

    it('finds nobody for two users of Teams who are the same', () => {
        const teams = (id: string) => ({
            addresses: ['emre@brandt.example'],
            displayName: 'Emre',
            teams: { id, userPrincipalName: 'x', mail: null },
        });
        directory.matches.putTeams(teams('1'));
        assert.equal(directory.find(teams('1')), emre);
        directory.matches.putTeams(teams('2'));
        assert.equal(directory.find(teams('1')), undefined);
        assert.equal(directory.find('emre@brandt.example'), emre);
    });

    it('takes a whole table and tells the differences', () => {
        assert.equal(directory.loaded, false);
        const priya = user('p1', 'priya');
        const changes = directory.replaceAll(
            new Map([
                ['a1', anna],
                ['p1', priya],
            ]),
        );
        assert.deepEqual(changes, [{ from: emre }, { from: undefined, to: priya }]);
        assert.equal(directory.loaded, true);
    });
});
