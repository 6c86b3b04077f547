import { SimulatedOffice } from './office';

let office: Promise<SimulatedOffice> | undefined;

/**
 * The one office of this process, made at the first call and then always the same; it is not started here.
 *
 * It belongs to the process because the config nodes that point at the office and the `presence-simulator` node that
 * starts and stops it know nothing of each other: they meet here. And it outlives a deployment, so that its ports,
 * passwords and certificates stay what clients know: to them a redeployed simulator is an ordinary outage.
 * Whoever needs to know when it opens or closes listens to its `started` and `stopped`.
 */
export function simulatedOffice(): Promise<SimulatedOffice> {
    office ??= SimulatedOffice.create().catch(error => {
        office = undefined;
        throw error;
    });
    return office;
}
