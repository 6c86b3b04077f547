import { Dialog } from './dialog.js';

const dialog = new Dialog('presence-simulator');

dialog.define({
    defaults: {},
    onButton(node) {
        if (node.changed) RED.notify(dialog.text('deploy-first'), 'warning');
        else open(`${RED.settings.apiRootUrl ?? ''}presence-simulator/`, 'presence-simulator');
    },
});
