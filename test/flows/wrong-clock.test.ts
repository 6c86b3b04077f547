import { dateAheadVariable } from '../support/clock-moved-by-parent';
import { connectingNodes } from '../support/our-nodes';
import { mails } from '../support/people';
import { movable, RemoteClock } from '../support/remote-clock';
import { SeparateOffice } from '../support/separate-office';
import { greenWithin, nodeOf } from '../support/try-it';
import { teamsCall } from './day';

const [, juergen] = mails;
const behind = 2 * 3_600_000;

describe('On a computer whose clock is two hours behind', function () {
    this.timeout(120_000);
    let separate: SeparateOffice;

    before(async () => {
        const environment = () => ({ [dateAheadVariable]: String(-behind) });
        separate = await SeparateOffice.open({ preload: [movable], environment });
        await separate.nodeRed.start();
    });
    after(() => separate?.close());

    it('notifications count all the same, and the receiver names the clock until it is right [A13]', async () => {
        const { nodeRed, control } = separate;
        const flows = separate.flows();
        const { id } = nodeOf(flows, 'teams-notification-receiver');
        await nodeRed.deploy(flows);
        await nodeRed.waitForGreen(
            connectingNodes(flows).filter(node => node.id !== id),
            greenWithin,
        );
        await control.teams(juergen, { call: 'start' });
        await control.shows({ [juergen]: teamsCall });
        const isAboutClock = ({ fill, text = '' }: { fill?: string; text?: string }) =>
            fill === 'yellow' && /^The clock of this computer differs/.test(text);
        await nodeRed.waitForStatus(id, isAboutClock, greenWithin);
        await new RemoteClock(() => nodeRed.child).stepDate(behind);
        for (let call = 0; nodeRed.status(id)?.fill !== 'green' && call < 20; call++) {
            await control.teams(juergen, { call: call % 2 ? 'start' : 'end' });
            await nodeRed.waitForStatus(id, ({ fill }) => fill === 'green', 3_000).catch(() => undefined);
        }
        await nodeRed.waitForGreen(connectingNodes(flows), greenWithin);
    });
});
