import type { ServerResponse } from 'node:http';
import { systemClock, type Timer } from '../time/clock';
import type { OfficeCounters, PersonState, SimulatedOffice } from './office';

/** One line of the stream: the first names everybody, a later one those who changed or left since the line before. */
export interface OfficeEvent {
    running: boolean;
    people: (PersonState & { calls: { pbx: boolean; teams: boolean } })[];
    /** Addresses; only where somebody has left. */
    left?: string[];
    counters: OfficeCounters;
}

/** Changes that come within this time go out as one line; ms. */
const coalesce = 40;
/** How often the counters are looked at when nobody changes; ms. */
const countersEvery = 1000;

/**
 * Answers with a stream of {@link OfficeEvent}s as newline-delimited JSON that ends when the client goes. A client
 * that reads slowly gets fewer lines, not older ones.
 */
export function streamEvents(office: SimulatedOffice, response: ServerResponse): void {
    const changed = new Set(office.people().map(({ mail }) => mail));
    const left = new Set<string>();
    let lastRest = '';
    let blocked = false;
    let timer: Timer | undefined;

    const send = () => {
        if (blocked) return;
        const { people, ...rest } = toEvent(office, changed, left);
        const restText = JSON.stringify(rest);
        if (people.length > 0 || restText !== lastRest)
            blocked = !response.write(`${JSON.stringify({ ...rest, people })}\n`);
        lastRest = restText;
        changed.clear();
        left.clear();
        wait(countersEvery);
    };
    const wait = (delay: number) => {
        systemClock.cancel(timer);
        timer = systemClock.after(delay, send);
    };
    const onChange = (mail: string) => {
        if (changed.size + left.size === 0) wait(coalesce);
        left.delete(mail);
        changed.add(mail);
    };
    const onLeft = (mail: string) => {
        if (changed.size + left.size === 0) wait(coalesce);
        changed.delete(mail);
        left.add(mail);
    };
    const onDrain = () => {
        blocked = false;
        send();
    };

    response.writeHead(200, { 'content-type': 'application/x-ndjson; charset=utf-8', 'cache-control': 'no-store' });
    office.on('change', onChange).on('left', onLeft).on('started', send).on('stopped', send);
    response.on('drain', onDrain).once('close', () => {
        systemClock.cancel(timer);
        office.off('change', onChange).off('left', onLeft).off('started', send).off('stopped', send);
    });
    send();
}

function toEvent(office: SimulatedOffice, mails: Set<string>, left: Set<string>): OfficeEvent {
    const people = [...mails].map(mail => ({ ...office.person(mail), calls: office.callsOf(mail) }));
    const gone = left.size > 0 ? { left: [...left] } : {};
    return { running: office.running, people, ...gone, counters: office.counters() };
}
