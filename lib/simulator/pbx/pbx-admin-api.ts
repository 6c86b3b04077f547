import { type Api, type Frame, failures, notSimulated, resultOf, type Send, sourceKey, text } from './frame';
import type { Installation } from './installation';
import type { AppLogin } from './login-check';
import { appGuid } from './login-info';
import type { PbxConfig } from './pbx-config';
import { groupsOf, hasLicence, type PbxUser } from './pbx-user';
import type { UnallowedObserver, UnallowedSubscriptions } from './unallowed-subscriptions';
import { groupRows, visibilityRow } from './user-columns';

/** @see https://sdk.innovaphone.com/14r1/doc/appwebsocket/PbxAdminApi.htm (SearchUsers) */
const mostFound = 20;
/** What a PBX answers and the simulator does not know. */
const otherRequests = [
    ...[
        'UpdateObject',
        'DeleteObject',
        'MonitorAdminObject',
        'GetNodes',
        'GetStun',
        'GetGroup',
        'GetGroups',
        'GetApps',
    ],
    ...['GetConfigObjects', 'GetConfigs', 'GetPseudoObjects', 'GetPhoneConfig', 'GetRegs', 'GetRPs', 'GetFilters'],
    ...['GetBooleans', 'GetPush', 'GetMessages'],
];

type Fields = Record<string, unknown>;

/** What the admin API works on. */
export interface PbxAdminContext {
    installation: Installation;
    /** Those of the PBX that was asked, as is its configuration. */
    unallowed: UnallowedSubscriptions;
    config: PbxConfig;
    /** Where the App websocket of a PBX of this system listens; undefined for a name that no PBX has. */
    location(pbxName: string): { port: number; tls: boolean; module: string; dns: string } | undefined;
    /** Undefined for an App object that does not exist. */
    appLogin(app: string, challenge: string): AppLogin | undefined;
    /** The App objects and how many connections each has. */
    apps(): { name: string; connections: number }[];
}

/**
 * The part of the API `PbxAdminApi` that tells about the system, its users and their licences, and about
 * subscriptions that lack a right.
 * @see https://sdk.innovaphone.com/14r1/doc/appwebsocket/PbxAdminApi.htm
 */
export class PbxAdminApi implements Api, UnallowedObserver {
    readonly #context: PbxAdminContext;
    readonly #send: Send;
    /** The `src` of each running MonitorUnallowed. */
    readonly #unallowedMonitors = new Map<string, unknown>();
    /** The `src` of each running MonitorConfig. */
    readonly #configMonitors = new Map<string, unknown>();
    readonly #requests: Record<string, (frame: Frame) => void> = {
        MonitorConfig: frame => this.#monitorConfig(frame),
        MonitorUnallowed: frame => this.#monitorUnallowed(frame),
        GetPbxConfig: frame => this.#send(resultOf(frame, { loc: this.#context.config.pbx })),
        GetLocation: frame => this.#send(resultOf(frame, this.#location(frame))),
        GetObject: frame => this.#send(resultOf(frame, this.#object(frame))),
        CheckAppLic: frame => this.#send(resultOf(frame, this.#licence(frame))),
        GetAppLogin: frame => this.#send(resultOf(frame, this.#appLogin(frame))),
        GetAppLics: frame => this.#send(resultOf(frame, { lic: this.#licences() })),
        GetPbxLicenses: frame => this.#send(resultOf(frame, { lic: this.#licences() })),
        SearchUsers: frame => this.#send(resultOf(frame, { user: this.#search(frame) })),
        GetAppObjects: frame => this.#send(resultOf(frame, { objects: this.#appObjects(frame) })),
    };

    constructor(context: PbxAdminContext, send: Send) {
        this.#context = context;
        this.#send = send;
        context.config.observers.add(this.#tellConfig);
    }

    handle(frame: Frame): void {
        const mt = text(frame.mt);
        if (Object.hasOwn(this.#requests, mt)) this.#requests[mt]?.(frame);
        else if (otherRequests.includes(mt)) this.#send(notSimulated(frame));
    }

    close(): void {
        this.#context.unallowed.observers.delete(this);
        this.#context.config.observers.delete(this.#tellConfig);
        this.#unallowedMonitors.clear();
        this.#configMonitors.clear();
    }

    added(user: string, source: string): void {
        this.#tellUnallowed('MonitorUnallowedAdd', user, source);
    }

    removed(user: string, source: string): void {
        this.#tellUnallowed('MonitorUnallowedDel', user, source);
    }

    #monitorConfig(frame: Frame): void {
        this.#send(resultOf(frame));
        if (frame.stop === true) {
            this.#configMonitors.delete(sourceKey(frame.src));
            return;
        }
        this.#configMonitors.set(sourceKey(frame.src), frame.src);
        if (this.#context.installation.behaviour.configInfo === 'at-once') this.#sendConfig(frame.src);
    }

    readonly #tellConfig = (): void => {
        for (const src of this.#configMonitors.values()) this.#sendConfig(src);
    };

    #sendConfig(src: unknown): void {
        const { domain, pbx, dns } = this.#context.config;
        this.#send({ api: 'PbxAdminApi', mt: 'MonitorConfigInfo', src, domain, pbx, dns, ip4: '127.0.0.1' });
    }

    #monitorUnallowed(frame: Frame): void {
        const { unallowed, installation } = this.#context;
        this.#send(resultOf(frame));
        if (frame.stop === true) {
            this.#unallowedMonitors.delete(sourceKey(frame.src));
            return;
        }
        unallowed.observers.add(this);
        this.#unallowedMonitors.set(sourceKey(frame.src), frame.src);
        if (installation.behaviour.unallowedExisting === 'only-new') return;
        for (const { user, source } of unallowed.all()) {
            this.#send(unallowedFrame('MonitorUnallowedAdd', frame.src, user, source));
        }
    }

    #tellUnallowed(mt: string, user: string, source: string): void {
        for (const src of this.#unallowedMonitors.values()) this.#send(unallowedFrame(mt, src, user, source));
    }

    #location(frame: Frame): Fields {
        const name = text(frame.loc) || this.#context.config.pbx;
        const place = this.#context.location(name);
        if (!place) return { ...failures.unknownUser };
        const port = place.tls ? { https: place.port } : { http: place.port };
        return { loc: name, ...port, module: place.module, dns: place.dns, addr: '127.0.0.1' };
    }

    #appLogin(frame: Frame): Fields {
        return { ...(this.#context.appLogin(text(frame.app), text(frame.challenge)) ?? failures.unknownApp) };
    }

    #object(frame: Frame): Fields {
        const user = this.#find(frame);
        const object = user ? this.#objectOf(user, frame.template === 'with') : this.#appObject(frame);
        if (!object) return { ...failures.unknownUser };
        const { properties } = frame;
        if (!Array.isArray(properties)) return object;
        return Object.fromEntries(Object.entries(object).filter(([name]) => properties.includes(name)));
    }

    #objectOf(user: PbxUser, withTemplate: boolean): Fields {
        const { guid, h323, longName: cn, displayName: dn, number: e164, node, loc, config, hide } = user;
        const groups = withTemplate ? groupsOf(user) : user.groups;
        const template = withTemplate ? user.template : {};
        const entries = this.#context.installation.board.of(guid).shown(true);
        return {
            ...{ guid, cn, dn, h323, e164, node, loc, config, hide },
            'h323-email': user.h323Email,
            emails: user.emails.map(email => ({ email })),
            grp: groupRows(groups),
            allows: [...user.allows, ...(template.allows ?? [])].map(visibilityRow),
            'app-lics': [...user.licences, ...(template.licences ?? [])],
            presence: entries.map(({ contact: c, activity: a, note: n }) => ({ c, a, n })),
        };
    }

    /** That of an App object, which an app asks for to learn about itself; found as users are. */
    #appObject(frame: Frame): Fields | undefined {
        const objects = this.#context.apps().map(({ name }) => ({
            ...{ guid: appGuid(name), cn: name, dn: name, h323: name },
            ...{ loc: this.#context.config.pbx, pseudo: { type: 'app' } },
        }));
        const key = (['guid', 'cn', 'h323'] as const).find(field => frame[field] !== undefined);
        return key && objects.find(object => object[key] === frame[key]);
    }

    #licence(frame: Frame): Fields {
        const user = this.#find(frame);
        return user ? { ok: hasLicence(user, text(frame.lic)) } : { ...failures.unknownUser };
    }

    /** Numbers are texts, as in the documentation's sample. */
    #licences(): object[] {
        const used = new Map<string, number>();
        for (const user of this.#context.installation.users.all()) {
            const licences = new Set([...user.licences, ...(user.template.licences ?? [])]);
            for (const name of licences) used.set(name, (used.get(name) ?? 0) + 1);
        }
        return [...used].map(([name, count]) => ({
            ...{ name, version: '14', count: `${count}`, used: `${count}`, local: `${count}`, slaves: '0', key: '' },
        }));
    }

    /** In the order of their names, from one that begins with the text on; the next ones come after the last that was told. */
    #search({ cn, includeMatch, limit }: Frame): object[] {
        const from = text(cn).toLowerCase();
        const isWanted = (name: string): boolean => (includeMatch === true ? name >= from : name > from);
        const users = this.#context.installation.users.all().filter(({ longName }) => isWanted(longName.toLowerCase()));
        users.sort((one, other) => (one.longName.toLowerCase() < other.longName.toLowerCase() ? -1 : 1));
        const most = Math.min(mostFound, typeof limit === 'number' && limit >= 1 ? limit : mostFound);
        return users.slice(0, most).map(({ guid, h323, longName, displayName: dn, emails, h323Email }) => ({
            ...{ cn: longName, dn, guid, h323 },
            emails: [...emails, ...(h323Email ? [h323] : [])].map(email => ({ email })),
        }));
    }

    #appObjects({ uri }: Frame): object[] {
        const apps = this.#context.apps().map(({ name, connections }) => {
            const url = `https://${name}.${this.#context.installation.systemName}/${name}`;
            return { title: name, app: name, sip: name, url, connected: connections > 0 };
        });
        return apps.filter(({ url }) => url.startsWith(text(uri)));
    }

    /** By GUID, else by long name, else by user name. */
    #find({ guid, cn, h323 }: Frame): PbxUser | undefined {
        const { users } = this.#context.installation;
        if (guid !== undefined) return users.byGuid(text(guid));
        return cn === undefined ? users.bySip(text(h323)) : users.byLongName(text(cn));
    }
}

function unallowedFrame(mt: string, src: unknown, user: string, source: string): Frame {
    return { api: 'PbxAdminApi', mt, src, user, srcs: [{ name: source }] };
}
