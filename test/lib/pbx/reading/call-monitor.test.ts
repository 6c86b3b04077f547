import assert from 'node:assert/strict';
import { SyncError } from '../../../../lib/errors/errors';
import type { Frame } from '../../../../lib/pbx/connection/frame';
import { Mux } from '../../../../lib/pbx/connection/mux';
import type { PbxSession } from '../../../../lib/pbx/connection/pbx-session';
import { LineStates } from '../../../../lib/pbx/reading/line-states';
import { UserDirectory } from '../../../../lib/pbx/users/user-directory';
import { userOf } from '../../../../lib/pbx/users/user-row';
import { beganCall, beginCall } from '../../../../lib/presence/pbx-call';
import type { PbxRecord } from '../../../../lib/presence/pbx-record';
import { newRecord } from '../../../../lib/presence/record';
import { FakeClock, settle } from '../../../support/fake-clock';

/** A PBX that says only what a test lets it say, for what the simulated one never does. */
class Line {
    answer: () => Promise<Frame> = async () => ({ mt: 'InitializeResult' });
    readonly mux = new Mux();
    readonly session = {
        host: 'pbx.firm.example',
        info: {},
        mux: this.mux,
        newSource: () => this.mux.newSource(),
        request: (_api: string, _mt: string, _fields: object, src: string) => {
            this.src = src;
            return this.answer();
        },
    } as unknown as PbxSession;
    /** That of the calls. */
    src?: string;
}

describe('Calls that RCC tells', () => {
    let clock: FakeClock;
    let lineStates: LineStates;
    let line: Line;
    let told: [string, boolean][];
    let log: string[];
    /** The number of our own call of the user OWN, while there is one; 0 while it is not known. */
    let own: number | undefined;

    beforeEach(() => {
        own = undefined;
        clock = new FakeClock();
        told = [];
        log = [];
        line = new Line();
        const directory = new UserDirectory();
        for (const guid of ['A', 'B', 'OWN']) directory.put(userOf({ guid, h323: guid.toLowerCase() })!);
        const states = new Map<string, { isEcho: boolean; inCall: boolean; at: number }>();
        const recordOf = (guid: string): PbxRecord | undefined => {
            const record = newRecord(guid, directory.byGuid(guid)!) as PbxRecord;
            const state = states.get(guid);
            if (state) record.state = state;
            if (guid !== 'OWN' || own === undefined) return record;
            beginCall(record, { session: line.session, api: 'PbxApi.0' });
            if (own > 0) beganCall(record, own, clock.monotonic());
            return record;
        };
        const receiveCalls = (guid: string, inCall: boolean) => {
            states.set(guid, { isEcho: false, inCall, at: 0 });
            told.push([guid, inCall]);
        };
        lineStates = new LineStates({
            ...{ directory, records: { get: recordOf }, links: { home: () => line.session }, clock },
            reader: { receiveCalls },
            log: (level, text) => log.push(`${level} ${text}`),
        });
    });

    function say(mt: string, fields: object): void {
        line.mux.route({ mt, api: 'RCC', src: line.src, ...fields });
    }

    async function begin(): Promise<void> {
        lineStates.want(false);
        lineStates.begin(line.session);
        await settle();
    }

    it('end with a message "del" as well as with CallDel, each once', async () => {
        await begin();
        say('CallAdd', { guid: 'A', call: 1 });
        say('CallAdd', { guid: 'A', call: 1 });
        say('CallUpdate', { call: 1, msg: 'del' });
        say('CallDel', { call: 1 });
        assert.deepEqual(told, [
            ['A', true],
            ['A', false],
        ]);
    });

    it('are counted anew with each word about the user', async () => {
        await begin();
        say('UserInfo', { guid: 'A', channel: 2 });
        say('UserInfo', { guid: 'A', channel: 1, update: 'update' });
        assert.deepEqual(told, [['A', true]]);
        say('UserInfo', { guid: 'A', channel: 1, update: 'del' });
        assert.deepEqual(told.at(-1), ['A', false]);
    });

    it('are over after a gap where the PBX neither counts nor tells them', async () => {
        await begin();
        say('CallAdd', { guid: 'A', call: 1 });
        say('CallAdd', { guid: 'B', call: 2 });
        lineStates.end(line.session);
        line = new Line();
        await begin();
        say('UserInfo', { guid: 'A' });
        say('CallAdd', { guid: 'B', call: 2 });
        assert.equal(told.length, 2);
        await clock.advance(1_000);
        assert.deepEqual(told.slice(2), [['A', false]]);
    });

    it('do not count where they are our own, whatever comes first', async () => {
        await begin();
        own = 0;
        say('CallAdd', { guid: 'OWN', call: 7 });
        own = 7;
        lineStates.look('OWN');
        say('CallAdd', { guid: 'OWN', call: 8 });
        say('CallDel', { call: 8 });
        own = undefined;
        lineStates.look('OWN');
        say('CallUpdate', { call: 7, msg: 'x-rel', local: { h323: 'own' } });
        say('CallDel', { call: 7 });
        assert.deepEqual(told, [
            ['OWN', true],
            ['OWN', false],
        ]);
    });

    it('are not counted for an own one that may be among them', async () => {
        own = 7;
        await begin();
        say('UserInfo', { guid: 'OWN', channel: 1 });
        assert.deepEqual(told, []);
        say('UserInfo', { guid: 'OWN', channel: 2, update: 'update' });
        assert.deepEqual(told, [['OWN', true]]);
    });

    it('are had although the end of the list of users comes too late', async () => {
        line.answer = async () => {
            say('UserInfo', { guid: 'A', channel: 1 });
            throw new SyncError('PBX_SILENT', { host: 'pbx', seconds: 10 });
        };
        await begin();
        assert.deepEqual(told, [['A', true]]);
        assert.deepEqual(log, []);
    });

    it('count where the PBX tells them without the source of the request, or with one of its own', async () => {
        await begin();
        say('CallAdd', { src: undefined, guid: 'A', call: 1 });
        say('CallAdd', { src: 'rcc', guid: 'B', call: 2 });
        say('CallDel', { src: 'rcc', api: undefined, call: 2 });
        assert.deepEqual(told, [
            ['A', true],
            ['B', true],
            ['B', false],
        ]);
    });

    it('are left alone where they make no sense', async () => {
        await begin();
        say('CallAdd', { guid: '', call: 1 });
        say('CallAdd', { guid: 5, call: 1 });
        say('CallAdd', { guid: 'A', call: '1' });
        say('CallUpdate', { call: 3, local: 'nobody' });
        say('CallDel', { call: 99 });
        say('UserInfo', { channel: 3 });
        for (const channel of [1e308, 0.5, -1, '1', null, [2], true]) say('UserInfo', { guid: 'B', channel });
        say('CallAdd', { src: line.mux.newSource(), guid: 'A', call: 1 });
        say('CallAdd', { api: 'PbxApi', src: undefined, guid: 'A', call: 1 });
        assert.deepEqual(told, []);
    });
});
