import type { AppTarget } from './app-socket';
import { appSocket } from './app-socket';
import { type Frame, text } from './frame';
import { loginDigest } from './login-digest';
import { Wire, type WireHost } from './wire';

/** How long PBX Manager waits for the answer, in ms. */
const patience = 10_000;

/** What GetAppLogin tells: who logs in, and that they know the App object's password. */
export interface AppLogin {
    app: string;
    domain?: string;
    digest: string;
}

/**
 * The login with which the password of an App object can be tested. What its digest covers is documented nowhere; that
 * it has the form of an AppLogin without a user is an inference: a service is given nothing but `app`, `domain`,
 * `challenge` and `digest` to check it with ("AppWebsocketCheckLogin(src, app, domain, challenge, digest)").
 * @see https://sdk.innovaphone.com/14r1/doc/appwebsocket/PbxAdminApi.htm, GetAppLogin: "Request the digest, which can be
 * used to login to an App service. The main purpose is to verify that the shared secret of an App object is correct. It
 * can be tested, by sending the returned parameter with AppCheckLogin to the App service. In this case an arbitrary
 * challenge may be used."
 * @see https://github.com/innovaphone/13r1-SDK, common/lib/appwebsocket.h
 */
export function appLogin(who: { app: string; domain?: string }, challenge: string, password: string): AppLogin {
    const login = { domain: '', ...who, sip: '', guid: '', dn: '' };
    return { ...who, digest: loginDigest(login, challenge, password) };
}

/**
 * Asks the service of an app over a connection of its own whether the login is right, as PBX Manager does.
 * @returns the AppCheckLoginResult
 * @throws Error if there is no connection, or it ends without an answer
 */
export function checkLogin(target: AppTarget, login: AppLogin, challenge: string, host: WireHost): Promise<Frame> {
    const socket = appSocket(target);
    const wire = new Wire(socket, host);
    const src = 'check';
    return new Promise((resolve, reject) => {
        const end = (settle: () => void) => {
            host.clock.cancel(timer);
            settle();
            wire.drop();
        };
        const fail = (problem: string) => end(() => reject(new Error(problem)));
        const timer = host.clock.after(patience, () => fail(`No AppCheckLoginResult within ${patience / 1000} s`));
        socket.on('error', error => fail(error.message));
        socket.on('open', () => {
            host.traffic.connections++;
            wire.send({ mt: 'AppCheckLogin', src, ...login, challenge });
        });
        wire.start({
            receive: frame => {
                if (text(frame.mt) === 'AppCheckLoginResult') end(() => resolve(frame));
            },
            ended: () => fail('The connection has ended without an answer'),
        });
    });
}
