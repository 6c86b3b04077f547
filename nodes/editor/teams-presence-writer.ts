import { Dialog } from './dialog.js';
import { isWhole } from './values.js';

/** The lease is in minutes. */
type Writer = Record<'app' | 'pbx' | 'sets' | 'choice', string> & { lease: number | string; statusMessage: boolean };

new Dialog<Writer>('teams-presence-writer').define({
    defaults: {
        app: { value: '', type: 'azure-app', required: true, label: 'label.app' },
        pbx: { value: '', type: 'pbx-connection', required: false, label: 'label.pbx' },
        lease: { value: 15, wrong: (_node, value) => !isWhole(value, 5, 240) && 'lease' },
        sets: { value: 'everything' },
        choice: { value: 'respect' },
        statusMessage: { value: false },
    },
});
