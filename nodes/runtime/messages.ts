import type { NodeMessage, NodeMessageInFlow } from 'node-red';
import type { PbxChange } from '../../lib/pbx/pbx-system';
import { type PresenceMessage, type PresenceUser, topicOf } from '../../lib/presence/message';
import type { TeamsChange } from '../../lib/teams/teams-system';

/** A message of ours on its way through a flow; any part may be missing or wrong. */
export type FlowMessage = Omit<NodeMessageInFlow, 'payload' | 'topic'> & Partial<PresenceMessage>;

/** The message for a change; see the README for its shape. */
export function messageOf(source: 'teams' | 'pbx', change: TeamsChange | PbxChange): NodeMessage & PresenceMessage {
    const { user, presence, previous, via, at } = change;
    const unknown =
        ('unknown' in change && change.unknown) ||
        ('availability' in presence && presence.availability === 'PresenceUnknown');
    return {
        topic: topicOf(user),
        user,
        payload: presence,
        presence: { source, via, at, ...(unknown ? { unknown } : {}), ...(previous ? { previous } : {}) },
    };
}

/**
 * How a message names its user: `msg.user`, else `msg.topic`. Undefined if it names none. What was empty where the message
 * comes from may be `null` by now.
 */
export function userOf({ user, topic }: FlowMessage): PresenceUser | string | undefined {
    if (Array.isArray(user?.addresses)) {
        const { teams, pbx, ...rest } = user;
        const addresses = user.addresses.filter(address => typeof address === 'string' && address !== '');
        const isNamed = addresses.length > 0 || teams?.id || pbx?.guid;
        const identities = { ...(teams && { teams }), ...(pbx && { pbx }) };
        if (isNamed) return { ...rest, ...identities, addresses, displayName: user.displayName ?? addresses[0] ?? '' };
    }
    return typeof topic === 'string' && topic !== '' ? topic : undefined;
}

/** True for a message that says nothing of a user, not even of one who cannot be found: it is about all. */
export function isAboutAll({ user, topic }: FlowMessage): boolean {
    return (user ?? undefined) === undefined && (topic ?? '') === '';
}

/** True where its source does not know what holds. */
export function isSilence({ presence }: FlowMessage): boolean {
    return presence?.unknown === true;
}
