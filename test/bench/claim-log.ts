import promises, { mkdtemp, open as openFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Files } from '../../lib/support/file-lock';
import { ClaimLog } from '../../lib/sync/claim-log';
import type { ClaimEntry } from '../../lib/sync/claim-store';
import { systemClock } from '../../lib/time/clock';
import { usedHeap } from './memory';
import { figure, percentiles, section, verdict } from './report';

/** Claims per second, and for how many seconds. */
const [rate, seconds] = [1_000, 5];
/** People whose claims take turns; what the log then holds of each is measured. */
const people = 10_000;

/** How much later a request leaves since its claim is logged before. */
export async function benchClaimLog(): Promise<void> {
    section(`log of claims: ${rate}/s for ${seconds} s, each awaited, then a start with ${people} people`);
    const directory = await mkdtemp(join(tmpdir(), 'claim-log-'));
    const path = join(directory, 'claims.log');
    const { files, made } = countedFiles();
    const onTrouble = (trouble: { detail: string } | undefined) => trouble && figure('trouble', trouble.detail);
    const open = () => ClaimLog.open({ path, clock: systemClock, onTrouble, files });
    try {
        const bare = await openFile(join(directory, 'bare'), 'w');
        const line = Buffer.from(JSON.stringify(entryOf(0)));
        const log = await open();
        const opened = performance.now();
        let unwritten = 0;
        const append = async (index: number): Promise<void> => {
            if ((await log.append([entryOf(index)])) !== 'written') unwritten += 1;
        };
        const [logged, written] = await paced(append, () => bare.write(line));
        await bare.close();
        const added = logged.p99 - written.p99;
        figure('log', logged.text);
        figure('a bare write to another file beside it', written.text);
        verdict('added to a request at p99', `${added.toFixed(1)} ms`, added <= 2, '2 ms more than a bare write');
        const hours = (performance.now() - opened) / 3_600_000;
        const [bytesPerHour, flushesPerHour] = [made.bytes / hours, Math.round(made.flushes / hours)];
        verdict('claims that were not written', String(unwritten), unwritten === 0, 'none');
        const megabytes = (bytesPerHour / 1_048_576).toFixed(0);
        figure(
            'written',
            `${megabytes} MB/hour at this rate, ${Math.round(bytesPerHour / 3_600 / rate)} bytes a claim`,
        );
        verdict(
            'flushes',
            `${flushesPerHour}/hour`,
            flushesPerHour <= 2_880,
            'one each 5 s, and one with each of two new files',
        );
        // Ten thousand people whose leases are renewed each 9 minutes.
        const renewals = (people * 3_600) / 540;
        const steady = (renewals * bytesPerHour) / 3_600 / rate / 1_048_576;
        figure(
            `written for ${people} people who are renewed`,
            `${steady.toFixed(1)} MB/hour, 720 flushes/hour at most`,
        );

        for (let index = 0; index < people; index++) void log.append([entryOf(index)]);
        await log.settle(entryOf(0));
        await log.close();
        const before = usedHeap();
        const started = performance.now();
        const next = await open();
        const { entries, certainty } = await next.load(entryOf(0));
        const took = performance.now() - started;
        figure('read again', `${entries.length} people, ${certainty}, ${took.toFixed(0)} ms`);
        figure('memory', `${((usedHeap() - before) / people / 1_024).toFixed(2)} KB per person`);
        await next.close();
    } finally {
        await rm(directory, { recursive: true, force: true });
    }
}

/** Files that count what is written to them and flushed. */
function countedFiles() {
    const made = { bytes: 0, flushes: 0 };
    const files: Files = {
        ...promises,
        open: async (path, flags, mode) => {
            const file = await promises.open(path, flags, mode);
            return {
                appendFile: text => {
                    made.bytes += Buffer.byteLength(text);
                    return file.appendFile(text);
                },
                write: (text, position) => file.write(text, position),
                datasync: () => {
                    made.flushes += 1;
                    return file.datasync();
                },
                sync: () => file.sync(),
                close: () => file.close(),
            };
        },
    };
    return { files, made };
}

/** How long each took that was started at the rate, one beside the other: the same load of the machine is on both. */
async function paced(...runs: ((index: number) => Promise<unknown>)[]) {
    const waits = runs.map((): number[] => []);
    const measured = async (run: number, index: number): Promise<void> => {
        const begin = performance.now();
        await runs[run]!(index);
        waits[run]!.push(performance.now() - begin);
    };
    const begin = performance.now();
    const asked: Promise<void>[] = [];
    let index = 0;
    while (index < rate * seconds) {
        const due = Math.min(rate * seconds, Math.floor(((performance.now() - begin) * rate) / 1_000));
        for (; index < due; index++) for (const run of runs.keys()) asked.push(measured(run, index));
        await new Promise(resolve => setTimeout(resolve, 1));
    }
    await Promise.all(asked);
    return waits.map(percentiles) as [ReturnType<typeof percentiles>, ReturnType<typeof percentiles>];
}

/** A call that shows in Teams: what the product writes of it. */
function entryOf(index: number): ClaimEntry {
    const from = systemClock.monotonic();
    return {
        side: 'teams',
        system: 'global/3f2b6c1e-0a51-4c1d-9a53-7f0a5b8f9c11',
        part: 'session',
        person: `00000000-0000-4000-8000-${String(index % people).padStart(12, '0')}`,
        claims: [
            {
                value: { availability: 'Busy', activity: 'InACall' },
                sure: 'sent',
                from,
                ends: from + 900_000,
                handle: { clientId: '9c1d2f44-6f0e-4a8c-8f43-2f6f1c5f7a10' },
            },
        ],
    };
}
