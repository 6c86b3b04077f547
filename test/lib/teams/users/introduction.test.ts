import assert from 'node:assert/strict';
import type { PresenceUser } from '../../../../lib/presence/message';
import { UserMatches } from '../../../../lib/presence/user-matches';
import { DirectoryReader } from '../../../../lib/teams/users/directory-reader';
import { introduce } from '../../../../lib/teams/users/introduction';
import { systemClock } from '../../../../lib/time/clock';
import { until } from '../../pbx/pbx-bench';

const pbxUser: PresenceUser = {
    addresses: ['a@x.example'],
    displayName: 'Anna',
    pbx: { guid: 'g', name: 'anna', longName: 'Anna', displayName: 'Anna', number: '11', node: 'pbx' },
};

/** The directory of a tenant with these mail addresses, read in full. */
async function directoryOf(...mails: string[]): Promise<{ directory: DirectoryReader; end: () => void }> {
    const directory = new DirectoryReader({ clock: systemClock });
    const value = mails.map(mail => ({ id: `t-${mail}`, displayName: mail, mail, userPrincipalName: mail }));
    const isDelta = (path: string) => path.includes('delta');
    const send = async <T>({ path }: { path: string }) =>
        (isDelta(path) ? { value: [], '@odata.deltaLink': '/delta' } : { value }) as T;
    const end = directory.use({ send });
    await until(() => directory.loaded);
    return { directory, end };
}

describe('Introducing Teams to a PBX', () => {
    let matches: UserMatches;

    beforeEach(() => {
        matches = new UserMatches();
        matches.putPbx(pbxUser);
    });

    const match = () => matches.teamsOf(pbxUser)?.teams?.id;

    it('lasts as long as anybody has use for it', async () => {
        const { directory, end } = await directoryOf('a@x.example');
        const [first, second] = [introduce(directory, matches), introduce(directory, matches)];
        assert.equal(match(), 't-a@x.example');
        first();
        first();
        assert.equal(match(), 't-a@x.example');
        second();
        assert.equal(match(), undefined);
        end();
    });

    it('of the same tenant by two registrations lasts until both are gone', async () => {
        const [one, other] = [await directoryOf('a@x.example', 'b@x.example'), await directoryOf('a@x.example')];
        const parts = [introduce(one.directory, matches), introduce(other.directory, matches)];
        parts[0]!();
        assert.equal(match(), 't-a@x.example');
        parts[1]!();
        assert.equal(match(), undefined);
        one.end();
        other.end();
    });
});
