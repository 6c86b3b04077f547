import type { Node, NodeAPI } from 'node-red';
import { SyncError } from '../lib/errors/errors';
import type { PresenceFollower, TeamsChange, TeamsSystem } from '../lib/teams/teams-system';
import { PbxScope } from '../lib/teams/users/scopes';
import type { SharedAddress } from '../lib/teams/users/user-directory';
import type { AzureApp } from './azure-app';
import type { PbxConnection } from './pbx-connection';
import { configNode, needed } from './runtime/config-node';
import { readFields } from './runtime/fields';
import {
    begin,
    flowsStarted,
    guard,
    onClose,
    onDownstreamDeploy,
    onInput,
    type RunningFlows,
    registerNode,
} from './runtime/lifecycle';
import { messageOf } from './runtime/messages';
import { leftOutTeller, sentenceIn, statusReporter } from './runtime/status';
import { describedScope, following, keepList, listChangeOf, scope } from './runtime/subscriber-settings';
import type { TeamsAccounts } from './teams-accounts';

export = (RED: NodeAPI): void => {
    registerNode(RED, 'teams-subscriber', (node, config, closing) => {
        const report = statusReporter(RED, node);
        // Polling needs no accounts.
        const isPolling = config.delivery === 'polling';
        const accounts = isPolling ? undefined : configNode<TeamsAccounts>(RED, config.accounts);
        const app = isPolling ? configNode<AzureApp>(RED, config.app) : accounts?.app;
        const allStarted = flowsStarted(RED);

        const start = async (): Promise<PresenceFollower> => {
            const { delivery: mode, fast, slow } = readFields(following, config);
            if (!isPolling) needed(accounts, 'The choice of accounts');
            const { system, registration } = await needed(app, 'App registration').teams;
            const follower = system.follow(registration, {
                scope: await describedScope(node, config, configNode<PbxConnection>(RED, config.pbx)),
                accounts: (await accounts?.accounts()) ?? [],
                delivery: { mode, fast: fast * 1_000, slow: slow * 1_000 },
            });
            if (closing.aborted) return follower;
            const onChange = guard(RED, node, (change: TeamsChange) => node.send(messageOf('teams', change)));
            const sendAll = (): void => {
                for (const change of follower.snapshot()) onChange(change);
            };
            follower.on('change', onChange);
            follower.on('state', state => report({ ...state, ...detailOf(RED, follower) }));
            onDownstreamDeploy(RED, node, sendAll, closing);
            tellByName(RED, node, system, follower, closing);
            // What is sent before all nodes exist can be lost.
            allStarted.then(() => closing.aborted || follower.start()).catch(() => {});
            return follower;
        };
        const started = begin(start, report, closing);

        onInput(RED, node, async message => {
            if (readFields({ scope }, config).scope !== 'list') throw new SyncError('TEAMS_LIST_NOT_EXPECTED');
            const { action, list } = listChangeOf(message);
            const entries = (await started).changeList(action, list);
            if (entries) keepList(node, entries);
            return undefined;
        });
        const stop = async (removed: boolean, flows: RunningFlows): Promise<void> => {
            const isOver = removed || flows.areEnding;
            const follower = await started.catch(() => undefined);
            follower?.removeAllListeners('change').removeAllListeners('state');
            await follower?.stop(isOver);
        };
        onClose(RED, node, stop, app?.closing);
    });
};

/**
 * Warns by name of users who are not followed or not followed in time, of addresses that several users have, and of
 * accounts whose notifications stay out.
 */
function tellByName(
    RED: NodeAPI,
    node: Node,
    { directory }: TeamsSystem,
    follower: PresenceFollower,
    closing: AbortSignal,
): void {
    const sentence = sentenceIn(RED);
    const leftOut = leftOutTeller(node, closing);
    if (follower.notice) node.warn(sentence(follower.notice));
    const onShared = (addresses: SharedAddress[]): void => {
        for (const { address, owner, others } of addresses) {
            const names = [owner, ...others].map(({ displayName }) => displayName);
            leftOut(`${address} (${names.join(', ')})`, RED._('teams-subscriber.left-out.shared'));
        }
    };
    let silent: readonly string[] = [];
    const onState = (): void => {
        const now = follower.silentAccounts;
        for (const account of now)
            if (!silent.includes(account)) node.warn(RED._('teams-subscriber.silent', { account }));
        for (const account of silent)
            if (!now.includes(account)) node.log(RED._('teams-subscriber.heard', { account }));
        silent = now;
    };
    follower.on('state', onState);
    follower.on('leftOut', (names, reason) => {
        for (const name of names) leftOut(name, sentence(reason));
    });
    follower.scope.on('leftOut', (name, reason) => leftOut(name, RED._(`teams-subscriber.left-out.${reason}`)));
    directory.on('shared', onShared);
    onShared(directory.shared());
    closing.addEventListener('abort', () => {
        directory.off('shared', onShared);
        follower.scope.removeAllListeners('leftOut');
    });
}

/** The state in words where it is neither an error nor needs none. */
function detailOf(
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
