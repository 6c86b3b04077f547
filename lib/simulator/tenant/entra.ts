import { deviceLoginPage, deviceLoginPath } from './device-login-page';
import { EntraError, notSimulated } from './entra-error';
import { type HttpRequest, type Reply, splitOnce } from './http-exchange';
import { instanceDiscovery, issuerOf, openIdConfiguration } from './openid-documents';
import { TokenEndpoint, type TokenEndpointOptions } from './token-endpoint';

const anyTenant = ['common', 'organizations', 'consumers'];

/** The simulated Entra: OpenID discovery, signing keys and tokens. */
export class Entra {
    readonly #options: TokenEndpointOptions;
    readonly #tokens: TokenEndpoint;

    constructor(options: TokenEndpointOptions) {
        this.#options = options;
        this.#tokens = new TokenEndpoint(options);
    }

    /** The answer to a request, with Entra's own error document where it refuses. */
    answer(request: HttpRequest): Reply {
        try {
            return this.#route(request);
        } catch (error) {
            if (!(error instanceof EntraError)) throw error;
            const correlationId = request.query.get('client-request-id') ?? request.headers['client-request-id'];
            return error.reply({ now: this.#options.clock.date(), url: this.#options.url(), correlationId });
        }
    }

    #route(request: HttpRequest): Reply {
        if (request.path === deviceLoginPath)
            return deviceLoginPage(request, form => this.#tokens.enterDeviceCode(form));
        const [segment = '', rest] = splitOnce(request.path.slice(1), '/');
        const user = /^userrealm\/([^/]+)$/i.exec(rest ?? '')?.[1];
        if (user !== undefined && request.method === 'GET') return json(this.#userRealm(segment, user));
        switch (`${request.method} ${rest}`) {
            case 'GET discovery/instance':
                return json(instanceDiscovery(this.#options.url(), this.#options.tenantId));
            case 'GET v2.0/.well-known/openid-configuration':
            case 'GET .well-known/openid-configuration':
                return this.#configuration(segment);
            case 'GET discovery/v2.0/keys':
            case 'GET discovery/keys':
                return this.#keySet(segment);
            case 'POST oauth2/v2.0/token':
                return this.#form(segment, request, (tenant, form) => this.#tokens.answer(tenant, form));
            case 'GET oauth2/v2.0/authorize':
            case 'POST oauth2/v2.0/authorize':
                this.#knownTenant(segment);
                return this.#tokens.authorize(request);
            case 'POST oauth2/v2.0/devicecode':
                return this.#form(segment, request, (_, form) => this.#tokens.beginDeviceCode(form));
            default:
                if (unserved.includes((rest ?? '').toLowerCase())) return notSimulated(`${request.method} ${rest}`);
                return { status: 404, headers: { 'content-type': 'text/plain' }, body: 'Not found\n' };
        }
    }

    /**
     * Whether a user's password is kept in Entra, as libraries ask before they send it. All users here are managed.
     * @see https://learn.microsoft.com/entra/identity/hybrid/connect/whatis-fed
     */
    #userRealm(segment: string, user: string): object {
        this.#knownTenant(segment);
        const domain = user.replace(/^.*(?:@|%40)/i, '');
        if (!this.#options.directory.hasDomain(domain)) return { ver: '1.0', account_type: 'Unknown' };
        return {
            ver: '1.0',
            account_type: 'Managed',
            domain_name: domain,
            cloud_instance_name: 'microsoftonline.com',
            cloud_audience_urn: 'urn:federation:MicrosoftOnline',
        };
    }

    #configuration(segment: string): Reply {
        const tenant = this.#knownTenant(segment);
        const issuerTenant = anyTenant.includes(tenant) ? '{tenantid}' : tenant;
        return json(openIdConfiguration(this.#options.url(), tenant, issuerTenant));
    }

    #keySet(segment: string): Reply {
        const tenant = this.#knownTenant(segment);
        const issuerTenant = anyTenant.includes(tenant) ? '{tenantid}' : tenant;
        const { keys, url } = this.#options;
        return json(keys.keySet(issuerOf(url(), issuerTenant)));
    }

    #form(segment: string, request: HttpRequest, answer: (tenant: string, form: URLSearchParams) => object): Reply {
        const tenant = this.#knownTenant(segment);
        const isForm = (request.headers['content-type'] ?? '').startsWith('application/x-www-form-urlencoded');
        const body = answer(tenant, new URLSearchParams(isForm ? request.text : ''));
        return { status: 200, headers: { 'cache-control': 'no-store, no-cache', pragma: 'no-cache' }, body };
    }

    /** The tenant id, or one of the words that stand for any tenant; a verified domain names the tenant too. */
    #knownTenant(segment: string): string {
        const name = segment.toLowerCase();
        if (anyTenant.includes(name)) return name;
        const { tenantId, directory } = this.#options;
        if (name === tenantId.toLowerCase() || directory.hasDomain(name)) return tenantId;
        throw new EntraError(90002, { tenant: segment });
    }
}

/** What Entra has below a tenant and this simulation of it has not. */
const unserved = [
    'adminconsent',
    'federationmetadata/2007-06/federationmetadata.xml',
    'kerberos',
    'oauth2/authorize',
    'oauth2/devicecode',
    'oauth2/logout',
    'oauth2/token',
    'oauth2/v2.0/logout',
    'saml2',
    'v2.0/adminconsent',
    'wsfed',
];

function json(body: object): Reply {
    return { status: 200, body };
}
