/**
 * The OpenID configuration (v2.0) of a tenant.
 * @param url the address of the service, without a slash
 * @param tenant as the request names it
 * @param issuerTenant the tenant id, or the literal `{tenantid}` for `common` and `organizations`
 * @see https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc
 */
export function openIdConfiguration(url: string, tenant: string, issuerTenant: string): object {
    return {
        token_endpoint: `${url}/${tenant}/oauth2/v2.0/token`,
        token_endpoint_auth_methods_supported: ['client_secret_post', 'private_key_jwt', 'client_secret_basic'],
        jwks_uri: `${url}/${tenant}/discovery/v2.0/keys`,
        response_modes_supported: ['query', 'fragment', 'form_post'],
        subject_types_supported: ['pairwise'],
        id_token_signing_alg_values_supported: ['RS256'],
        response_types_supported: ['code', 'id_token', 'code id_token', 'id_token token'],
        scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
        issuer: issuerOf(url, issuerTenant),
        request_uri_parameter_supported: false,
        authorization_endpoint: `${url}/${tenant}/oauth2/v2.0/authorize`,
        device_authorization_endpoint: `${url}/${tenant}/oauth2/v2.0/devicecode`,
        http_logout_supported: true,
        frontchannel_logout_supported: true,
        end_session_endpoint: `${url}/${tenant}/oauth2/v2.0/logout`,
        claims_supported: ['sub', 'iss', 'aud', 'exp', 'iat', 'name', 'preferred_username', 'oid', 'tid'],
        tenant_region_scope: 'EU',
        msgraph_host: new URL(url).host,
    };
}

/** The `iss` of version 2 tokens; Entra's own is `https://login.microsoftonline.com/{tid}/v2.0`. */
export function issuerOf(url: string, tenantId: string): string {
    return `${url}/${tenantId}/v2.0`;
}

/**
 * What tells the versions of tokens apart: who has issued the token, and for which app. Version 1 has one issuer for all
 * tenants of the public cloud, whatever the address of the service.
 * @param app the app that the token was issued to
 * @see https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference#payload-claims
 */
export function versionClaims(version: 1 | 2, options: { url: string; tenantId: string; app: string }): object {
    const { url, tenantId, app } = options;
    if (version === 1) return { iss: `https://sts.windows.net/${tenantId}/`, appid: app, ver: '1.0' };
    return { iss: issuerOf(url, tenantId), azp: app, ver: '2.0' };
}

/** What MSAL asks about a host that it does not know: its only alias is itself. */
export function instanceDiscovery(url: string, tenantId: string): object {
    const { host } = new URL(url);
    return {
        tenant_discovery_endpoint: `${url}/${tenantId}/v2.0/.well-known/openid-configuration`,
        'api-version': '1.1',
        metadata: [{ preferred_network: host, preferred_cache: host, aliases: [host] }],
    };
}
