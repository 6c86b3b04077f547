import type { NodeAPI } from 'node-red';
import { SyncError } from '../lib/errors/errors';
import { type HealthPart, healthPart } from '../lib/monitor/health';
import type { PresenceFollower, TeamsChange, TeamsSystem } from '../lib/teams/teams-system';
import { GroupScope, PbxScope } from '../lib/teams/users/scopes';
import type { SharedAddress } from '../lib/teams/users/user-directory';
import type { AzureApp } from './azure-app';
import type { PbxConnection } from './pbx-connection';
import { configNode, needed } from './runtime/config-node';
import { readFields } from './runtime/fields';
import { messageOf } from './runtime/messages';
import { showEnding } from './runtime/registrations';
import { type RunningNode, registerNode } from './runtime/running-node';
import { leftOutTeller } from './runtime/status';
import { describedScope, following, keepList, listChangeOf, scope } from './runtime/subscriber-settings';
import type { TeamsAccounts } from './teams-accounts';

export = (RED: NodeAPI): void => {
    registerNode(RED, 'teams-subscriber', own => {
        const { node, config, flows, closing } = own;
        // Polling needs no accounts.
        const isPolling = config.delivery === 'polling';
        const accounts = isPolling ? undefined : configNode<TeamsAccounts>(RED, config.accounts);
        const app = isPolling ? configNode<AzureApp>(RED, config.app) : accounts?.app;
        const allStarted = flows.started();
        showEnding(own, app);
        /** What messages have done to the list while the store was silent. */
        const meanwhile = { replaced: false, removed: new Set<string>() };
        const onSilent = (later: Promise<string[]>): void => {
            node.warn(own.text('store-silent'));
            const take = async (): Promise<void> => {
                const [list, follower] = await Promise.all([later, started]);
                if (meanwhile.replaced) return;
                follower.changeList('add', list);
                const entries = follower.changeList('remove', [...meanwhile.removed]);
                // What came meanwhile has taken the place of what was kept.
                if (entries && !closing.aborted) keepList(node, entries);
            };
            take().catch(() => {});
        };

        const start = async (): Promise<PresenceFollower> => {
            const { delivery: mode, fast, slow } = readFields(following, config);
            if (!isPolling) needed(accounts, 'The choice of accounts');
            const { system, registration } = await needed(app, 'App registration').teams;
            const follower = system.follow(registration, {
                scope: await describedScope(node, config, configNode<PbxConnection>(RED, config.pbx), onSilent),
                accounts: (await accounts?.accounts()) ?? [],
                delivery: { mode, fast: fast * 1_000, slow: slow * 1_000 },
            });
            if (closing.aborted) return follower;
            const onChange = own.guard((change: TeamsChange) => node.send(messageOf('teams', change)));
            const sendAll = (): void => {
                for (const change of follower.snapshot()) onChange(change);
            };
            follower.on('change', onChange);
            follower.on('state', state => own.report({ ...state, ...detailOf(own, follower) }));
            flows.onDownstreamDeploy(node, sendAll, closing);
            tellByName(own, system, follower);
            own.tells = () => ({ parts: partsOf(follower) });
            allStarted.then(() => closing.aborted || follower.start()).catch(() => {});
            return follower;
        };
        const started = own.begin(start);

        own.onInput(async message => {
            if (readFields({ scope }, config).scope !== 'list') throw new SyncError('TEAMS_LIST_NOT_EXPECTED');
            const { action, list } = listChangeOf(message);
            meanwhile.replaced ||= action === 'replace';
            for (const entry of list) meanwhile.removed[action === 'remove' ? 'add' : 'delete'](entry);
            const entries = (await started).changeList(action, list);
            if (entries) keepList(node, entries);
            return undefined;
        });
        own.onClose(async removed => {
            const isOver = removed || flows.areEnding;
            const follower = await started.catch(() => undefined);
            follower?.removeAllListeners('change').removeAllListeners('state');
            await follower?.stop(isOver);
        }, app?.closing);
    });
};

/**
 * Warns by name of users who are not followed or not followed in time, of addresses that several users have, and of
 * accounts whose notifications stay out.
 */
function tellByName(own: RunningNode, { directory }: TeamsSystem, follower: PresenceFollower): void {
    const { node } = own;
    const leftOut = leftOutTeller(own);
    if (follower.notice) node.warn(own.sentence(follower.notice));
    const onShared = (addresses: SharedAddress[]): void => {
        for (const { address, owner, others } of addresses) {
            const names = [...(owner ? [owner] : []), ...others].map(({ displayName }) => displayName);
            const reason = own.text(owner ? 'left-out.shared' : 'left-out.tied');
            leftOut(`${address} (${names.join(', ')})`, reason);
        }
    };
    let silent: readonly string[] = [];
    const onState = (): void => {
        const now = follower.silentAccounts;
        for (const account of now) if (!silent.includes(account)) node.warn(own.text('silent', { account }));
        for (const account of silent) if (!now.includes(account)) node.log(own.text('heard', { account }));
        silent = now;
    };
    follower.on('state', onState);
    follower.on('leftOut', (names, reason) => {
        for (const name of names) leftOut(name, own.sentence(reason));
    });
    follower.scope.on('leftOut', (name, reason) => leftOut(name, own.text(`left-out.${reason}`)));
    directory.on('shared', onShared);
    onShared(directory.users.shared());
    own.closing.addEventListener('abort', () => {
        directory.off('shared', onShared);
        follower.scope.removeAllListeners('leftOut');
    });
}

/** How each account stands. */
function partsOf({ accounts, silentAccounts }: PresenceFollower): HealthPart[] {
    return accounts.map(({ username, state, covered }): HealthPart => {
        const part = healthPart('account', state, { account: username, covered });
        return silentAccounts.includes(username) ? { ...part, kind: 'silent', level: 'warning' } : part;
    });
}

/** The state in words where it is neither an error nor needs none. */
function detailOf(own: RunningNode, follower: PresenceFollower): { detail?: string } {
    const { state, size: count, polled, waitsFor, scope } = follower;
    if (state.phase === 'online' && scope instanceof GroupScope && scope.isEmpty)
        return { detail: own.text('status.group-empty') };
    if (state.phase === 'online' && polled > 0) return { detail: own.text('status.polling', { count, polled }) };
    if (state.phase === 'online') return { detail: own.text('status.following', { count }) };
    if (waitsFor === 'scope') return scope instanceof PbxScope ? { detail: own.text('status.waiting-pbx') } : {};
    return waitsFor === 'receiver' ? { detail: own.text('status.waiting-receiver') } : {};
}
