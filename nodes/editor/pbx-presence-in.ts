import { Dialog } from './dialog.js';

type PresenceIn = Record<'pbx' | 'lineState' | 'snapshot', string> & { calendar: boolean };

new Dialog<PresenceIn>('pbx-presence-in').define({
    defaults: {
        pbx: { value: '', type: 'pbx-connection', required: true, label: 'label.pbx' },
        lineState: { value: 'automatic' },
        calendar: { value: false },
        snapshot: { value: 'differences' },
    },
});
