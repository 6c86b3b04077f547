import { Dialog } from './dialog.js';
import { isWhole } from './values.js';

new Dialog('teams-presence-writer').define({
    defaults: {
        app: { type: 'azure-app', required: true, label: 'label.app' },
        pbx: { type: 'pbx-connection', required: false, label: 'label.pbx' },
        lease: { value: 15, needed: 'lease', wrong: value => !isWhole(value, 5, 240) && 'lease' },
        statusMessage: { value: false },
        settle: { wrong: value => !isWhole(value, 0, 60) && 'settle' },
        dryRun: { value: false },
    },
});
