import assert from 'node:assert/strict';
import type { TokenCredential } from '@azure/identity';
import { ConsistencyLevel, DefaultHeaders, DefaultInit, type GraphFI, graphfi } from '@pnp/graph';
import '@pnp/graph/cloud-communications/index.js';
import '@pnp/graph/groups/index.js';
import '@pnp/graph/members/index.js';
import '@pnp/graph/subscriptions/index.js';
import '@pnp/graph/users/index.js';
import { BearerToken, BrowserFetch, DefaultParse } from '@pnp/queryable';
import { accountOf, graphScope, secretOf } from './credentials.ts';
import { refusedHosts } from './loopback-only.ts';
import { NotificationReceiver } from './notification-receiver.ts';
import { type Office, startOffice } from './office.ts';

describe('@pnp/graph, the client of Microsoft 365 developers', () => {
    let office: Office;
    let graph: GraphFI;

    const clientFor = async (credential: TokenCredential): Promise<GraphFI> => {
        const answer = await credential.getToken(graphScope);
        return graphfi().using(
            DefaultHeaders(),
            DefaultInit(`${office.graphUrl}/v1.0`),
            BrowserFetch(),
            DefaultParse(),
            BearerToken(answer!.token),
        );
    };
    const somebody = async (index: number) => {
        const { mail } = office.people[index]!;
        const [user] = await graph.users.filter(`mail eq '${mail}'`).select('id', 'mail')();
        return { mail, id: user!.id! };
    };

    before(async () => {
        office = await startOffice();
        graph = await clientFor(secretOf(office));
    });

    it('lists all users, page by page', async () => {
        const ids = new Set<string>();
        for await (const page of graph.users.top(60).select('id')) for (const { id } of page) ids.add(id!);
        assert.equal(ids.size, office.users);
    });

    it('filters, sorts and searches users', async () => {
        const sorted = await graph.users.orderBy('displayName').top(5)();
        assert.deepEqual(
            sorted.map(({ displayName }) => displayName),
            sorted.map(({ displayName }) => displayName).toSorted(),
        );
        const licensed = await graph.users
            .using(ConsistencyLevel())
            .filter(
                "assignedLicenses/any(l:l/skuId eq 3b555118-da6a-4418-894f-7df1e2096870) and surname eq 'Brandt'",
            )();
        assert.ok(licensed.length > 0);
        const found = await graph.users.search('"displayName:Brandt"').using(ConsistencyLevel())();
        assert.ok(found.length > 0);
    });

    it('reads one user by address, and who is in a group', async () => {
        const { mail, id } = await somebody(4);
        assert.equal((await graph.users.getById(mail)()).id, id);
        const [group] = await graph.groups();
        assert.equal((await graph.groups.getById(group!.id!).members.top(999)()).length, office.people.length);
    });

    it('reads the presences of many at once, and one', async () => {
        const ids = (await graph.users.top(200).select('id')()).map(({ id }) => id!);
        const presences = await graph.communications.getPresencesByUserId(ids);
        assert.deepEqual(presences.map(({ id }) => id).toSorted(), ids.toSorted());
        const { id } = await somebody(5);
        assert.equal((await graph.users.getById(id).presence()).activity, 'Available');
    });

    it('sets and clears session, preferred presence and status message', async () => {
        const { id } = await somebody(6);
        const { presence } = graph.users.getById(id);
        const activity = async () => (await graph.users.getById(id).presence()).activity;
        const sessionId = office.app.clientId;
        await presence.setPresence({
            sessionId,
            availability: 'DoNotDisturb',
            activity: 'Presenting',
            expirationDuration: 'PT15M',
        });
        assert.equal(await activity(), 'Presenting');
        await presence.clearPresence(sessionId);
        await presence.setPreferredPresence({ availability: 'Away', activity: 'Away', expirationDuration: 'PT1H' });
        assert.equal(await activity(), 'Away');
        await presence.clearPreferredPresence();
        assert.equal(await activity(), 'Available');
        await presence.setStatusMessage({
            message: { content: 'Back at ten', contentType: 'text' },
            expiryDateTime: { dateTime: '2099-07-01T10:00:00', timeZone: 'W. Europe Standard Time' },
        });
        assert.deepEqual((await graph.users.getById(id).presence()).statusMessage, {
            message: { content: 'Back at ten', contentType: 'text' },
        });
    });

    it('subscribes to a presence, is notified, renews and deletes', async () => {
        const receiver = new NotificationReceiver(office);
        await receiver.start();
        try {
            const delegated = await clientFor(accountOf(office));
            const { id, mail } = await somebody(7);
            const at = (minutes: number) => new Date(Date.now() + minutes * 60_000).toISOString();
            const resource = `communications/presences/${id}`;
            const { data, subscription } = await delegated.subscriptions.add(
                'updated',
                office.notificationUrl,
                resource,
                at(50),
                {
                    clientState: 'state of pnp',
                    includeResourceData: true,
                    encryptionCertificate: office.app.certificate.replace(/-----[^-]+-----|\s/g, ''),
                    encryptionCertificateId: 'own',
                },
            );
            await office.change(mail, 'teams', { availability: 'BeRightBack', activity: 'BeRightBack' });
            const [said] = await receiver.next();
            assert.deepEqual([said?.subscriptionId, said?.clientState], [data.id, 'state of pnp']);
            assert.deepEqual([said?.id, said?.activity], [id, 'BeRightBack']);
            const expirationDateTime = at(59);
            await subscription.update({ expirationDateTime });
            const [kept] = await delegated.subscriptions();
            assert.equal(new Date(kept!.expirationDateTime!).toISOString(), expirationDateTime);
            await subscription.delete();
            assert.deepEqual(await delegated.subscriptions(), []);
        } finally {
            await receiver.stop();
        }
    });

    it('is told in words what the simulated tenant does not have', async () => {
        const { id } = await somebody(0);
        await assert.rejects(graph.users.getById(id).memberOf(), /501.*Not simulated: GET \/users/s);
    });

    it('has contacted this machine alone', () => {
        assert.deepEqual(refusedHosts, []);
    });
});
