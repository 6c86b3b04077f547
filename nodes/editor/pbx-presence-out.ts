import { Dialog } from './dialog.js';
import { isBlank, isWhole } from './values.js';

type PresenceOut = Record<'pbx' | 'call' | 'callNote' | 'note' | 'contact' | 'rate', string>;

new Dialog<PresenceOut>('pbx-presence-out').define({
    defaults: {
        pbx: { value: '', type: 'pbx-connection', required: true, label: 'label.pbx' },
        call: { value: 'busy' },
        callNote: { value: 'On a Teams call' },
        note: { value: '' },
        contact: { value: 'own' },
        rate: { value: '', wrong: (_node, value) => !isBlank(value) && !isWhole(value, 1, 1000) && 'rate' },
    },
});
