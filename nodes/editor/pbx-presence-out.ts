import { Dialog } from './dialog.js';
import { isBlank, isNoSettleTime, isWhole } from './values.js';

/** The settle time is in seconds. */
type PresenceOut = Record<'pbx' | 'call' | 'callNote' | 'note' | 'contact' | 'rate', string> & {
    settle: number | string;
    dryRun: boolean;
};

new Dialog<PresenceOut>('pbx-presence-out').define({
    defaults: {
        pbx: { value: '', type: 'pbx-connection', required: true, label: 'label.pbx' },
        call: { value: 'busy' },
        callNote: { value: 'On a Teams call' },
        note: { value: '' },
        contact: { value: 'own' },
        rate: { value: '', wrong: (_node, value) => !isBlank(value) && !isWhole(value, 1, 1000) && 'rate' },
        settle: { value: 2, wrong: (_node, value) => isNoSettleTime(value) && 'settle' },
        dryRun: { value: false },
    },
});
