import type { Tests } from '../support/existing-tests';
import { days, type UnconfirmedFact } from './unconfirmed';

const bothRoles = 'lib/pbx/connection/both-roles.test.ts';
const server = 'lib/pbx/connection/pbx-server.test.ts';
const check = 'lib/pbx/check/check-pbx.test.ts';
const undocumented = 'lib/pbx/undocumented.test.ts';
const silence = 'Where the documentation of the PBX is silent';

/** A test of the suite that both roles pass. */
function inBothRoles(title: string): Tests {
    return { [bothRoles]: ['we call it', 'it calls us'].map(role => `The links with the PBX where ${role} ${title}`) };
}

function stays(keepAlive: string): Tests {
    return {
        [undocumented]: [`${silence} a connection stays for an hour, whatever answers a KeepAlive (${keepAlive})`],
    };
}

function unticked(answer: string): Tests {
    return {
        ...inBothRoles(`knows which APIs it may use (an unticked one: ${answer})`),
        [check]: [
            `The check of a PBX that we call says where each missing tick is set, and what it adds (unticked: ${answer})`,
        ],
    };
}

function letsIn(info: string, pbxInfo: string): string {
    return `The endpoint that PBXs call lets a PBX in (info ${info}, PbxInfo ${pbxInfo})`;
}

function appInfo(isAsked: boolean): Tests {
    return {
        [undocumented]: [`${silence} a PBX that calls is used, whether or not it asks for AppInfo (${isAsked})`],
    };
}

function redial(delay: number): Tests {
    const title = `a PBX that calls is waited for, however long it takes to call again (${delay} ms)`;
    return { [undocumented]: [`${silence} ${title}`] };
}

function checkLogin(): Readonly<Record<string, Tests>> {
    const title = (answer: string) =>
        `${silence} PBX Manager is told whether both sides have the same password (domain ${answer})`;
    return Object.fromEntries(['present', 'absent'].map(answer => [answer, { [undocumented]: [title(answer)] }]));
}

/** What is not confirmed of the App websocket. */
export const connectionFacts: readonly UnconfirmedFact[] = [
    {
        fact: 'What a PBX answers to a KeepAlive',
        line: 'reply to KeepAlive',
        behaviour: 'keepAlive',
        handling: 'None is sent: pings of the WebSocket, and a question of our own, tell whether the PBX lives',
        answers: { silent: stays('silent'), result: stays('result'), echo: stays('echo') },
    },
    {
        fact: 'Whether a PBX answers pings',
        behaviour: 'pings',
        handling: 'One that does not is asked something before it is given up',
        answers: {
            answered: inBothRoles('notices within 30 s that the PBX has fallen silent'),
            ignored: inBothRoles('keeps a PBX that answers no pings, and notices all the same when it falls silent'),
        },
    },
    {
        fact: 'What a request to an API leads to that is not ticked',
        behaviour: 'untickedApi',
        handling: 'Silence of one API while the PBX lives is taken for a missing tick, as an error is',
        answers: { silent: unticked('silent'), error: unticked('error') },
    },
    {
        fact: 'How the PBX writes `info` in the login',
        behaviour: 'loginInfo',
        handling: 'The digest goes over the raw text that was received',
        answers: { plain: { [server]: [letsIn('plain', 'full')] }, odd: { [server]: [letsIn('odd', 'full')] } },
    },
    {
        fact: 'Whether PbxInfo holds version and build',
        behaviour: 'pbxInfo',
        handling: 'Both are shown where they are told, and nothing depends on them',
        answers: {
            full: { [server]: [letsIn('plain', 'full')] },
            'without-version': { [server]: [letsIn('plain', 'without-version')] },
        },
    },
    {
        fact: 'Whether MonitorConfig tells the configuration at once',
        behaviour: 'configInfo',
        handling: 'The name is asked for by GetPbxConfig as well; the rest is taken whenever it is told',
        answers: days('configInfo', 'at-once', 'on-change'),
    },
    {
        fact: 'What UnsubscribePresence leads to where nothing is subscribed',
        behaviour: 'emptyUnsubscribe',
        handling: 'Nothing depends on its answer',
        answers: days('emptyUnsubscribe', 'answered', 'silent', 'error'),
    },
    {
        fact: 'Whether GetAppLogin tells a domain, which AppCheckLogin then has',
        behaviour: 'appLoginDomain',
        handling: 'The digest is made of what AppCheckLogin says',
        answers: checkLogin(),
    },
    {
        fact: 'Whether a PBX asks for AppInfo after its login',
        behaviour: 'asksAppInfo',
        handling: 'It is answered whenever it is asked, and not waited for',
        answers: { true: appInfo(true), false: appInfo(false) },
    },
    {
        fact: 'After how long a PBX calls again',
        line: 'reconnect interval of the PBX',
        behaviour: 'redialAfter',
        handling: 'It is waited for, and what has changed meanwhile is told',
        answers: { 'at once': redial(10), 'after minutes': redial(120_000) },
    },
    {
        fact: 'Whether a PBX verifies the certificate of the service that it calls',
        line: 'verification of our certificate',
        handling:
            'The port of our own shows the certificate of a TLS configuration; a PBX that does not trust it never logs in',
        answers: {
            verifies: {
                [undocumented]: [
                    'A PBX that calls over TLS gets on with our port of its own, and verifies its certificate',
                    'A PBX that calls over TLS and does not trust our certificate never logs in',
                ],
            },
            'takes any': {
                [undocumented]: [
                    'A PBX that calls over TLS gets on with our port of its own, whatever its certificate',
                ],
            },
        },
    },
];
