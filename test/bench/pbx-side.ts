import { PbxSystem } from '../../lib/pbx/pbx-system';
import type { OfficeIdentity } from '../../lib/simulator/office-identity';
import type { ClaimBook } from '../../lib/sync/logged-claims';
import type { PbxProcess } from './pbx-process';

/** Our PBX side against a PBX in another process; not started yet. */
export function pbxSide(pbx: PbxProcess): PbxSystem {
    const { url, ...settings } = pbx.place;
    return new PbxSystem({ settings: { role: 'client', addresses: [url], ...settings } });
}

/** The same against the PBX of a simulated office. */
export function pbxSideOf({ pbx, ca }: OfficeIdentity, book?: ClaimBook): PbxSystem {
    const { url, ...login } = pbx;
    return new PbxSystem({ settings: { role: 'client', addresses: [url], ...login, ca }, book });
}

/** Seconds until the system is online: its users are replicated and the PBX has answered all subscriptions. */
export async function online(system: PbxSystem): Promise<number> {
    const begin = performance.now();
    await new Promise<void>(resolve => {
        const look = ({ phase }: { phase: string }): void => {
            if (phase !== 'online') return;
            system.off('state', look);
            resolve();
        };
        system.on('state', look);
    });
    return (performance.now() - begin) / 1_000;
}
