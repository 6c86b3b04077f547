import type { AzureApp } from './azure-app.js';
import { Dialog } from './dialog.js';
import { prepareTest } from './report-list.js';
import { isWhole, textOf, urlOf } from './values.js';

type Receiver = Record<'app' | 'publicUrl' | 'listen' | 'port' | 'tls', string>;

const dialog = new Dialog<Receiver>('teams-notification-receiver');

const isSimulated = (node: EditorNode): boolean =>
    RED.nodes.node<AzureApp>(dialog.value(node, 'app'))?.cloud === 'simulated';

function isPublicAddress(value: string, listen: string): boolean {
    const url = urlOf(value);
    if (!url) return false;
    if (listen === 'messages' && url.protocol === 'eventhub:') return true;
    return url.protocol === 'https:' && (listen !== 'node-red' || url.pathname !== '/') && !value.includes('#');
}

dialog.define({
    defaults: {
        app: { type: 'azure-app', required: true, label: 'label.app' },
        publicUrl: {
            needed: node => !isSimulated(node) && 'public-url-missing',
            wrong: (value, node) => !isPublicAddress(textOf(value), dialog.value(node, 'listen')) && 'public-url',
        },
        port: { if: 'listen=own-port', needed: 'port', wrong: value => !isWhole(value, 1, 65535) && 'port' },
        tls: { type: 'tls-config', required: false },
    },
    prepare(node) {
        dialog.onChange(['app'], () => dialog.element('tip-simulated').toggle(isSimulated(node)));
        prepareTest(dialog.type, report => report.check(`${dialog.type}/check`, dialog.values(node)));
    },
});
