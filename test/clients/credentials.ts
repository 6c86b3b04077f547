import { ClientCertificateCredential, ClientSecretCredential, UsernamePasswordCredential } from '@azure/identity';
import type { Office } from './office.ts';

/** The scope of everything that the app may do. */
export const graphScope = 'https://graph.microsoft.com/.default';

/** Without instance discovery the libraries ask the office alone: its address is none that Microsoft knows. */
export function optionsFor({ loginUrl }: Office): { authorityHost: string; disableInstanceDiscovery: boolean } {
    return { authorityHost: loginUrl, disableInstanceDiscovery: true };
}

export function secretOf(office: Office, clientSecret = office.app.clientSecret): ClientSecretCredential {
    return new ClientSecretCredential(office.tenantId, office.app.clientId, clientSecret, optionsFor(office));
}

export function certificateOf(office: Office): ClientCertificateCredential {
    const { clientId, pemFile } = office.app;
    return new ClientCertificateCredential(office.tenantId, clientId, pemFile, optionsFor(office));
}

/** The first communication user. */
export function accountOf(office: Office): UsernamePasswordCredential {
    const { username, password } = office.accounts[0]!;
    return new UsernamePasswordCredential(office.tenantId, office.app.clientId, username, password, optionsFor(office));
}
