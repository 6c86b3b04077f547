/** A type of Microsoft Graph: the types of its properties, in the words of its metadata without the name space. */
export type PublishedType = Readonly<Record<string, string>>;

/**
 * What Microsoft publishes about the entities that the simulated tenant has: those of their properties that it uses.
 * Taken by hand from `schemas/v1.0-Prod.csdl` of github.com/microsoftgraph/msgraph-metadata, commit f54f11b (2026-08).
 */
export const publishedTypes: Readonly<Record<string, PublishedType>> = {
    user: {
        id: 'String',
        accountEnabled: 'Boolean',
        ageGroup: 'String',
        assignedLicenses: 'Collection(assignedLicense)',
        assignedPlans: 'Collection(assignedPlan)',
        businessPhones: 'Collection(String)',
        city: 'String',
        companyName: 'String',
        consentProvidedForMinor: 'String',
        country: 'String',
        createdDateTime: 'DateTimeOffset',
        creationType: 'String',
        customSecurityAttributes: 'customSecurityAttributeValue',
        deletedDateTime: 'DateTimeOffset',
        department: 'String',
        displayName: 'String',
        employeeHireDate: 'DateTimeOffset',
        employeeId: 'String',
        employeeLeaveDateTime: 'DateTimeOffset',
        employeeOrgData: 'employeeOrgData',
        employeeType: 'String',
        externalUserState: 'String',
        externalUserStateChangeDateTime: 'DateTimeOffset',
        faxNumber: 'String',
        givenName: 'String',
        imAddresses: 'Collection(String)',
        isManagementRestricted: 'Boolean',
        isResourceAccount: 'Boolean',
        jobTitle: 'String',
        lastPasswordChangeDateTime: 'DateTimeOffset',
        legalAgeGroupClassification: 'String',
        licenseAssignmentStates: 'Collection(licenseAssignmentState)',
        mail: 'String',
        mailNickname: 'String',
        mobilePhone: 'String',
        officeLocation: 'String',
        onPremisesDistinguishedName: 'String',
        onPremisesDomainName: 'String',
        onPremisesExtensionAttributes: 'onPremisesExtensionAttributes',
        onPremisesImmutableId: 'String',
        onPremisesLastSyncDateTime: 'DateTimeOffset',
        onPremisesProvisioningErrors: 'Collection(onPremisesProvisioningError)',
        onPremisesSamAccountName: 'String',
        onPremisesSecurityIdentifier: 'String',
        onPremisesSyncEnabled: 'Boolean',
        onPremisesUserPrincipalName: 'String',
        otherMails: 'Collection(String)',
        passwordPolicies: 'String',
        passwordProfile: 'passwordProfile',
        postalCode: 'String',
        preferredDataLocation: 'String',
        preferredLanguage: 'String',
        provisionedPlans: 'Collection(provisionedPlan)',
        proxyAddresses: 'Collection(String)',
        securityIdentifier: 'String',
        serviceProvisioningErrors: 'Collection(serviceProvisioningError)',
        showInAddressList: 'Boolean',
        signInSessionsValidFromDateTime: 'DateTimeOffset',
        state: 'String',
        streetAddress: 'String',
        surname: 'String',
        usageLocation: 'String',
        userPrincipalName: 'String',
        userType: 'String',
    },
    assignedLicense: { disabledPlans: 'Collection(Guid)', skuId: 'Guid' },
    assignedPlan: {
        assignedDateTime: 'DateTimeOffset',
        capabilityStatus: 'String',
        service: 'String',
        servicePlanId: 'Guid',
    },
    onPremisesExtensionAttributes: Object.fromEntries(
        Array.from({ length: 15 }, (_, index) => [`extensionAttribute${index + 1}`, 'String']),
    ),
    group: {
        id: 'String',
        createdDateTime: 'DateTimeOffset',
        deletedDateTime: 'DateTimeOffset',
        description: 'String',
        displayName: 'String',
        groupTypes: 'Collection(String)',
        mail: 'String',
        mailEnabled: 'Boolean',
        mailNickname: 'String',
        securityEnabled: 'Boolean',
        visibility: 'String',
    },
    presence: {
        id: 'String',
        activity: 'String',
        availability: 'String',
        outOfOfficeSettings: 'outOfOfficeSettings',
        sequenceNumber: 'String',
        statusMessage: 'presenceStatusMessage',
        workLocation: 'userWorkLocation',
    },
    outOfOfficeSettings: { isOutOfOffice: 'Boolean', message: 'String' },
    presenceStatusMessage: {
        expiryDateTime: 'dateTimeTimeZone',
        message: 'itemBody',
        publishedDateTime: 'DateTimeOffset',
    },
    itemBody: { content: 'String', contentType: 'String' },
    dateTimeTimeZone: { dateTime: 'String', timeZone: 'String' },
    userWorkLocation: { placeId: 'String', source: 'String', workLocationType: 'String' },
    subscription: {
        id: 'String',
        applicationId: 'String',
        changeType: 'String',
        clientState: 'String',
        creatorId: 'String',
        encryptionCertificate: 'String',
        encryptionCertificateId: 'String',
        expirationDateTime: 'DateTimeOffset',
        includeResourceData: 'Boolean',
        latestSupportedTlsVersion: 'String',
        lifecycleNotificationUrl: 'String',
        notificationQueryOptions: 'String',
        notificationUrl: 'String',
        notificationUrlAppId: 'String',
        resource: 'String',
    },
    changeNotificationCollection: {
        validationTokens: 'Collection(String)',
        value: 'Collection(changeNotification)',
    },
    changeNotification: {
        id: 'String',
        changeType: 'String',
        clientState: 'String',
        encryptedContent: 'changeNotificationEncryptedContent',
        lifecycleEvent: 'String',
        /** Not in the metadata, but in what Microsoft sends: the documentation of rich notifications shows it. */
        organizationId: 'Guid',
        resource: 'String',
        resourceData: 'resourceData',
        subscriptionExpirationDateTime: 'DateTimeOffset',
        subscriptionId: 'Guid',
        tenantId: 'Guid',
    },
    changeNotificationEncryptedContent: {
        data: 'String',
        dataKey: 'String',
        dataSignature: 'String',
        encryptionCertificateId: 'String',
        encryptionCertificateThumbprint: 'String',
    },
    /** An open type: it holds what identifies the entity. */
    resourceData: { id: 'String' },
};

const simple: Readonly<Record<string, (value: unknown) => boolean>> = {
    String: value => typeof value === 'string',
    Boolean: value => typeof value === 'boolean',
    Guid: value => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(String(value)),
    DateTimeOffset: value => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(String(value)),
};

/** Every way in which a value differs from its published type, as "path: what"; annotations are left out. */
export function differences(value: unknown, type: string, path = type): string[] {
    const element = /^Collection\((.*)\)$/.exec(type)?.[1];
    if (element !== undefined) {
        if (!Array.isArray(value)) return [`${path}: not a collection`];
        return value.flatMap((each, index) => differences(each, element, `${path}[${index}]`));
    }
    if (value === null) return path.endsWith('id') ? [`${path}: null`] : [];
    const isRight = simple[type];
    if (isRight) return isRight(value) ? [] : [`${path}: ${JSON.stringify(value)} is no ${type}`];
    const properties = publishedTypes[type];
    if (!properties || typeof value !== 'object') return [`${path}: ${JSON.stringify(value)} is no ${type}`];
    return Object.entries(value as object)
        .filter(([name]) => !name.includes('@'))
        .flatMap(([name, each]) => {
            const own = properties[name];
            return own === undefined ? [`${path}.${name}: unknown`] : differences(each, own, `${path}.${name}`);
        });
}
