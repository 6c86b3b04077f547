import { Dialog } from './dialog.js';
import { isNoSettleTime, isWhole } from './values.js';

/** The lease is in minutes, the settle time in seconds. */
type Writer = Record<'app' | 'pbx' | 'sets' | 'choice' | 'leads' | 'offline', string> &
    Record<'lease' | 'settle', number | string> &
    Record<'statusMessage' | 'dryRun', boolean>;

new Dialog<Writer>('teams-presence-writer').define({
    defaults: {
        app: { value: '', type: 'azure-app', required: true, label: 'label.app' },
        pbx: { value: '', type: 'pbx-connection', required: false, label: 'label.pbx' },
        lease: { value: 15, wrong: (_node, value) => !isWhole(value, 5, 240) && 'lease' },
        sets: { value: 'everything' },
        choice: { value: 'respect' },
        leads: { value: 'newest' },
        offline: { value: 'calls' },
        statusMessage: { value: false },
        settle: { value: 2, wrong: (_node, value) => isNoSettleTime(value) && 'settle' },
        dryRun: { value: false },
    },
});
