import { setTimeout as delay } from 'node:timers/promises';
import type { Random } from '../../lib/simulator/random';
import type { Member } from './crowd';
import type { Extent } from './extent';
import type { Site } from './site';
import { noneWrong, type Verdict } from './verdict';
import { isWrongCall, settling, told, Watch } from './watch';

/** After this many ms at most, by chance, the process is killed. */
const longestLife = 5_000;
/** Node-RED is watched for so many ms after it is green. */
const watched = 8_000;

export interface KillOptions {
    /** How long Node-RED stays down, in ms that only pass for the office; absent: as long as a start takes. */
    down?: number;
    /**
     * From when on all must be right: `green` (what happened while Node-RED was down still has the settling
     * time from then on), or `settled`, the settling time after it.
     */
    right: 'green' | 'settled';
    /** Settings by hand may be taken for the user's own where claims were not logged: only calls are judged. */
    callsOnly?: boolean;
}

/** Kills Node-RED in the middle of calls and changes, starts it again and watches what people show. */
export async function killed(
    site: Site,
    extent: Extent,
    random: Random,
    { down = 0, right, callsOnly = false }: KillOptions,
): Promise<Verdict[]> {
    await site.crowd.begin(extent.calls);
    const begun = await site.right();
    const wrong: string[] = [];
    const invented: string[] = [];
    for (let kill = 1; kill <= extent.kills; kill++) {
        const watch = await killOnce(site, extent, { down, right, life: random() * longestLife });
        const mistakes = watch.mistakes.filter(mistake => !callsOnly || isWrongCall(mistake));
        wrong.push(...mistakes.map(mistake => `kill ${kill}: ${told(mistake)}`));
        invented.push(...[...watch.inventedCalls].map(mail => `kill ${kill}: ${mail}`));
    }
    const what = callsOnly ? 'wrong calls' : 'anything wrong';
    const since = right === 'green' ? 'from green on' : `later than ${settling / 1_000} s after green`;
    return [
        noneWrong('before the first kill', begun.wrong),
        noneWrong(`${what} ${since}, ${extent.kills} kills`, wrong),
        noneWrong('own sessions told to the PBX as Teams calls', invented),
    ];
}

async function killOnce(
    site: Site,
    { churn, changes }: Extent,
    { down, right, life }: { down: number; right: KillOptions['right']; life: number },
): Promise<Watch> {
    let stopChurn = site.churn(churn);
    await delay(life);
    const killedAt = performance.now();
    let greenAt = Number.POSITIVE_INFINITY;
    await site.nodeRed.kill();
    const excused = ({ changed }: Member): number => {
        // A change just before the kill was perhaps not delivered any more.
        const isNew = changed > killedAt - settling;
        return Math.max(greenAt + (isNew || right === 'settled' ? settling : 0), changed + settling);
    };
    if (down > 0) {
        await stopChurn();
        await site.pass(down, changes);
        stopChurn = site.churn(churn);
    }
    const watch = new Watch(site.control, site.crowd, excused);
    await site.nodeRed.start();
    await site.green();
    greenAt = performance.now();
    watch.origin = greenAt;
    await delay(watched);
    await stopChurn();
    await watch.end();
    return watch;
}
