import { Dialog } from './dialog.js';

new Dialog('pbx-presence-in').define({
    defaults: {
        pbx: { type: 'pbx-connection', required: true, label: 'label.pbx' },
        calendar: { value: false },
    },
});
