import { usedHeap } from './memory';
import { newUserIds } from './notification-sender';
import { ReceivingBench } from './receiving-bench';
import { figure, section, verdict } from './report';

const real = 1_000;
const hostilePerReal = 10;

/** Ten thousand malformed, forged, oversized and replayed notifications, and genuine ones in between. */
export async function benchForgeries(): Promise<void> {
    section(`Hostile notifications: ${real * hostilePerReal}, with ${real} genuine ones in between`);
    const bench = new ReceivingBench();
    await bench.start(newUserIds(real));
    for (const activity of ['Available', 'InACall']) {
        await bench.play({ activity, rate: 0, connections: 16, hostile: true });
        await pause();
    }
    const before = usedHeap();
    const { result } = await bench.play({ activity: 'Available', rate: 0, connections: 16, hostile: true });
    await pause();
    const grown = (usedHeap() - before) / 2 ** 20;
    verdict('genuine ones emitted', `${bench.messages} of ${real}`, bench.messages === real, 'all');
    verdict('others emitted', String(bench.strangers), bench.strangers === 0, 'none');
    verdict('memory grown', `${grown.toFixed(2)} MiB`, grown < 1, 'flat: < 1 MiB');
    const statuses = Object.entries(result.statuses).map(([status, count]) => `${status}: ${count}`);
    figure('answers', statuses.join(', '));
    await bench.stop();
}

/** What is still being worked on comes to its end. */
function pause(): Promise<void> {
    return new Promise(resolve => setTimeout(resolve, 2_000));
}
