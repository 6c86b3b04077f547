import type { SimulatedOffice } from '../../lib/simulator/office';
import { simulatedOffice } from '../../lib/simulator/running-office';
import { systemClock } from '../../lib/time/clock';
import { Closing } from './closing';

/** What still talks to the office while nodes close: the simulator node closes after it. */
export const officeClosing = new Closing();

/** How long to wait for the office at most, in ms. */
const patience = 2_000;

/**
 * The simulated office, once it is open or after a moment's patience: config nodes start before the simulator node of
 * the same deploy, and nobody wants to begin with an outage in the log.
 * @param closing ends the patience
 */
export async function openedOffice(closing: AbortSignal): Promise<SimulatedOffice> {
    const office = await simulatedOffice();
    if (office.running || closing.aborted) return office;
    await new Promise<void>(resolve => {
        const proceed = (): void => {
            systemClock.cancel(timer);
            office.off('started', proceed);
            resolve();
        };
        const timer = systemClock.after(patience, proceed);
        office.once('started', proceed);
        closing.addEventListener('abort', proceed);
    });
    return office;
}
