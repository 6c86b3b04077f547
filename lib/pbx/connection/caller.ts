import { randomInt } from 'node:crypto';
import { SyncError } from '../../errors/errors';
import type { Clock, Timer } from '../../time/clock';
import { type Frame, isObject, pbxInfoOf, textOf } from './frame';
import { isSameDigest, type LoginVerdict, loginDigest, verifyLogin } from './login';
import type { PasswordPace } from './password-pace';
import { PbxSession } from './pbx-session';
import type { Log, PbxSettings } from './pbx-settings';
import { closeCodes, type PbxSocket } from './pbx-socket';

/** Milliseconds that a caller has for its login, and from there for PbxInfo. */
const loginLimit = 10_000;
const wrongPassword = 'Name or password is wrong';
/** The longest text that is sent back to its sender: no name or address is longer. */
const longestEcho = 1_000;

export interface CallerUse {
    settings: PbxSettings;
    clock: Clock;
    log: Log;
    /** A PBX has logged in and said who it is: from now on its APIs can be used. */
    identified(session: PbxSession): void;
    /** What an administrator should know about a caller that was refused. */
    refused(error: SyncError): void;
}

/** How quickly callers may try passwords, all together who are of one kind. */
export interface Paces {
    login: PasswordPace;
    /** Of the question of PBX Manager, which is not urgent. */
    check: PasswordPace;
}

/**
 * One caller of our endpoint. A PBX is let in; browsers and other apps, which the PBX sends to the same address, are told
 * that there is nothing for them.
 * @see https://sdk.innovaphone.com/14r1/doc/appwebsocket/AppWebsocket.htm
 */
export class Caller {
    readonly #socket: PbxSocket;
    readonly #options: CallerUse;
    readonly #paces: Paces;
    #challenge?: string;
    #hasChecked = false;
    /** A password waits to be tried. */
    #isTrying = false;
    /** Gives up the place in line of the password that came last. */
    #leave?: () => void;
    #loggedIn?: Frame;
    #session?: PbxSession;
    #timer?: Timer;

    constructor(socket: PbxSocket, options: CallerUse, paces: Paces) {
        this.#socket = socket;
        this.#options = options;
        this.#paces = paces;
    }

    start(): void {
        this.#socket.on('frame', (frame, text) => this.#receive(frame, text));
        void this.#socket.ended.then(() => {
            this.#options.clock.cancel(this.#timer);
            this.#leave?.();
        });
        this.#expect();
    }

    #receive(frame: Frame, text: string): void {
        // What belongs to an API is for the session, which listens for itself.
        if (frame.api !== undefined) return;
        switch (frame.mt) {
            case 'AppChallenge':
                return this.#giveChallenge(frame);
            case 'AppLogin':
                return this.#login(frame, text);
            case 'AppCheckLogin':
                return this.#checkLogin(frame);
            case 'AppInfo':
                return this.#tellApp(frame);
            case 'CheckBuild':
                // Our page has no builds: whatever the browser has loaded is the current one.
                return this.#answer(frame, { url: echoOf(frame.url) });
            case 'KeepAlive':
                // Not another KeepAlive: two who answer each other with it would never end.
                return this.#answer(frame, {});
            case 'PbxInfo':
                return this.#identify(frame);
        }
    }

    #giveChallenge(frame: Frame): void {
        this.#challenge = Array.from({ length: 16 }, () => randomInt(10)).join('');
        this.#answer(frame, { challenge: this.#challenge });
    }

    #login(frame: Frame, text: string): void {
        const { appName, password } = this.#options.settings;
        const challenge = this.#challenge;
        this.#challenge = undefined;
        if (challenge === undefined || this.#loggedIn) return this.#refuse(frame, 'Ask for a challenge first');
        this.#try(this.#paces.login, frame, () => {
            const verdict = verifyLogin(frame, text, { appName, password, challenge });
            if (verdict === 'pbx') this.#letIn(frame);
            else this.#turnAway(frame, verdict);
            return verdict !== 'wrong-password';
        });
    }

    #letIn(frame: Frame): void {
        this.#loggedIn = frame;
        this.#socket.isStranger = false;
        this.#expect();
        this.#answer(frame, { ...namesOf(frame), ok: true });
    }

    /** @param isRight tries the password of the frame, and answers */
    #try(pace: PasswordPace, frame: Frame, isRight: () => boolean): void {
        if (this.#isTrying) return this.#refuse(frame, 'One at a time');
        this.#isTrying = true;
        this.#leave = pace.take(() => {
            this.#isTrying = false;
            return isRight();
        });
    }

    #turnAway(frame: Frame, verdict: Exclude<LoginVerdict, 'pbx'>): void {
        const { settings, log } = this.#options;
        const { host } = this.#socket;
        const app = settings.appName;
        if (verdict === 'other') {
            log('debug', `${echoOf(frame.sip) || host} has logged in, but is no PBX, and was told so`);
            return this.#refuse(frame, 'This service is for the PBX alone');
        }
        const found = echoOf(frame.sip);
        const error =
            verdict === 'other-app' ? new SyncError('PBX_CALLER_UNKNOWN', { host, found, app }) : this.#callRefused();
        this.#refuse(frame, wrongPassword);
        this.#options.refused(error);
    }

    #callRefused(): SyncError {
        const { appName: app } = this.#options.settings;
        return new SyncError('PBX_CALL_REFUSED', { host: this.#socket.host, app });
    }

    #refuse(frame: Frame, errorText: string): void {
        // Clients read a text in both. @see https://github.com/innovaphone/go-inno-appws, appws/client.go
        this.#answer(frame, { ...namesOf(frame), error: errorText, errorText });
        void this.#socket.close(closeCodes.policyViolation);
    }

    /**
     * PBX Manager asks whether both sides have the same password, with a challenge and a digest that the PBX made for it.
     * That the digest has the form of an AppLogin is an inference. Answered once, so that no caller can try out passwords.
     * @see https://sdk.innovaphone.com/14r1/doc/appwebsocket/PbxAdminApi.htm (GetAppLogin)
     */
    #checkLogin(frame: Frame): void {
        if (this.#hasChecked && !this.#loggedIn) return this.#refuse(frame, 'Ask once only');
        this.#hasChecked = true;
        const login = { app: textOf(frame.app), domain: textOf(frame.domain), sip: '', guid: '', dn: '' };
        const right = loginDigest(login, textOf(frame.challenge), this.#options.settings.password);
        this.#try(this.#paces.check, frame, () => {
            const isRight = isSameDigest(frame.digest, right);
            const errorText = wrongPassword;
            if (isRight) this.#answer(frame, { ok: true });
            // A PBX that is in use is not hung up on for a question of its administrator.
            else if (this.#loggedIn) this.#answer(frame, { error: errorText, errorText });
            else {
                this.#refuse(frame, errorText);
                this.#options.refused(this.#callRefused());
            }
            return isRight;
        });
    }

    /** We offer no API to others, and there is nothing for a user to see. */
    #tellApp(frame: Frame): void {
        if (!this.#loggedIn) return;
        this.#answer(frame, { app: echoOf(frame.app), info: { hidden: true, apis: {} }, serviceInfo: { apis: {} } });
    }

    #identify(frame: Frame): void {
        if (!this.#loggedIn) return;
        if (this.#session) return this.#session.learn(pbxInfoOf(frame));
        const { clock } = this.#options;
        const socket = this.#socket;
        clock.cancel(this.#timer);
        const { info, sip } = this.#loggedIn;
        const named = { pbx: isObject(info) ? textOf(info.pbx) : '' };
        const told = pbxInfoOf(frame);
        const pbx = told.pbx ?? (named.pbx || undefined);
        if (pbx) socket.host = pbx;
        this.#session = new PbxSession({ socket, app: textOf(sip), clock, info: { ...told, pbx } });
        this.#options.identified(this.#session);
    }

    #answer({ mt, src }: Frame, fields: Record<string, unknown>): void {
        this.#socket.send({ mt: `${mt}Result`, src: echoOf(src), ...fields });
    }

    /** A caller that says nothing of use is not kept. */
    #expect(): void {
        const { clock } = this.#options;
        clock.cancel(this.#timer);
        this.#timer = clock.after(loginLimit, () => {
            const reason = new SyncError('PBX_SILENT', { host: this.#socket.host, seconds: loginLimit / 1000 });
            void this.#socket.close(closeCodes.policyViolation, reason);
        });
    }
}

function namesOf(login: Frame): { app: string; domain: string } {
    return { app: echoOf(login.app) ?? '', domain: echoOf(login.domain) ?? '' };
}

/** A text that may be sent back; nothing for what is none or far too long. */
function echoOf(value: unknown): string | undefined {
    return typeof value === 'string' && value.length <= longestEcho ? value : undefined;
}
