import { Dialog } from './dialog.js';
import { type Line, prepareTest, ReportList } from './report-list.js';
import { ask } from './requests.js';
import { isBlank, isGuid, isVariable, isWhole, textOf, urlOf } from './values.js';

type Choice = 'cloud' | 'authentication';
type Text =
    | 'loginUrl'
    | 'graphUrl'
    | 'tls'
    | 'tenant'
    | 'clientId'
    | 'secretEnds'
    | 'tokenFile'
    | 'identity'
    | 'requestsPer30s';
const secrets = ['clientSecret', 'certificate', 'certificatePassword'] as const;

/** What an app registration holds, beside its secrets. */
export type AzureApp = Record<Choice | Text, string>;

const dialog = new Dialog<AzureApp, (typeof secrets)[number]>('azure-app', 'node-config');
const domain = /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/i;
/** Stands for a secret that only the runtime knows. */
export const unchanged = '__PWRD__';

/** An app registration as the runtime needs it to try it out, whether it is deployed or not. */
export function askedApp(node: EditorNode): Record<string, unknown> {
    const known = node.credentials;
    const secret = (name: (typeof secrets)[number]): unknown => {
        if (dialog.isOpen(node)) return dialog.field(name).val() ?? '';
        if (!known) return unchanged;
        return known[name] || (known[`has_${name}`] ? unchanged : '');
    };
    return { ...dialog.values(node), ...Object.fromEntries(secrets.map(name => [name, secret(name)])) };
}

/** What the flows of the editor use the registration for: a permission that nothing needs is no mistake. */
function usesOf({ id }: EditorNode): object[] {
    const isUser = ({ type, app, accounts, delivery }: EditorNode): boolean => {
        // A subscriber has a registration of its own only while it polls.
        const byAccounts = type === 'teams-subscriber' && delivery !== 'polling';
        return (byAccounts ? RED.nodes.node(accounts)?.app : app) === id;
    };
    const users = RED.nodes.filterNodes({}).filter(isUser);
    return users.map(asUse);
}

/** What a node says of its use of an app registration or of accounts. What a variable holds only the runtime knows. */
export function asUse({ type, delivery, scope, group }: EditorNode): object {
    return { type, delivery, scope, ...(scope === 'group' && !isVariable(group) && { group }) };
}

/** What is in the text area of the certificate is stored as it is; a PFX file goes in there in base64. */
function prepareCertificate(node: EditorNode): void {
    const entry = dialog.field('certificate');
    const file = $('.azure-app-certificate-file');
    let newest = '';
    const show = (): void => {
        const { certificate, certificatePassword } = askedApp(node);
        const isKnown = certificate !== '' && !isVariable(certificate);
        entry.toggle(!isKnown || String(certificate).includes('-----BEGIN'));
        dialog.element('certificate-clear').toggle(Boolean(certificate));
        const shown = JSON.stringify([certificate, certificatePassword]);
        if (shown === newest) return;
        newest = shown;
        const told = new ReportList(dialog.element('certificate-told').empty());
        if (!isKnown) return;
        void ask<Line>('azure-app/certificate', { id: node.id, certificate, certificatePassword })
            .catch((error: Error) => ({ ok: false, text: error.message }))
            .then(({ ok, text }) => shown === newest && told.add(ok, text));
    };
    const read = async (chosen: File): Promise<void> => {
        const bytes = new Uint8Array(await chosen.slice(0, 200_000).arrayBuffer());
        const text = Array.from(bytes, byte => String.fromCharCode(byte)).join('');
        entry.val(text.includes('-----BEGIN') ? text : btoa(text)).trigger('change');
        file.val('');
    };
    dialog.onChange(['certificate', 'certificatePassword'], show);
    dialog.element('certificate-clear').on('click', () => entry.val('').trigger('change'));
    dialog.element('certificate-choose').on('click', () => file.trigger('click'));
    file.on('change', () => {
        const [chosen] = file.prop('files') as FileList;
        if (chosen) read(chosen).catch(error => RED.notify(error.message, 'error'));
    });
}

const isSimulated = (node: EditorNode): boolean => dialog.is(node, 'cloud', 'simulated');

const isNoUrl = (value: string): boolean => urlOf(value)?.protocol !== 'https:';

dialog.define({
    defaults: {
        cloud: { value: 'worldwide', required: true, wrong: value => value === 'china' && 'china' },
        loginUrl: { if: 'cloud=custom', needed: 'login-url', wrong: value => isNoUrl(value) && 'login-url' },
        graphUrl: { if: 'cloud=custom', needed: 'graph-url', wrong: value => isNoUrl(value) && 'graph-url' },
        tls: { type: 'tls-config', required: false },
        tenant: {
            needed: node => !isSimulated(node) && 'tenant-missing',
            wrong: value => !isGuid(value) && !domain.test(textOf(value)) && 'tenant',
        },
        clientId: {
            needed: node => !isSimulated(node) && 'client-id-missing',
            wrong: value => !isGuid(value) && 'client-id',
        },
        secretEnds: { if: 'authentication=secret', wrong: value => !/^\d{4}-\d\d-\d\d$/.test(value) && 'secret-ends' },
        tokenFile: {},
        identity: { if: 'authentication=managed-identity', wrong: value => !isGuid(value) && 'identity' },
        requestsPer30s: { wrong: value => !isWhole(value, 100, 10_000) && 'requests' },
    },
    credentials: {
        clientSecret: { type: 'password', wrong: value => isGuid(value) && 'secret-id' },
        certificate: { type: 'password' },
        certificatePassword: { type: 'password' },
    },
    prepare(node) {
        prepareCertificate(node);
        const advanced = $('.azure-app-advanced').toggle(!isBlank(dialog.newest(node).requestsPer30s));
        dialog.element('advanced').on('click', () => advanced.toggle());
        prepareTest(dialog.type, report => report.check('azure-app/check', { ...askedApp(node), uses: usesOf(node) }));
    },
});
