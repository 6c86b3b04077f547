import { Dialog } from './dialog.js';
import { isWhole } from './values.js';

new Dialog('pbx-presence-out').define({
    defaults: {
        pbx: { type: 'pbx-connection', required: true, label: 'label.pbx' },
        callNote: { value: 'On a Teams call' },
        note: {},
        rate: { wrong: value => !isWhole(value, 1, 1000) && 'rate' },
        settle: { wrong: value => !isWhole(value, 0, 60) && 'settle' },
        dryRun: { value: false },
    },
});
