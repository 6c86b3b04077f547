import { HostClock } from './host-clock';
import { Office } from './office';
import { Memory, Product } from './product';
import { usualChoices } from './site';
import { seededRandom } from '../../lib/simulator/random';

async function main(): Promise<void> {
    const t0 = performance.now();
    const office = await Office.open(25, 1);
    const clock = new HostClock(office.clock);
    const product = new Product(
        { ...office.site, clock, url: office.url, pbx: office.pbxAddress, notificationUrl: office.notificationUrl, random: seededRandom(1), choices: usualChoices },
        new Memory(),
    );
    office.endpoint = (a, b) => product.handle(a, b);
    office.busy = () => product.busy;
    await product.start();
    console.log('open', performance.now() - t0);
    await office.pass(5_000);
    console.log('up', performance.now() - t0, office.tenant.subscriptions.length);
    const one = office.people[0]!;
    office.pbx.startCall(one.guid);
    office.tenant.setUserPreferred(office.people[1]!.teamsId, { availability: 'DoNotDisturb', activity: 'DoNotDisturb' });
    await office.pass(2_000);
    console.log(office.tenant.presenceOf(one.teamsId), JSON.stringify(office.pbx.presenceOf(office.people[1]!.guid)));
    let t = performance.now();
    await office.pass(60_000);
    console.log('a minute', performance.now() - t);
    t = performance.now();
    await office.pass(1_800_000);
    console.log('half an hour', performance.now() - t, office.clock.waiting);
    t = performance.now();
    await product.end();
    clock.stop('dead');
    await office.close();
    console.log('end', performance.now() - t);
}
void main();
