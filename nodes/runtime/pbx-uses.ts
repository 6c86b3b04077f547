import type { OptionalApi } from '../../lib/pbx/check/check-apis';

/** A node that uses a PBX, as far as that says what it must be allowed to do. */
interface UseOfPbx {
    type?: string;
    /** Of a pbx-presence-in. */
    lineState?: string;
    /** Of a pbx-presence-out. */
    call?: string;
}

/** What the App object should have ticked for these nodes, beyond what is always needed. */
export function apisOf(uses: readonly UseOfPbx[]): OptionalApi[] {
    const apis = new Set<OptionalApi>(['PbxAdminApi']);
    for (const { type, lineState, call } of uses) {
        if (type === 'pbx-presence-in' && lineState === 'rcc') apis.add('RCC');
        if (type === 'pbx-presence-out' && call === 'alien') apis.add('PbxImpersonation');
    }
    return [...apis];
}
