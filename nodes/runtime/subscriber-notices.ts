import type { Node, NodeAPI } from 'node-red';
import type { PresenceFollower, TeamsSystem } from '../../lib/teams/teams-system';
import { PbxScope } from '../../lib/teams/users/pbx-scope';
import type { SharedAddress } from '../../lib/teams/users/user-directory';
import { LeftOut } from './left-out';
import { sentenceIn } from './status';

/**
 * Warns by name of users who are not followed or not followed in time, of addresses that several users have, and of
 * accounts whose notifications stay out. Returns the function that ends it.
 */
export function tellByName(
    RED: NodeAPI,
    node: Node,
    { directory }: TeamsSystem,
    follower: PresenceFollower,
): () => void {
    const sentence = sentenceIn(RED);
    const leftOut = new LeftOut(node);
    if (follower.notice) node.warn(sentence(follower.notice));
    const onShared = (addresses: SharedAddress[]): void => {
        for (const { address, owner, others } of addresses) {
            const names = [owner, ...others].map(({ displayName }) => displayName);
            leftOut.add(`${address} (${names.join(', ')})`, RED._('teams-subscriber.left-out.shared'));
        }
    };
    const silent = new Set<string>();
    const onState = (): void => {
        const now = follower.silentAccounts;
        for (const account of now) if (!silent.has(account)) node.warn(RED._('teams-subscriber.silent', { account }));
        for (const account of silent)
            if (!now.includes(account)) node.log(RED._('teams-subscriber.heard', { account }));
        silent.clear();
        for (const account of now) silent.add(account);
    };
    follower.on('state', onState);
    follower.on('leftOut', (names, reason) => {
        for (const name of names) leftOut.add(name, sentence(reason));
    });
    follower.scope.on('leftOut', (name, reason) => leftOut.add(name, RED._(`teams-subscriber.left-out.${reason}`)));
    directory.on('shared', onShared);
    onShared(directory.shared());
    return () => {
        directory.off('shared', onShared);
        follower.scope.removeAllListeners('leftOut');
        leftOut.stop();
    };
}

/** The state in words where it is neither an error nor needs none. */
export function detailOf(
    RED: NodeAPI,
    { state, size: count, polled, waitsFor, scope }: PresenceFollower,
): { detail?: string } {
    const text = (key: string, parameters = {}): { detail: string } => ({
        detail: RED._(`teams-subscriber.status.${key}`, parameters),
    });
    if (state.phase === 'online') return polled > 0 ? text('polling', { count, polled }) : text('following', { count });
    if (waitsFor === 'scope') return scope instanceof PbxScope ? text('waiting-pbx') : {};
    return waitsFor === 'receiver' ? text('waiting-receiver') : {};
}
