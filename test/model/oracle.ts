import {
    afterCallBegins,
    afterCallEnds,
    afterHand,
    afterSetting,
    afterSignIn,
    type Preferred,
    type Situation,
} from './preferred';
import { type Choices, lease } from './site';
import {
    activityOf,
    availabilityOf,
    doNotDisturb,
    likeOurCall,
    offline,
    ourCall,
    type Pair,
    rankOf,
    toPbx,
    toTeams,
} from './words';

/**
 * What both systems must show, worked out as plainly as can be from what people have done, and from nothing that the
 * product says. No code of the product is used here, its tables included.
 *
 * Where what is right depends on which of two things the product could know first, both outcomes are right: the oracle
 * carries on with all of them until what is seen rules some out.
 */

/** What both systems show for a person. */
export interface Seen {
    teams: Pair;
    /** The user's own entry in the PBX as `activity|note`; `""` for none. */
    tel: string;
    /** Our entry there, likewise. */
    ours: string;
    /** Calls that we have made there on the person's behalf. */
    calls: number;
}

/** ms for which what is found after a start stays where no source speaks of it, and a bit. */
const grace = 320_000;

/** ms between two looks of the product at the directory, and a bit. */
const directory = 320_000;

/** ms within which a setting of the PBX that says the same as Teams counts as a copy. */
const copying = 3_000;

/** ms for which the PBX may refuse, and for which what it has refused is not asked for again; that doubles. */
const [refusing, refused] = [20_000, 300_000];

/** What a person's own sources in Teams said at one time. */
interface OwnTeams {
    pairs: { pair: Pair; byHand: boolean }[];
    message: string;
}

/** What is right for one person. Times are ms of the world. */
export class Oracle {
    readonly #choices: Choices;
    readonly #near: number;
    readonly #pbx: { showsBesideCalls: boolean };
    #setting = { activity: '', note: '' };
    readonly #pbxCalls = new Set<string>();
    readonly #isIn = { pbx: true, teams: true };
    #client: Pair | undefined = 'Available/Available';
    #teamsCall = false;
    #message = '';
    /** The person has signed out of Teams beneath a call of the PBX, and that goes on. */
    #isSignOutHidden = false;
    /** The person has signed in beneath one, which shows as before. */
    #isSignInHidden = false;
    #signedOutAt = Number.NEGATIVE_INFINITY;
    /** What the user had set before it was cleared unseen; a call that goes on hides that it was. */
    #hidden: Pair | undefined;
    #leftAt = Number.NEGATIVE_INFINITY;
    /** What we have set as preferred presence and nothing tells as ours: it ends with its lease. */
    #left: { pair: Pair; until: number }[] = [];
    /** What was found in the PBX after a start is held until then, where no source speaks of the person. */
    #heldUntil = Number.NEGATIVE_INFINITY;
    #isHeld = false;
    /** The tenant may have forgotten a call beneath a choice by hand, until then. */
    #lostUntil = Number.NEGATIVE_INFINITY;
    /** The PBX has refused writes, so an activity that it need not know may count as one that it does not take. */
    #refusals = 0;
    #refusedUntil = Number.NEGATIVE_INFINITY;
    #preferred: Preferred[] = [{ pbx: 'none' }];
    /** What may have been told of Teams last, and everything that it has been since. */
    #history: OwnTeams[] = [];
    /** Our entries in the PBX that what the person's own sources have said in Teams, ever, can mean. */
    readonly #ever = new Set(['']);
    /** The same without what the user has set there. */
    readonly #ours = new Set<string>();
    #handAt = Number.NEGATIVE_INFINITY;
    #callAt = Number.NEGATIVE_INFINITY;
    #clearedAt = Number.NEGATIVE_INFINITY;
    #teamsAt = Number.NEGATIVE_INFINITY;
    /** What may have changed in Teams beneath ours is found, since ours ends. */
    #foundAt = Number.NEGATIVE_INFINITY;
    #settingAt = Number.NEGATIVE_INFINITY;
    #canBeCopy = false;
    #signedInAt = Number.NEGATIVE_INFINITY;
    /** The product could not know everything, from when to when. */
    #blind = { from: Number.POSITIVE_INFINITY, until: Number.NEGATIVE_INFINITY };

    /**
     * @param near ms: what happens within this time may be seen in another order
     * @param pbx whether the PBX has shown of anybody that it tells a setting beside a call
     */
    constructor(choices: Choices, near: number, pbx: { showsBesideCalls: boolean }) {
        this.#choices = choices;
        this.#near = near;
        this.#pbx = pbx;
        this.#remember();
    }

    /** The product may not know what happens between these times, or in which order. */
    blind(from: number, until: number): void {
        if (from > this.#blind.until) this.#blind = { from, until };
        else this.#blind.until = Math.max(this.#blind.until, until);
    }

    /** The PBX refuses some writes from now on. */
    refuses(now: number): void {
        this.#refusedUntil = Math.max(this.#refusedUntil, now + refusing + refused * 2 ** this.#refusals + this.#near);
        this.#refusals += 1;
    }

    /** The product has ended and left no log: that a choice is newer than the setting is not known any more. */
    forgotten(): void {
        const all = this.#preferred.flatMap(each =>
            each.pbx === 'yields' && this.#meant ? [each, { pbx: 'stands' as const }] : [each],
        );
        this.#preferred = all;
    }

    /** What has been a copy of the other side so far is a setting for a product that has just begun. */
    restarted(): void {
        if (this.#canBeCopy && this.#meant) this.#preferred.push({ pbx: 'stands' });
    }

    /** A call that a choice by hand hides may be gone unseen, until it is renewed. */
    tenantForgets(now: number): void {
        if (this.#pbxCalls.size > 0 && this.#preferred.some(({ hand }) => hand)) this.#lostUntil = now + lease;
    }

    /** What the product has set and could not take back stays for a while, until its source speaks. */
    left(back: number): void {
        // It begins once the PBX can be reached again.
        this.#heldUntil = Math.max(back, this.#blind.until) + grace;
    }

    /**
     * The product is killed.
     * @param hasLog it is known afterwards what is ours
     */
    killed(now: number, back: number, hasLog: boolean): void {
        this.left(back);
        if (hasLog) return;
        this.forgotten();
        const pair = this.#meant;
        if (!pair) return;
        // It hides what was known before.
        this.#history.push({ pairs: [{ pair: offline, byHand: false }], message: '' });
        // What waits for its end is written a moment later.
        this.#left.push({ pair, until: now + lease + this.#near });
        this.#allow(pair, this.#message);
    }

    /** The person does something, in the words of `actions.ts`. */
    act(now: number, action: string): void {
        const [side, verb, ...rest] = action.split(' ');
        const value = rest.join(' ');
        const before = this.#entryNow;
        if (side === 'pbx' && verb === 'set') this.#set(now, value);
        else if (side === 'pbx' && verb === 'note') this.#set(now, this.#setting.activity, value);
        else if (side === 'pbx' && verb === 'call') this.#callBegins(now, value);
        else if (side === 'pbx' && verb === 'end') this.#callEnds(now, value);
        else if (verb === 'leave' || verb === 'join') this.#move(now, side!, verb === 'join');
        else if (verb === 'client') this.#signIn(now, value);
        else if (verb === 'out') this.#signOut(now);
        else if (verb === 'call') this.#teamsCall = true;
        else if (verb === 'end') this.#teamsCall = false;
        else if (verb === 'choose') this.#choose(now, value);
        else if (verb === 'reset') this.#choose(now, undefined);
        else if (verb === 'note') this.#message = value;
        if (before !== this.#entryNow) {
            this.#teamsAt = now;
            // "Not mapped back until it changes alone."
            if (this.#canBeCopy && this.#meant) this.#preferred.push({ pbx: 'stands' });
        }
        if (side === 'pbx' && !this.#wanted && this.#pbxCalls.size === 0 && this.#history.length > 1)
            this.#foundAt = now;
        if (now === this.#teamsAt || now === this.#settingAt) this.#allowCopy(now);
        // Who was not matched for a while was not followed, and what was known is forgotten.
        if (verb === 'rename') this.#history.push({ pairs: [{ pair: offline, byHand: false }], message: '' });
        this.#remember();
    }

    /** @returns what is wrong with what is seen; undefined where nothing is */
    check(seen: Seen, now: number): string | undefined {
        this.#left = this.#left.filter(({ until }) => now <= until);
        this.#isHeld = now < this.#heldUntil;
        const isInPlace = this.#choices.contact === 'tel';
        if (!isInPlace && seen.tel !== this.#tel)
            return `the PBX shows as the user's own '${seen.tel}' in place of '${this.#tel}'`;
        const inTeams = this.#preferred.filter(each => this.#teamsOf(each, now).includes(seen.teams));
        if (inTeams.length === 0) {
            const right = new Set(this.#preferred.flatMap(each => this.#teamsOf(each, now)));
            return `Teams shows ${seen.teams} in place of ${[...right].join(' or ')}`;
        }
        const oursOf = (each: Preferred): string[] => this.#orStandIns(this.#oursOf(each, seen.teams), now);
        const inBoth = inTeams.filter(each => oursOf(each).includes(this.#shown(seen)));
        if (inBoth.length === 0) {
            const right = new Set(inTeams.flatMap(oursOf));
            return `the PBX shows for Teams '${this.#shown(seen)}' in place of '${[...right].join("' or '")}'`;
        }
        this.#preferred = inBoth;
        if (inBoth.some(each => !this.#isHidden(each, seen.teams))) this.#history = this.#history.slice(-1);
        return undefined;
    }

    /**
     * At any time, in the middle of trouble, too: the PBX is told of nothing that the person's own sources have never said,
     * such as a session of our own.
     * @returns what is wrong; undefined where nothing is
     */
    checkTold(seen: Seen, now: number): string | undefined {
        const entry = this.#shown(seen);
        const ever = this.#orStandIns([...this.#ever], now);
        // A call on the person's behalf and what goes along with it come and go one after the other.
        const isKnown =
            ever.includes(this.#shown({ ...seen, calls: 0 })) && (seen.calls === 0 || ever.includes('+call'));
        return isKnown ? undefined : `the PBX is told '${entry}', which the person has never been`;
    }

    /** Where the PBX seems not to take an activity, busy stands for it, and the note names it. */
    #orStandIns(entries: string[], now: number): string[] {
        if (now >= this.#refusedUntil) return entries;
        const standIn = (entry: string): string[] => {
            const [activity, note] = entry.split('|');
            return activity === 'meeting' ? [`busy|${note || activity}`] : [];
        };
        return [...entries, ...entries.flatMap(standIn)];
    }

    /** The user's own entry in the PBX. */
    get #tel(): string {
        const { activity, note } = this.#setting;
        return activity || note ? `${activity}|${note}` : '';
    }

    /** What the PBX shows for Teams. */
    #shown({ tel, ours, calls }: Seen): string {
        const entry = this.#choices.contact === 'tel' ? tel : ours;
        return calls > 0 ? `${entry}+call` : entry;
    }

    /** "Another product copies Teams into the PBX": what is set like that is not mapped back, whoever has set it. */
    #allowCopy(now: number): void {
        // Another product shows a call as busy, whatever we do.
        const copied = this.#entryNow.split(',').map(entry => entry.split('|')[0]!.replace('+call', 'busy'));
        const isLike = copied.includes(this.#setting.activity);
        const teamsAt = Math.max(this.#teamsAt, this.#foundAt);
        const apart = Math.abs(teamsAt - this.#settingAt);
        const isClose = apart <= copying + this.#near || this.#isNear(now, Math.min(teamsAt, this.#settingAt));
        if (!this.#setting.activity || !isLike || !isClose) return;
        this.#preferred.push(...this.#preferred.map(({ hand }) => ({ hand, pbx: 'none' as const })));
        this.#canBeCopy = true;
    }

    /** Everything that the person has set and begun, as one text. */
    get sources(): string {
        return [this.#inTeams, this.#tel, this.#pbxCalls.size].join();
    }

    /** Something was chosen or reset in Teams while our session began to show. */
    get #isHandNearCall(): boolean {
        return Math.abs(this.#handAt - this.#callAt) < this.#near;
    }

    /** The user has set exactly what may stand in its place for Teams: an equal state counts as ours. */
    get #isLikeOurs(): boolean {
        return this.#choices.contact === 'tel' && this.#ours.has(this.#tel);
    }

    /** What the PBX is to show for the person's own sources in Teams, as one text. */
    get #entryNow(): string {
        const hands = this.#preferred.map(({ hand }) => this.#entry(hand ?? this.#own ?? offline, this.#message));
        return [...new Set(hands)].join();
    }

    /** What the person's own sources in Teams say, as one text. */
    get #inTeams(): string {
        return [this.#own, this.#message, ...this.#preferred.map(({ hand }) => hand)].join();
    }

    /** Who leaves takes along what was set on that side, and comes back without. */
    #move(now: number, side: string, joins: boolean): void {
        this.#isIn[side as 'pbx' | 'teams'] = joins;
        this.#isSignInHidden = false;
        if (side === 'pbx') {
            this.#pbxCalls.clear();
            this.#set(now, '');
            return;
        }
        this.#client = 'Available/Available';
        this.#teamsCall = false;
        this.#message = '';
        if (!joins) this.#leftAt = now;
        // Who is back before the directory was read has reset everything, as far as Teams tells.
        const isUnseen = joins && now - this.#leftAt < directory;
        this.#preferred = [
            { pbx: this.#meant ? 'stands' : 'none' },
            ...(this.#meant && isUnseen ? [{ pbx: 'yields' as const }] : []),
            // What is equal to ours in its place counts as ours, and ends with it.
            ...(this.#isLikeOurs ? [{ pbx: 'none' as const }] : []),
        ];
    }

    get #own(): Pair | undefined {
        return this.#teamsCall ? ourCall : this.#client;
    }

    /** What the PBX setting means in Teams now. Away waits until a call has ended: the call shows, away after it. */
    get #wanted(): Pair | undefined {
        const pair = this.#meant;
        return pair === 'Away/Away' && this.#pbxCalls.size > 0 ? undefined : pair;
    }

    get #meant(): Pair | undefined {
        return this.#choices.sets === 'calls' ? undefined : toTeams[this.#setting.activity];
    }

    #isNear(now: number, other: number): boolean {
        return now - other < this.#near || (other < this.#blind.until + this.#near && now >= this.#blind.from);
    }

    #set(now: number, activity: string, note = ''): void {
        this.#clearedAt = now;
        // A setting replaces the note, too.
        this.#changeSetting(now, { activity, note });
    }

    #changeSetting(now: number, setting: { activity: string; note: string }): void {
        const before = this.#setting;
        if (before.activity === setting.activity && before.note === setting.note) return;
        const meantBefore = this.#meant;
        // "A setting that is cleared while the PBX cannot be reached, and a call at its return: not visible".
        const isUnseenEnd = !setting.activity && !setting.note && now >= this.#blind.from && now < this.#blind.until;
        this.#hidden = isUnseenEnd && !this.#pbx.showsBesideCalls ? meantBefore : undefined;
        this.#setting = setting;
        this.#canBeCopy = false;
        if (this.#choices.contact === 'tel') this.#ever.add(this.#tel);
        const isSame = before.activity === setting.activity || this.#meant === meantBefore;
        const isUnseen = this.#isLikeOurs;
        this.#becomes(now, (each, situation) => [
            ...afterSetting(each, isSame, situation),
            ...(isUnseen ? [each] : []),
        ]);
        this.#settingAt = now;
    }

    #choose(now: number, hand: Pair | undefined): void {
        this.#becomes(now, (each, situation) => afterHand(each, hand, situation));
        this.#handAt = now;
        // "Reset when a call begins (dnd excepted)": what is chosen while it begins may have been there before.
        const isReset = this.#choices.choice === 'override' && this.#isHandNearCall && hand !== doNotDisturb;
        if (isReset && this.#pbxCalls.size > 0) this.#preferred.push(...this.#preferred.map(({ pbx }) => ({ pbx })));
    }

    #signIn(now: number, client: Pair): void {
        const appears = this.#client === undefined || this.#isSignInHidden;
        const isHidden = this.#pbxCalls.size > 0 && rankOf(client) <= rankOf(ourCall);
        this.#client = client;
        this.#isSignInHidden = appears && isHidden && !this.#isSignOutHidden;
        this.#isSignOutHidden = false;
        if (!appears) return;
        this.#signedInAt = now;
        this.#becomes(now, afterSignIn);
    }

    #signOut(now: number): void {
        this.#client = undefined;
        this.#signedOutAt = now;
        this.#isSignOutHidden = this.#pbxCalls.size > 0 && !this.#isSignInHidden;
        this.#isSignInHidden = false;
    }

    #callBegins(now: number, call: string): void {
        if (this.#pbxCalls.size === 0) this.#callAt = now;
        if (now >= this.#blind.until) this.#hidden = undefined;
        this.#pbxCalls.add(call);
        const overrides = this.#choices.choice === 'override';
        if (this.#pbxCalls.size === 1) this.#becomes(now, (each, rest) => afterCallBegins(each, overrides, rest));
    }

    #callEnds(now: number, call: string): void {
        if (!this.#pbxCalls.delete(call) || this.#pbxCalls.size > 0) return;
        this.#hidden = undefined;
        this.#isSignOutHidden = false;
        this.#isSignInHidden = false;
        this.#becomes(now, afterCallEnds);
    }

    #becomes(now: number, next: (each: Preferred, situation: Situation) => Preferred[]): void {
        const situation: Situation = {
            meant: this.#meant,
            wanted: this.#wanted,
            isSignedOut: this.#own === undefined,
            own: this.#own,
            isSignOutHidden: this.#isSignOutHidden,
            isSignInHidden: this.#isSignInHidden,
            isBlind: now >= this.#blind.from && now < this.#blind.until,
            near: {
                hand: this.#isNear(now, this.#handAt),
                setting: this.#isNear(now, this.#settingAt),
                signIn: this.#isNear(now, this.#signedInAt),
                signOut: this.#isNear(now, this.#signedOutAt),
            },
        };
        const all = this.#preferred.flatMap(each => next(each, situation));
        this.#preferred = [...new Map(all.map(each => [`${each.pbx} ${each.hand}`, each])).values()];
    }

    /** What Teams may show. */
    #teamsOf(each: Preferred, now: number): Pair[] {
        if (!this.#isIn.teams) return ['Nobody/Nobody'];
        const own = this.#own;
        // "signed out of Teams, PBX call: Busy/InACall shows".
        const sessions = [...(own ? [own] : []), ...(this.#pbxCalls.size > 0 ? [ourCall] : [])];
        if (sessions.length === 0) return [offline];
        const strongest = Math.max(...sessions.map(rankOf));
        const best = sessions.filter(pair => rankOf(pair) === strongest);
        const wanted = each.pbx === 'stands' ? this.#wanted : undefined;
        const hidden = this.#hidden && this.#pbxCalls.size > 0 ? [this.#hidden] : [];
        if (now < this.#lostUntil) hidden.push(own ?? offline);
        // A dnd that nothing tells as ours counts as chosen by hand, and "is never lifted by a weaker state".
        const left = this.#left.map(({ pair }) => pair).filter(pair => !wanted || pair === doNotDisturb);
        // "While our session shows, the person still counts as Offline".
        if (wanted) return [wanted, ...(own === undefined ? best : []), ...left];
        // "a state set by hand in Teams hides a PBX call: it stays".
        return [...(each.hand ? [each.hand] : best), ...left, ...hidden];
    }

    /** Whether what Teams shows can be ours, so that nobody can tell what the person's own sources say. */
    #isHidden(each: Preferred, teams: Pair): boolean {
        if (each.pbx === 'stands' && teams === this.#wanted) return true;
        if (this.#pbxCalls.size > 0 && teams === this.#hidden) return true;
        const isBusy = ['Busy', 'BusyIdle'].includes(availabilityOf(teams));
        return this.#pbxCalls.size > 0 && isBusy && likeOurCall.includes(activityOf(teams));
    }

    /** Our entries in the PBX that are right while Teams shows this. */
    #oursOf(each: Preferred, teams: Pair): string[] {
        if (!this.#isIn.pbx || !this.#isIn.teams) {
            const held = this.#isIn.pbx && this.#isHeld ? this.#ever : [];
            // What the user sets in the place of ours, and is equal, counts as ours and ends with it.
            return [...(this.#choices.contact === 'tel' ? [this.#tel] : []), '', ...held];
        }
        const now = this.#ownOf(each);
        // Ours may have taken its place since, or lie on top of it.
        const canBeLeft = this.#left.filter(({ pair }) => pair === teams || this.#isHidden(each, teams));
        const left = canBeLeft.map(({ pair }) => ({ pair, message: this.#message }));
        const own = this.#isHidden(each, teams) ? [...this.#beneath(each), ...now, ...left] : [...now, ...left];
        const entries = own.map(({ pair, message }) => this.#entry(pair, message));
        // Ours takes the place of the user's own entry, which takes it back by the next setting or once ours ends.
        if (this.#choices.contact === 'tel') {
            // A hand at the phone that clears what we have put there may have the last word.
            const isCleared = this.#clearedAt >= this.#teamsAt;
            const canShowOwn = entries.includes('') || this.#tel !== '' || isCleared;
            return [...entries.filter(Boolean), ...(canShowOwn ? [this.#tel] : []), ...(this.#isLikeOurs ? [''] : [])];
        }
        // "dnd by hand: never lifted by a weaker state of the other side", in the PBX either.
        return this.#setting.activity === 'dnd' ? [...entries, ''] : entries;
    }

    #ownOf({ hand }: Preferred): { pair: Pair; message: string }[] {
        const message = this.#message;
        const own = this.#own;
        if (!hand) return [{ pair: own ?? offline, message }];
        if (own) return [{ pair: hand, message }];
        // Signed out: a choice shows only on top of our session.
        return this.#pbxCalls.size > 0
            ? [hand, offline].map(pair => ({ pair, message }))
            : [{ pair: offline, message }];
    }

    /** "Teams call or meeting that begins or ends beneath a PBX call: not visible: found when ours ends". */
    #beneath(each: Preferred): { pair: Pair; message: string }[] {
        const hidesAll = each.pbx === 'stands' && this.#wanted !== undefined;
        const messages = new Set(this.#history.map(({ message }) => message));
        const pairs = new Set<Pair>();
        for (const own of this.#history) {
            for (const { pair, byHand } of own.pairs) {
                // What was chosen and what we have set in its place look alike, and so does what a client says.
                const isReset = pair === 'Away/Away' && (this.#choices.choice === 'override' || this.#isHandNearCall);
                const isReplaced = isReset || (each.pbx === 'stands' && pair === this.#meant);
                // What was chosen and is what the client says shows the same, so its end may be that of both.
                const isBoth = !byHand && this.#history.some(({ pairs }) => pairs.some(isChosen(pair)));
                if (isBoth) pairs.add(offline);
                const canBe =
                    hidesAll || (byHand ? pair === 'Busy/Busy' || isReplaced : rankOf(pair) <= rankOf(ourCall));
                // What cannot be there any more must not be told any more.
                pairs.add(canBe ? pair : offline);
                // Ours has taken the place of what was chosen, and what is beneath it was never seen.
                if (hidesAll && byHand) pairs.add(offline);
            }
        }
        return [...pairs].flatMap(pair => [...messages].map(message => ({ pair, message })));
    }

    #entry(pair: Pair, message: string): string {
        const activity = toPbx[activityOf(pair)];
        if (activity === undefined) return '';
        if (activity !== 'call') return `${activity}|${message}`;
        if (this.#choices.call === 'alien') return `${message ? `busy|${message}` : ''}+call`;
        return `busy|${message || 'On a Teams call'}`;
    }

    #remember(): void {
        const hands = new Set(this.#preferred.flatMap(({ hand }) => (hand ? [hand] : [])));
        const pairs = [
            { pair: this.#own ?? offline, byHand: false },
            ...[...hands].map(pair => ({ pair, byHand: true })),
        ];
        this.#history.push({ pairs, message: this.#message });
        // A notification has no status message: an older one may go along with it.
        const messages = new Set(this.#history.map(({ message }) => message));
        for (const own of this.#history) {
            for (const { pair } of own.pairs) for (const message of messages) this.#allow(pair, message);
        }
    }

    #allow(pair: Pair, message: string): void {
        const entry = this.#entry(pair, message);
        const isCall = entry.endsWith('+call');
        this.#ever.add(isCall ? entry.slice(0, -'+call'.length) : entry);
        if (entry) this.#ours.add(entry);
        // Where no call can be made an entry stands for it.
        if (isCall) this.#ever.add('+call').add(`busy|${message || 'On a Teams call'}`);
    }
}

function isChosen(pair: Pair): (other: { pair: Pair; byHand: boolean }) => boolean {
    return other => other.byHand && other.pair === pair;
}
