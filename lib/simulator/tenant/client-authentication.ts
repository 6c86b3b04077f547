import type { Clock } from '../../time/clock';
import { assertionType, checkAssertion } from './client-assertion';
import { EntraError } from './entra-error';
import { checkFederated, isFederated } from './federated-assertion';
import { required } from './form';
import { type Identities, troubleOf } from './identities';
import type { Registration } from './registration';
import type { SigningKeys } from './signing-keys';
import type { TenantDirectory } from './tenant-directory';

interface Options {
    tenantId: string;
    identities: Identities;
    directory: TenantDirectory;
    clock: Clock;
    /** Of the tenant, whose managed identities an app may trust. */
    keys: SigningKeys;
    /** The address of the service, without a slash. */
    url: () => string;
}

/** Finds out which app asks for a token: by secret, by certificate, by the token of an issuer that it trusts, or by its word where public clients are allowed. */
export class ClientAuthentication {
    readonly #options: Options;

    constructor(options: Options) {
        this.#options = options;
    }

    /** The app of a request for a token; throws an {@link EntraError} where Entra refuses it. */
    authenticate(form: URLSearchParams, grant: string): Registration {
        const registration = this.known(form);
        const [secret, assertion] = [form.get('client_secret'), form.get('client_assertion')];
        const { publicClient, clientSecret, certificates, federatedCredentials, clientId: client } = registration;
        const proofs = [clientSecret, certificates, federatedCredentials];
        if (secret || assertion) {
            if (publicClient && proofs.every(proof => proof === undefined)) throw new EntraError(700025);
            if (assertion) this.#checkAssertion(form, assertion, registration);
            else if (secret !== clientSecret) throw new EntraError(7000215, { client });
        } else {
            if (grant === 'client_credentials') throw new EntraError(7000216);
            if (!publicClient) throw new EntraError(7000218);
        }
        return registration;
    }

    /** The app of a request that comes by way of a public client: a secret does not belong there. */
    unproven(form: URLSearchParams): Registration {
        if (form.get('client_secret') || form.get('client_assertion')) throw new EntraError(700025);
        return this.known(form);
    }

    /** The app that a form names, without proof. */
    known(form: URLSearchParams): Registration {
        const client = required(form, 'client_id');
        const { identities, tenantId: tenant } = this.#options;
        const registration = identities.registration(client);
        if (!registration) throw new EntraError(700016, { client, tenant });
        const trouble = troubleOf(registration);
        if (trouble !== undefined) throw new EntraError(trouble, { client, tenant });
        return registration;
    }

    #checkAssertion(form: URLSearchParams, assertion: string, registration: Registration): void {
        if (form.get('client_assertion_type') !== assertionType)
            throw new EntraError(900144, { parameter: 'client_assertion_type' });
        const { clock, keys } = this.#options;
        if (isFederated(assertion, registration)) checkFederated(assertion, registration, keys, clock.date());
        else checkAssertion(assertion, registration, text => this.#isTokenEndpoint(text), clock.date());
    }

    /** Its own address by tenant id or domain, or the issuer. */
    #isTokenEndpoint(audience: string): boolean {
        const { url, tenantId, directory } = this.#options;
        if (!audience.startsWith(`${url()}/`)) return false;
        const [, tenant] = /^\/([^/]+)\/(?:oauth2\/v2\.0\/token|v2\.0)$/.exec(audience.slice(url().length)) ?? [];
        return tenant !== undefined && (tenant.toLowerCase() === tenantId.toLowerCase() || directory.hasDomain(tenant));
    }
}
