import type { Node, NodeAPI } from 'node-red';
import type { ConnectionState } from '../../lib/support/connection-state';
import type { PresenceSubscriber } from '../../lib/teams/reading/presence-subscriber';
import type { TeamsTenant } from '../../lib/teams/teams-tenant';
import type { Scope } from '../../lib/teams/users/scope';
import type { SharedAddress } from '../../lib/teams/users/user-directory';
import { LeftOut } from './left-out';
import { sentenceIn } from './status';

/** What a subscriber is made of. */
export interface SubscriberParts {
    tenant: TeamsTenant;
    scope: Scope;
    subscriber: PresenceSubscriber;
}

/**
 * Warns by name of everybody who is not followed or not followed in time, of addresses that several users have, and of
 * accounts whose notifications stay out. Returns the function that ends it.
 */
export function tellByName(RED: NodeAPI, node: Node, { tenant, scope, subscriber }: SubscriberParts): () => void {
    const sentence = sentenceIn(RED);
    const leftOut = new LeftOut(node);
    if (subscriber.notice) node.warn(sentence(subscriber.notice));
    const onShared = (addresses: SharedAddress[]): void => {
        for (const { address, owner, others } of addresses) {
            const names = [owner, ...others].map(({ displayName }) => displayName);
            leftOut.add(`${address} (${names.join(', ')})`, RED._('teams-subscriber.left-out.shared'));
        }
    };
    const silent = new Set<string>();
    const onState = (): void => {
        const now = subscriber.silentAccounts;
        for (const account of now) if (!silent.has(account)) node.warn(RED._('teams-subscriber.silent', { account }));
        for (const account of silent)
            if (!now.includes(account)) node.log(RED._('teams-subscriber.heard', { account }));
        silent.clear();
        for (const account of now) silent.add(account);
    };
    subscriber.on('state', onState);
    subscriber.on('leftOut', (names, reason) => {
        for (const name of names) leftOut.add(name, sentence(reason));
    });
    scope.on('leftOut', (name, reason) => leftOut.add(name, RED._(`teams-subscriber.left-out.${reason}`)));
    tenant.directory.on('shared', onShared);
    onShared(tenant.directory.shared());
    return () => {
        tenant.directory.off('shared', onShared);
        scope.removeAllListeners('leftOut');
        leftOut.stop();
    };
}

/** The state in words where it is neither an error nor needs none. */
export function detailOf(
    RED: NodeAPI,
    { phase }: ConnectionState,
    { tenant, scope, subscriber }: SubscriberParts,
    waitsFor: { pbx: boolean; receiver: boolean },
): { detail?: string } {
    const text = (key: string, parameters = {}): { detail: string } => ({
        detail: RED._(`teams-subscriber.status.${key}`, parameters),
    });
    const { size: count, polled } = subscriber;
    if (phase === 'online') return polled > 0 ? text('polling', { count, polled }) : text('following', { count });
    if (phase !== 'connecting') return {};
    if (waitsFor.pbx && scope.state.phase !== 'online') return text('waiting-pbx');
    return waitsFor.receiver && !subscriber.notice && !tenant.notifications.url ? text('waiting-receiver') : {};
}
