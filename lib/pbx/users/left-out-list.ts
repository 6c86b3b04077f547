import { type ErrorCode, SyncError } from '../../errors/errors';
import type { UserMatches } from '../../presence/user-matches';
import { Alarm } from '../../time/alarm';
import type { Clock } from '../../time/clock';
import type { Log } from '../connection/pbx-settings';
import type { PbxUser } from './user-row';

/** Milliseconds within which what changes is told together. */
const together = 1_000;
/** Names in one line of the log at most, and lines at once. */
const namesInLine = 100;
const mostLines = 100;

/** A user of the PBX who takes no part, or whose presence it does not tell, and why. */
export interface LeftOut {
    user: PbxUser;
    reason: SyncError;
}

interface LeftOutListOptions {
    matches: UserMatches;
    clock: Clock;
    log: Log;
    /** The list is another one: a user has come, gone, or is on it with another name or for another reason. */
    changed(): void;
}

/** Names the users of the PBX who take no part or cannot be matched with certainty, each once for each reason. */
export class LeftOutList {
    /** Users who take no part, by GUID; {@link look} is to be called when that has changed. */
    readonly absent = new Map<string, LeftOut>();
    readonly #options: LeftOutListOptions;
    /** What was told of the users who still are left out, by reason and GUID. */
    #told: ReadonlyMap<string, string> = new Map();
    readonly #next: Alarm;

    constructor(options: LeftOutListOptions) {
        this.#options = options;
        this.#next = new Alarm(options.clock, () => this.#lookNow());
        options.matches.on('change', () => this.look());
    }

    *[Symbol.iterator](): Iterator<LeftOut> {
        yield* this.absent.values();
        for (const { user, candidates } of this.#options.matches.ambiguous()) {
            if (!isPbxUser(user)) continue;
            const others = candidates.map(({ displayName }) => displayName).join(', ');
            yield { user, reason: new SyncError('PBX_USER_AMBIGUOUS', { user: user.displayName, others }) };
        }
    }

    /** A user may have been left out or no longer be; it is looked at soon. */
    look(): void {
        this.#next.set(together);
    }

    stop(): void {
        this.#next.stop();
    }

    #lookNow(): void {
        const { log, changed } = this.#options;
        const found = [...this];
        const before = this.#told;
        this.#told = new Map(found.map(each => [keyOf(each), each.reason.message]));
        const fresh = found.filter(each => !before.has(keyOf(each)));
        for (const { code, text } of linesOf(fresh)) log(code === 'PBX_USER_AMBIGUOUS' ? 'warn' : 'info', text);
        const isSame = found.every(each => before.get(keyOf(each)) === each.reason.message);
        if (!isSame || before.size !== this.#told.size) changed();
    }
}

function keyOf({ user, reason }: LeftOut): string {
    return `${reason.code} ${user.pbx.guid}`;
}

/** What a log says of them: users who are left out for the same reason make one line, and so many lines are enough. */
export function linesOf(leftOut: readonly LeftOut[], mostNames = namesInLine): { code: ErrorCode; text: string }[] {
    const alike = new Map<string, LeftOut[]>();
    for (const each of leftOut) {
        const { code, parameters } = each.reason;
        const key = JSON.stringify([code, { ...parameters, user: '' }]);
        const others = alike.get(key);
        if (others) others.push(each);
        else alike.set(key, [each]);
    }
    return Array.from(alike.values(), users => {
        const { code, parameters } = users[0]!.reason;
        const names = someOf(
            users.map(({ user }) => user.displayName),
            mostNames,
        );
        const { message } = new SyncError(code, { ...parameters, user: names });
        // Not each sentence has a place for names.
        return { code, text: message.includes(names) ? message : `${names}: ${message}` };
    }).slice(0, mostLines);
}

/** As many names as one line has room for. */
function someOf(names: readonly string[], most: number): string {
    const more = names.length > most ? ` and ${names.length - most} more` : '';
    return `${names.slice(0, most).join(', ')}${more}`;
}

function isPbxUser(user: { pbx?: unknown }): user is PbxUser {
    return user.pbx !== undefined;
}
