import type { Behaviour } from './behaviour';

/** What a switch takes: some words, or any value of a kind; a number of ms is 0 or more. */
type Values<Value> = string extends Value
    ? 'text'
    : [Value] extends [string]
      ? readonly Value[]
      : [Value] extends [boolean]
        ? 'boolean'
        : 'number';

/** What each switch of the behaviour can be set to, for those who set it by name. */
export const behaviourValues: { readonly [Name in keyof Behaviour]: Values<Behaviour[Name]> } = {
    customContact: ['accepted', 'refused', 'tel', 'ignored'],
    calendarContact: ['calendar:', 'cal:'],
    defaultContact: 'text',
    activities: ['any', 'typical'],
    setPresenceNeedsRight: 'boolean',
    echo: ['after-result', 'before-result'],
    onThePhoneSettable: 'boolean',
    emptyEntry: ['removed', 'kept'],
    emptyValues: ['as-recorded', 'left-out', 'present'],
    telStatus: ['open', 'closed'],
    lineState: ['separate', 'replaces-tel'],
    untickedApi: ['silent', 'error'],
    lineStateFrom: ['every-call', 'answered-calls'],
    remoteLineState: 'boolean',
    remoteWrites: ['accepted', 'refused'],
    unallowedSubscription: ['silent', 'down'],
    rightTaken: ['down', 'silent'],
    unknownUser: ['error', 'silent'],
    emptyUnsubscribe: ['answered', 'silent', 'error'],
    unallowedExisting: ['told', 'only-new'],
    configInfo: ['at-once', 'on-change'],
    appLoginDomain: ['present', 'absent'],
    alienCalls: ['with-api', 'with-connection', 'kept'],
    alienCallIds: ['as-in-rcc', 'own', 'per-connection'],
    unknownAlienCall: ['error', 'ok'],
    alienCallsInRcc: 'boolean',
    rccExistingCalls: 'boolean',
    rccUpdateState: 'boolean',
    rccCounts: ['absent', 'at-start', 'with-calls'],
    callEnd: ['CallDel', 'CallUpdate', 'CallDelete'],
    usn: ['absent', 'rows', 'everywhere'],
    removedMeanwhile: ['told', 'lost'],
    replicateNext: ['in-order', 'reversed', 'one-at-a-time'],
    beyondEnd: ['answered', 'silent'],
    tableEnd: ['without-columns', 'empty-columns'],
    success: ['bare', 'error-0'],
    pushSource: ['of-start', 'of-next', 'absent'],
    replications: ['several', 'one'],
    repeatedRows: 'boolean',
    templateGroupsInRows: 'boolean',
    latency: 'number',
    keepAlive: ['silent', 'result', 'echo'],
    pings: ['answered', 'ignored'],
    loginInfo: ['plain', 'odd'],
    pbxInfo: ['full', 'without-version'],
    asksAppInfo: 'boolean',
    redialAfter: 'number',
};
