import { X509Certificate } from 'node:crypto';
import type { SimulatedOffice } from './office';
import { officeApis } from './office-parts';
import { type Fields, noMore, object, oneOf, onlyTrue, whole, wrong, yesOrNo } from './order-values';
import type { AppCall } from './pbx/app-caller';
import { appUrl } from './pbx/app-url';
import { type Behaviour, defaultBehaviour } from './pbx/behaviour';
import { behaviourValues } from './pbx/behaviour-values';
import type { SimulatedPbx } from './pbx/simulated-pbx';
import type { Traffic } from './pbx/traffic';

const mostMessages = 1_000_000;
const longestTime = 86_400_000;
const certificates = ['right', 'other-name', 'self-signed', 'expired'] as const;

/** One PBX as its control API shows it. */
export interface PbxState {
    name: string;
    url: string;
    /** SHA-256; absent before the first start. */
    fingerprint?: string;
    /** Logged-in connections, and presence subscriptions that are alive. */
    connections: number;
    subscriptions: number;
    deaf: boolean;
    /** How it gets on with the App URL that it calls; absent while it calls none. */
    call?: AppCall;
    traffic: Traffic;
}

/** The PBXs of the office, the master first, and what they have in common. */
export interface PbxSystemState {
    pbxs: PbxState[];
    behaviour: Behaviour;
}

/** All PBXs of the office as they are now. */
export function pbxState({ pbx: master }: SimulatedOffice): PbxSystemState {
    return { pbxs: [master, ...master.slaves].map(stateOf), behaviour: { ...master.behaviour } };
}

/**
 * Orders for a PBX of the office in one JSON object; each field is an order of its own and `clear` comes first:
 *
 * | field | does |
 * |---|---|
 * | `pbx: name` | says which PBX; the master if absent |
 * | `clear: true` | takes back everything below but calls, certificate, DNS name and slaves |
 * | `behaviour: { switch: value }` | how the PBXs of the office behave where the documentation is silent, see {@link Behaviour} |
 * | `latency: ms` | every message of all PBXs comes so much later |
 * | `deaf: boolean` | it takes connections and messages and answers nothing |
 * | `fragment: bytes` | it sends its messages in pieces; 0: in one |
 * | `fail: { mt, count }` | the next such requests get an error |
 * | `ignore: { mt, count }` | they get no answer |
 * | `repeat: { mt, count }` | the next such messages of the PBX come twice |
 * | `dropAt: mt` | the connection breaks at the next such request |
 * | `drop: true` | all its connections break; clients may come back at once |
 * | `apis: [name]` | these APIs are ticked in its App object, and no others |
 * | `dialOut: url or false` | it calls this URL of its App object, on this machine; or nobody |
 * | `dialOut: { url, ca }` | it hangs up where the authority `ca` (PEM) has not signed the certificate; without `ca` any will do |
 * | `dns: name` | its configuration has this DNS name, and whoever monitors it is told |
 * | `certificate: kind` | it has another certificate: `right`, `other-name`, `self-signed` or `expired` |
 *
 * Nothing is done unless all of it is right. Throws an OfficeError that names the field and what is allowed.
 */
export async function orderPbx(office: SimulatedOffice, body: unknown): Promise<PbxSystemState> {
    const { pbx: name, ...fields } = object(body, 'The body');
    const pbx = find(office.pbx, name);
    const unknown = Object.keys(fields).find(field => !Object.hasOwn(orders, field));
    if (unknown !== undefined)
        throw wrong(`"${unknown}" is none of the orders: pbx, ${Object.keys(orders).join(', ')}`);
    const wanted = Object.entries(orders).filter(([field]) => fields[field] !== undefined);
    const ready = wanted.map(([field, prepare]) => prepare(fields[field]));
    for (const run of ready) await run(pbx);
    return pbxState(office);
}

/** Each checks its value, then returns what is to be done. */
const orders: Record<string, (value: unknown) => (pbx: SimulatedPbx) => void | Promise<void>> = {
    clear: value => {
        onlyTrue(value, 'clear');
        return pbx => {
            pbx.deaf = false;
            pbx.faults.clear();
            Object.assign(pbx.behaviour, defaultBehaviour);
            tick(pbx, officeApis);
        };
    },
    behaviour: value => {
        const switches = checkedBehaviour(object(value, 'behaviour'));
        return ({ behaviour }) => {
            Object.assign(behaviour, switches);
        };
    },
    latency: value => {
        const latency = whole(value, 'latency', 0, longestTime);
        return ({ behaviour }) => {
            behaviour.latency = latency;
        };
    },
    deaf: value => {
        const deaf = yesOrNo(value, 'deaf');
        return pbx => {
            pbx.deaf = deaf;
        };
    },
    fragment: value => {
        const bytes = whole(value, 'fragment', 0, 65_535);
        return ({ faults }) => {
            faults.fragment = bytes;
        };
    },
    fail: value => {
        const { mt, count } = counted(value, 'fail');
        return ({ faults }) => faults.failNext(mt, count);
    },
    ignore: value => {
        const { mt, count } = counted(value, 'ignore');
        return ({ faults }) => faults.ignoreNext(mt, count);
    },
    repeat: value => {
        const { mt, count } = counted(value, 'repeat');
        return ({ faults }) => faults.repeatNext(mt, count);
    },
    dropAt: value => {
        const mt = messageName(value, 'dropAt');
        return ({ faults }) => faults.dropAtNext(mt);
    },
    drop: value => {
        onlyTrue(value, 'drop');
        return pbx => pbx.dropConnections();
    },
    apis: value => {
        const names = Array.isArray(value) ? value.map(name => oneOf(name, 'apis', officeApis)) : undefined;
        if (!names) throw wrong(`apis must be a list of ${officeApis.join(', ')}`);
        return pbx => tick(pbx, names);
    },
    dialOut: value => {
        const target = value === false ? undefined : checkedTarget(value);
        return pbx => pbx.dialOut(target?.url, target?.ca);
    },
    dns: value => {
        if (typeof value !== 'string' || value === '') throw wrong('dns must be a name');
        return ({ config }) => {
            config.dns = value;
        };
    },
    certificate: value => {
        const kind = oneOf(value, 'certificate', certificates);
        return pbx => pbx.changeCertificate(kind);
    },
};

/** That of each PBX is its own. */
function tick(pbx: SimulatedPbx, apis: readonly string[]): void {
    Object.assign(pbx.app, { apis: [...apis] });
}

function find(master: SimulatedPbx, name: unknown): SimulatedPbx {
    const all = [master, ...master.slaves];
    const names = all.map(({ pbxName }) => pbxName);
    return name === undefined ? master : all[names.indexOf(oneOf(name, 'pbx', names))]!;
}

function stateOf(pbx: SimulatedPbx): PbxState {
    const { pbxName: name, url, fingerprint, connections, subscriptions, deaf, call, traffic } = pbx;
    return {
        ...{ name, url, ...(fingerprint && { fingerprint }) },
        ...{ connections, subscriptions, deaf, ...(call && { call }), traffic },
    };
}

function checkedBehaviour(switches: Fields): Fields {
    for (const [name, value] of Object.entries(switches)) {
        if (!Object.hasOwn(behaviourValues, name)) throw wrong(`behaviour has no switch "${name}"`);
        const allowed = behaviourValues[name as keyof Behaviour];
        if (typeof allowed !== 'string') oneOf(value, `behaviour.${name}`, allowed);
        else if (allowed === 'boolean') yesOrNo(value, `behaviour.${name}`);
        else if (allowed === 'number') whole(value, `behaviour.${name}`, 0, longestTime);
        else if (typeof value !== 'string') throw wrong(`behaviour.${name} must be a text`);
    }
    return switches;
}

function counted(value: unknown, field: string): { mt: string; count: number } {
    const { mt, count = 1, ...rest } = object(value, field);
    noMore(rest, field);
    return { mt: messageName(mt, `${field}.mt`), count: whole(count, `${field}.count`, 1, mostMessages) };
}

function messageName(value: unknown, field: string): string {
    if (typeof value === 'string' && value !== '') return value;
    throw wrong(`${field} must be the name of a message, such as SetPresence`);
}

function checkedTarget(value: unknown): { url: string; ca?: string } {
    if (typeof value !== 'object') return { url: checkedUrl(value) };
    const { url, ca, ...rest } = object(value, 'dialOut');
    noMore(rest, 'dialOut');
    return { url: checkedUrl(url), ...(ca !== undefined && { ca: checkedAuthority(ca) }) };
}

function checkedAuthority(ca: unknown): string {
    try {
        new X509Certificate(String(ca));
        return String(ca);
    } catch {
        throw wrong('dialOut.ca must be a certificate in PEM');
    }
}

function checkedUrl(value: unknown): string {
    try {
        return appUrl(String(value)).url;
    } catch (error) {
        throw wrong(`dialOut: ${(error as Error).message}`);
    }
}
