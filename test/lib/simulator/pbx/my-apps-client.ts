import { createHash } from 'node:crypto';
import type { ClientOptions } from 'ws';
import { AppClient, type Message } from './app-client';

/** Who opens an app in myApps, and through which App object. */
export interface MyAppsUser {
    /** User name. */
    sip: string;
    /** Display name. */
    dn: string;
    guid: string;
    /** The system name of the user's PBX. */
    domain: string;
    /** Name of the App object that grants the access. */
    pbxObj: string;
    /** What the PBX says of the user, as it goes into the message. */
    info?: object;
}

/**
 * The browser of a user who has opened an app in myApps: it logs in at the app's service as the PBX does, for the PBX
 * has made the digest with the App object's password, and as somebody else.
 * @see https://sdk.innovaphone.com/14r1/doc/appwebsocket/AppWebsocket.htm
 */
export class MyAppsClient {
    readonly connection: AppClient;
    readonly #appUrl: string;

    private constructor(connection: AppClient, appUrl: string) {
        this.connection = connection;
        this.#appUrl = appUrl;
    }

    /** @param appUrl that of the App object: its last component is the app */
    static async open(appUrl: string, options?: ClientOptions): Promise<MyAppsClient> {
        const webSocketUrl = appUrl.replace(/^http/, 'ws').replace(/\/[^/]*$/, '');
        return new MyAppsClient(await AppClient.open(webSocketUrl, options), appUrl);
    }

    /** Asks whether the page is that of the current build. */
    checkBuild(): Promise<Message> {
        return this.connection.request({ mt: 'CheckBuild', url: `${this.#appUrl}.htm` });
    }

    /** @param password the App object's, which the browser itself never sees */
    async login(password: string, user: MyAppsUser): Promise<Message> {
        const { challenge } = await this.connection.request({ mt: 'AppChallenge', user: user.sip });
        const app = this.#appUrl.replace(/^.*\//, '');
        this.connection.send(userLogin(app, user, String(challenge), password));
        return this.connection.next();
    }
}

/** AppLogin of a user as text. */
export function userLogin(app: string, user: MyAppsUser, challenge: string, password: string): string {
    const { sip, dn, guid, domain, pbxObj, info = defaultInfo(user) } = user;
    const hashed = [app, domain, sip, guid, dn, JSON.stringify(info), challenge, password].join(':');
    const digest = createHash('sha256').update(hashed).digest('hex');
    return JSON.stringify({ mt: 'AppLogin', app, domain, sip, guid, dn, info, digest, pbxObj });
}

function defaultInfo({ pbxObj, dn }: MyAppsUser): object {
    const about = { appobj: pbxObj, appdn: pbxObj, pbx: 'pbx-main', cn: dn };
    return { ...about, unlicensed: true, groups: [], apps: [] };
}
