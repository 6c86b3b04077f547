/**
 * Points on which the documentation of the PBX is silent. Each may be changed while the simulated PBX runs, so that
 * a client can be shown to live with every answer; the default is the most likely one.
 */
export interface Behaviour {
    /**
     * SetPresence with a contact other than `tel:` and `calendar:`: kept apart, refused with an error, stored as
     * `tel:`, or answered like a success and forgotten. Whether own contacts are accepted is not documented.
     */
    customContact: 'accepted' | 'refused' | 'tel' | 'ignored';
    /**
     * The contact of what calendars write; the documentation of PbxApi and myApps says one, that of the signalling
     * facilities the other. As a contact of an app the PBX knows the same one.
     */
    calendarContact: 'calendar:' | 'cal:';
    /** The contact of a SetPresence that names none. */
    defaultContact: string;
    /** Which activities SetPresence takes: any text, or only those that myApps offers (`""`, away, busy, dnd). */
    activities: 'any' | 'typical';
    /** Whether SetPresence needs the visibility flag `presence` of the user. */
    setPresenceNeedsRight: boolean;
    /** Whether the PresenceUpdate that a SetPresence causes comes before or after its result. */
    echo: 'after-result' | 'before-result';
    /** Whether SetPresence takes the activity `on-the-phone`, which the PBX itself makes from calls. */
    onThePhoneSettable: boolean;
    /** What becomes of an entry with neither activity nor note. */
    emptyEntry: 'removed' | 'kept';
    /**
     * Empty and false values in rows of the user table and in presence entries (`hide`, `fax`, `activity`, `note`):
     * as recorded, where `hide`, `fax`, an empty activity and a list that once had entries are there and the others are
     * not; all left out; or all there as `false`, `""` and `[]`. @see https://github.com/ricoschulte/go-myapps, service/pbxtableusers/api_test.go
     */
    emptyValues: 'as-recorded' | 'left-out' | 'present';
    /** Whether the phone of the user is registered, which is what the status of a `tel:` entry says. */
    telStatus: 'open' | 'closed';
    /** During a call: an item of its own in front of the list, or the `tel:` entry moved to the front and changed. */
    lineState: 'separate' | 'replaces-tel';
    /** A request to an API that is not ticked for the App object. */
    untickedApi: 'silent' | 'error';
    /** Which calls make `on-the-phone`: every call, as the visibility page says, or only those that are not ringing. */
    lineStateFrom: 'every-call' | 'answered-calls';
    /** Whether a PBX shows the line state of users who are homed at another PBX of the same system. */
    remoteLineState: boolean;
    /** SetPresence and CreateApi for a user who is homed at another PBX: passed on, or refused. */
    remoteWrites: 'accepted' | 'refused';
    /** A subscription that the user's visibility does not allow: nothing follows the result, or PresenceState `up: false`. */
    unallowedSubscription: 'silent' | 'down';
    /** What a running subscription is told when its right is taken away: PresenceState `up: false`, or nothing. */
    rightTaken: 'down' | 'silent';
    /** SubscribePresence for a user who does not exist: an error, or a result without one after which nothing comes. */
    unknownUser: 'error' | 'silent';
    /** UnsubscribePresence that ends no subscription: a result, nothing, or an error. */
    emptyUnsubscribe: 'answered' | 'silent' | 'error';
    /** Whether MonitorUnallowed tells the subscriptions that lack a right already, or only those that come later. */
    unallowedExisting: 'told' | 'only-new';
    /** Whether MonitorConfig tells the configuration at once, or only when it changes. */
    configInfo: 'at-once' | 'on-change';
    /** Whether the result of GetAppLogin has `domain`: it is not documented, and plugins of PBX Manager read it. */
    appLoginDomain: 'present' | 'absent';
    /**
     * How long an alien call lives: to the end of the API made by CreateApi, to the end of the connection, or until
     * it is deleted (by anybody who acts as the same user).
     */
    alienCalls: 'with-api' | 'with-connection' | 'kept';
    /**
     * The `id` of an alien call: the call's handle in RCC, a number of its own that no other call of the system has, or
     * counted from 1 on each connection. Then DelAlienCall means the call with that number that the connection has made
     * for the same user; where calls are kept and the connection has made none, the oldest of that user.
     */
    alienCallIds: 'as-in-rcc' | 'own' | 'per-connection';
    /** DelAlienCall of a call that does not exist. */
    unknownAlienCall: 'error' | 'ok';
    /** Whether RCC tells alien calls as it tells others. */
    alienCallsInRcc: boolean;
    /** Whether Initialize with `calls` tells the calls that exist already by CallAdd. */
    rccExistingCalls: boolean;
    /** Whether CallUpdate has a field `state`, which the documentation does not list. */
    rccUpdateState: boolean;
    /**
     * The numbers of calls in a UserInfo of RCC (`channel`, `alert`), which are known from a sample only: never there,
     * in the list at the start and in the updates of a user, or also in an update at every change of the user's calls.
     */
    rccCounts: 'absent' | 'at-start' | 'with-calls';
    /**
     * The end of a call in RCC: `CallDel` as in the list of messages, `CallDelete` as in the text about Initialize, or
     * a CallUpdate with the `msg` `del` and nothing else.
     */
    callEnd: 'CallDel' | 'CallUpdate' | 'CallDelete';
    /**
     * Update sequence numbers of the user table: none (systems before 13r3), in the results of ReplicateStart and
     * ReplicateNext as documented, or in the messages that follow as well.
     */
    usn: 'absent' | 'rows' | 'everywhere';
    /** Who was removed while a resuming client was away: told by ReplicateDel, or never mentioned again. */
    removedMeanwhile: 'told' | 'lost';
    /**
     * Several ReplicateNext at once: answered in turn; the answers of each 10 ms in reverse, so that the end may come
     * before the last rows; or only the first of each 10 ms answered and the others lost.
     */
    replicateNext: 'in-order' | 'reversed' | 'one-at-a-time';
    /** ReplicateNext after the result without columns that is the end: the same again, or nothing. */
    beyondEnd: 'answered' | 'silent';
    /** The result of ReplicateNext that is the end: without `columns`, as documented, or with an object that has none. */
    tableEnd: 'without-columns' | 'empty-columns';
    /** Results of what has gone well: without `error` and `errorText`, or with 0 and an empty text. */
    success: 'bare' | 'error-0';
    /** The `src` of ReplicateAdd, ReplicateUpdate and ReplicateDel: that of ReplicateStart, of the last ReplicateNext, or none. */
    pushSource: 'of-start' | 'of-next' | 'absent';
    /** Whether a connection can have several replications at once, or a ReplicateStart ends the one before. */
    replications: 'several' | 'one';
    /** Whether every row of a replication is delivered twice. */
    repeatedRows: boolean;
    /** Whether the column `grps` holds the groups that a user has from the config template. */
    templateGroupsInRows: boolean;
    /** Time that each message of the PBX is held back, in ms; their order stays. */
    latency: number;
    /** KeepAlive is answered by nothing, by KeepAliveResult, or by KeepAlive. */
    keepAlive: 'silent' | 'result' | 'echo';
    /** Pings of the WebSocket protocol; RFC 6455 wants them answered, whether every PBX does it is not known. */
    pings: 'answered' | 'ignored';
    /**
     * `info` in the login of a PBX that calls the App URL: as JSON.stringify writes it, which the documentation
     * wants, or with another key order, escapes, spaces and umlauts. Its hash is that of the text as it is sent.
     */
    loginInfo: 'plain' | 'odd';
    /** PbxInfo with everything, or without `version` and `build`, as systems before 13r2 send it. */
    pbxInfo: 'full' | 'without-version';
    /** Whether a PBX that has called the App URL asks for AppInfo after its login. */
    asksAppInfo: boolean;
    /** After how many ms a PBX calls the App URL again. */
    redialAfter: number;
}

export const defaultBehaviour: Readonly<Behaviour> = {
    customContact: 'accepted',
    calendarContact: 'calendar:',
    defaultContact: 'tel:',
    activities: 'any',
    setPresenceNeedsRight: false,
    echo: 'after-result',
    onThePhoneSettable: false,
    emptyEntry: 'removed',
    emptyValues: 'as-recorded',
    telStatus: 'open',
    lineState: 'separate',
    untickedApi: 'silent',
    lineStateFrom: 'every-call',
    remoteLineState: false,
    remoteWrites: 'accepted',
    unallowedSubscription: 'silent',
    rightTaken: 'down',
    unknownUser: 'error',
    emptyUnsubscribe: 'answered',
    unallowedExisting: 'told',
    configInfo: 'at-once',
    appLoginDomain: 'present',
    alienCalls: 'with-api',
    alienCallIds: 'as-in-rcc',
    unknownAlienCall: 'error',
    alienCallsInRcc: false,
    rccExistingCalls: true,
    rccUpdateState: false,
    rccCounts: 'at-start',
    callEnd: 'CallDel',
    usn: 'rows',
    removedMeanwhile: 'told',
    replicateNext: 'in-order',
    beyondEnd: 'answered',
    tableEnd: 'without-columns',
    success: 'bare',
    pushSource: 'of-start',
    replications: 'several',
    repeatedRows: false,
    templateGroupsInRows: true,
    latency: 0,
    keepAlive: 'echo',
    pings: 'answered',
    loginInfo: 'plain',
    pbxInfo: 'full',
    asksAppInfo: true,
    redialAfter: 3_000,
};
