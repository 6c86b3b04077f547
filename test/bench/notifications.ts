import { newUserIds } from './notification-sender';
import { privateOperationsPerSecond } from './openssl-speed';
import { ReceivingBench } from './receiving-bench';
import { figure, percentiles, section, verdict } from './report';

const users = 10_000;
const paced = { rate: 500, seconds: 10 };
/** How much longer than in a server that only decrypts it may take from a request to its message. */
const limit = 1.3;

/**
 * Encrypted notifications, their signature checked, from HTTP to messages.
 * 1. As fast as they can be worked on, against what one core can decrypt at best.
 * 2. At 500 per second: from the arrival of a request to its message, and to its answer.
 */
export async function benchNotifications(): Promise<void> {
    section(`Encrypted notifications: one item per request, sender in a process of its own`);
    const before = privateOperationsPerSecond();
    const bench = new ReceivingBench();
    await bench.start(newUserIds(users));
    await bench.play({ activity: 'InACall', rate: 0, connections: 16 });
    const full = await bench.play({ activity: 'Available', rate: 0, connections: 16 });
    const after = privateOperationsPerSecond();
    const perSecond = bench.messages / full.seconds;
    const best = (before + after) / 2;
    figure('openssl speed rsa2048, private operations on one core', `${best.toFixed(0)}/s`);
    figure(
        'notifications to messages',
        `${bench.messages} of ${full.result.answers.length} in ${full.seconds.toFixed(2)} s, ${perSecond.toFixed(0)}/s`,
    );
    figure('refused (503) meanwhile', String(full.result.statuses[503] ?? 0));
    verdict('share of one core', `${((100 * perSecond) / best).toFixed(0)} %`, perSecond >= 0.6 * best, '>= 60 %');

    const calm = new ReceivingBench();
    await calm.start(newUserIds(paced.rate * paced.seconds));
    await calm.play({ activity: 'InACall', rate: paced.rate, connections: 16 });
    await calm.playBare({ activity: 'Busy', rate: paced.rate, connections: 16 });
    const { result } = await calm.play({ activity: 'Available', rate: paced.rate, connections: 16 });
    const delays = percentiles(calm.delays);
    verdict(`arrival to message at ${paced.rate}/s`, delays.text, delays.p99 < 10, 'p99 < 10 ms');
    await calm.playBare({ activity: 'Busy', rate: paced.rate, connections: 16 });
    const bare = percentiles(calm.bareDelays);
    figure('arrival to content in a server that only decrypts', bare.text);
    const ratio = delays.p99 / bare.p99;
    verdict('ratio at p99', ratio.toFixed(2), ratio <= limit, `<= ${limit}`);
    const answers = percentiles(calm.answers);
    verdict('arrival to the answer 202', answers.text, answers.p99 < 5, 'p99 < 5 ms');
    figure('the same seen by the sender', percentiles(result.answers).text);
    await calm.stop();
    await bench.stop();
}
