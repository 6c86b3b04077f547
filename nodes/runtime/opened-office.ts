import { once } from 'node:events';
import type { SimulatedOffice } from '../../lib/simulator/office';
import { simulatedOffice } from '../../lib/simulator/running-office';
import { systemClock, within } from '../../lib/time/clock';
import { Closing } from './closing';

/** What still talks to the office while nodes close: the simulator node closes after it. */
export const officeClosing = new Closing();

/** How long to wait for the office at most, in ms. */
const patience = 2_000;

/**
 * The simulated office, once it is open or after a moment's patience: config nodes start before the simulator node of
 * the same deploy, and the log should not begin with an outage.
 * @param closing ends the patience
 */
export async function openedOffice(closing: AbortSignal): Promise<SimulatedOffice> {
    const office = await simulatedOffice();
    if (office.running || closing.aborted) return office;
    const started = once(office, 'started', { signal: closing }).catch(() => undefined);
    await within(systemClock, patience, started);
    return office;
}
