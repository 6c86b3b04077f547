import type { WebSocket } from 'ws';
import type { Timer } from '../../time/clock';
import type { Session, SessionHost } from './app-session';
import type { AppUrl } from './app-url';
import { type Frame, hasApi, text } from './frame';
import { keepAliveAnswer } from './keep-alive';
import { loginDigest } from './login-digest';
import { appGuid, loginInfoText } from './login-info';
import type { PbxConfig } from './pbx-config';
import { SessionApis } from './session-apis';
import { closeCodes, Wire, type WireUser } from './wire';

/** What a PBX needs to call an app's service. */
export interface CallingHost extends SessionHost {
    readonly config: PbxConfig;
}

/** How long the PBX waits for the WebSocket and for each answer of the login, in ms. */
const patience = 10_000;

/** The firmware that the simulated PBX claims to have. */
const firmware = { version: '14r2 sr10', build: '1420510' };

/**
 * A connection that the PBX has opened to the URL of its App object: the PBX logs in, says who it is, and then the
 * service may use the APIs ticked for the App object. A service that breaks a rule is hung up on.
 * @see https://sdk.innovaphone.com/14r1/doc/appwebsocket/AppWebsocket.htm
 */
export class CallingSession implements Session, WireUser {
    readonly #socket: WebSocket;
    readonly #wire: Wire;
    readonly #host: CallingHost;
    readonly #url: AppUrl;
    readonly #apis: SessionApis;
    #ended: () => void = () => {};
    #expects: 'AppChallengeResult' | 'AppLoginResult' | 'requests' = 'AppChallengeResult';
    /** PbxInfo is on its way: before that the service cannot know what it may use. */
    #told = false;
    #timer: Timer | undefined;
    #problem: string | undefined;
    #appInfo: Frame | undefined;

    /** @param socket on its way to the service */
    constructor(socket: WebSocket, url: AppUrl, host: CallingHost) {
        this.#socket = socket;
        this.#wire = new Wire(socket, host);
        this.#host = host;
        this.#url = url;
        this.#apis = new SessionApis(host, frame => this.#wire.send(frame));
    }

    get loggedIn(): boolean {
        return this.#expects === 'requests';
    }

    get subscriptions(): number {
        return this.#apis.subscriptions;
    }

    /** Why the PBX has hung up or could not connect; undefined while nothing is wrong. */
    get problem(): string | undefined {
        return this.#problem;
    }

    /** What the service has answered to AppInfo. */
    get appInfo(): Frame | undefined {
        return this.#appInfo;
    }

    start(ended: () => void): void {
        this.#ended = ended;
        this.#await('No WebSocket');
        this.#socket.on('open', () => this.#opened());
        this.#socket.on('error', error => {
            this.#problem ??= error.message;
        });
        this.#wire.start(this);
    }

    drop(): void {
        this.#apis.close();
        this.#wire.drop();
    }

    sendRaw(data: string | Buffer): void {
        this.#wire.sendRaw(data);
    }

    receive(frame: Frame): void {
        if (hasApi(frame)) this.#handleApi(frame);
        else if (frame.mt === 'KeepAlive') this.#answerKeepAlive(frame);
        else if (frame.mt === 'AppInfoResult') this.#appInfo = frame;
        else if (frame.mt !== this.#expects) return;
        else if (frame.mt === 'AppChallengeResult') this.#login(frame.challenge);
        else if (frame.mt === 'AppLoginResult') this.#introduce(frame);
        // Whatever is not known gets no answer.
    }

    ended(): void {
        this.#host.clock.cancel(this.#timer);
        this.#apis.close();
        this.#ended();
    }

    #opened(): void {
        this.#host.traffic.connections++;
        this.#await('No AppChallengeResult');
        this.#wire.send({ mt: 'AppChallenge' });
    }

    #login(challenge: unknown): void {
        // "Only non-control character with a single byte representation", 16 at most.
        if (!/^[ -~]{1,16}$/.test(text(challenge))) return this.#hangUp('The challenge breaks the rules');
        this.#expects = 'AppLoginResult';
        this.#await('No AppLoginResult');
        const { frame, info } = this.#loginOf(text(challenge));
        // The info goes out exactly as it was hashed.
        this.#wire.sendRaw(`${JSON.stringify(frame).slice(0, -1)},"info":${info}}`, 'AppLogin');
    }

    #loginOf(challenge: string): { frame: Frame; info: string } {
        const { app, config, behaviour } = this.#host;
        const name = app.displayName ?? app.name;
        const about = { appobj: app.name, appdn: name, appurl: this.#url.url, pbx: config.pbx, cn: name };
        const info = loginInfoText({ ...about, unlicensed: true, apps: [] }, behaviour.loginInfo);
        const guid = appGuid(app.name);
        const login = { app: this.#url.app, domain: config.domain, sip: app.name, guid, dn: name };
        const digest = loginDigest({ ...login, info }, challenge, app.password);
        const frame = { mt: 'AppLogin', sip: login.sip, guid, dn: name, digest, domain: login.domain, app: login.app };
        return { frame, info };
    }

    #introduce({ ok }: Frame): void {
        if (ok !== true) return this.#hangUp('The service has refused the login');
        this.#expects = 'requests';
        this.#host.clock.cancel(this.#timer);
        this.#host.traffic.logins++;
        const { config, app, behaviour } = this.#host;
        const { domain, pbx, dns: pbxDns } = config;
        const about = { domain, pbx, pbxDns, apis: [...app.apis] };
        this.#wire.send({ mt: 'PbxInfo', ...about, ...(behaviour.pbxInfo === 'full' && firmware) }, () => {
            this.#told = true;
        });
        if (behaviour.asksAppInfo) this.#wire.send({ mt: 'AppInfo', app: this.#url.app });
    }

    #handleApi(frame: Frame): void {
        if (!this.loggedIn) this.#hangUp('The service has used an API before the login');
        else if (this.#told) this.#apis.handle(frame);
        // A request that comes before PbxInfo has gone is lost: the APIs are there from then on.
    }

    #answerKeepAlive(frame: Frame): void {
        const answer = keepAliveAnswer(frame, this.#host.behaviour);
        if (answer) this.#wire.send(answer);
    }

    #await(failing: string): void {
        this.#host.clock.cancel(this.#timer);
        this.#timer = this.#host.clock.after(patience, () => {
            this.#problem = `${failing} within ${patience / 1000} s`;
            this.drop();
        });
    }

    #hangUp(problem: string): void {
        this.#problem = problem;
        this.#wire.close(closeCodes.policyViolation, problem);
    }
}
