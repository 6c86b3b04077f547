import { badRequest, GraphError } from './graph-error';
import {
    publishedCommunications,
    publishedGroupMembers,
    publishedPresenceActions,
    publishedRoots,
    publishedUserMembers,
} from './published-names';

/** What Graph has and this simulation of it has not. @param feature in words that stand after "Not simulated:" */
export function notSimulated(feature: string): GraphError {
    return new GraphError(501, 'NotImplemented', `Not simulated: ${feature}. Microsoft Graph has it.`);
}

/** Refuses a path without a route: by its name where Graph has it, as unknown where Graph has no such thing either. */
export function unknownPath(method: string, segments: readonly string[]): GraphError {
    const [root = '', , member = '', action = ''] = segments.map(segment => segment.toLowerCase());
    const known =
        (root === 'users' && isPresenceAction(member, action)) ||
        (root === 'users' && member !== 'presence' && publishedUserMembers.has(nameOf(member))) ||
        (root === 'groups' && publishedGroupMembers.has(nameOf(member))) ||
        (root === 'communications' && isCommunication(segments)) ||
        isAlternateKey(segments) ||
        (publishedRoots.has(root) && !simulatedRoots.includes(root));
    if (known) return notSimulated(`${method} /${segments.join('/')}`);
    return badRequest(`Resource not found for the segment '${segments.at(-1) ?? ''}'.`);
}

/** Whether Graph lets the method be used on a path that has a route for other methods only. */
export function isPublishedMethod(method: string, segments: readonly string[]): boolean {
    const [root = '', second = ''] = segments.map(segment => segment.toLowerCase());
    if (root !== 'users' && root !== 'groups') return false;
    if (segments.length === 1) return method === 'POST';
    return segments.length === 2 && !/delta|\$count/.test(second) && ['PATCH', 'DELETE'].includes(method);
}

const simulatedRoots = ['users', 'groups', 'communications', 'subscriptions'];

function isPresenceAction(member: string, action: string): boolean {
    return member === 'presence' && publishedPresenceActions.has(nameOf(action));
}

function isCommunication(segments: readonly string[]): boolean {
    const [, member = '', , action = ''] = segments.map(segment => segment.toLowerCase());
    if (member === 'presences') return segments.length > 3 && publishedPresenceActions.has(nameOf(action));
    return publishedCommunications.has(nameOf(member));
}

/** `users(userPrincipalName='...')`: another property in place of the id. */
function isAlternateKey(segments: readonly string[]): boolean {
    return segments.some(segment => /^\w+\(\w+=.*\)$/.test(segment));
}

/** A function without its name space and parameters. */
function nameOf(segment: string): string {
    return segment.replace(/^microsoft\.graph\./, '').replace(/\(.*$/, '');
}
