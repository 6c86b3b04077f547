/**
 * Names of Microsoft Graph v1.0 that the simulated tenant knows of without having what they stand for, so that it can say
 * so instead of calling them unknown. Taken from `schemas/v1.0-Prod.csdl` of github.com/microsoftgraph/msgraph-metadata,
 * commit f54f11b (2026-08): the entity container, the navigation properties, and what is bound to the types.
 */

/** What a path can begin with. */
export const publishedRoots: ReadonlySet<string> = names(
    'admin agreementAcceptances agreements appCatalogs appRoleAssignments applicationTemplates applications',
    'auditLogs authenticationMethodConfigurations authenticationMethodsPolicy',
    'certificateBasedAuthConfiguration chats communications compliance connections contacts contracts copilot',
    'dataPolicyOperations deviceAppManagement deviceManagement devices directory directoryObjects',
    'directoryRoleTemplates directoryRoles domainDnsRecords domains drive drives education employeeExperience',
    'external filterOperators functions groupLifecyclePolicies groupSettingTemplates groupSettings groups',
    'identity identityGovernance identityProtection identityProviders informationProtection invitations me',
    'oauth2PermissionGrants organization permissionGrants places planner policies print privacy reports',
    'roleManagement schemaExtensions scopedRoleMemberships search security servicePrincipals shares sites',
    'solutions storage subscribedSkus subscriptions teams teamsTemplates teamwork tenantRelationships users',
);

/** What a user has beside properties: relations, actions and functions. */
export const publishedUserMembers: ReadonlySet<string> = names(
    'activities adhocCalls agreementAcceptances appRoleAssignments assignLicense authentication calendar',
    'calendarGroups calendars calendarView changePassword chats checkMemberGroups checkMemberObjects',
    'cloudClipboard cloudPCs contactFolders contacts createdObjects dataSecurityAndGovernance',
    'deviceManagementTroubleshootingEvents directReports drive drives employeeExperience events',
    'exportDeviceAndAppManagementData exportPersonalData extensions findMeetingTimes followedSites',
    'getMailTips getManagedAppDiagnosticStatuses getManagedAppPolicies getManagedDevicesWithAppFailures',
    'getMemberGroups getMemberObjects inferenceClassification insights joinedTeams licenseDetails mailFolders',
    'managedAppRegistrations managedDevices manager memberOf messages oauth2PermissionGrants onenote',
    'onlineMeetings onPremisesSyncBehavior outlook ownedDevices ownedObjects people permissionGrants photo',
    'photos planner presence registeredDevices reminderView removeAllDevicesFromManagement',
    'reprocessLicenseAssignment restore retryServiceProvisioning revokeSignInSessions scopedRoleMemberOf',
    'sendMail settings solutions sponsorOf sponsors teamwork todo transitiveMemberOf translateExchangeIds',
    'wipeManagedAppRegistrationsByDeviceTag',
);

/** What a group has beside properties. */
export const publishedGroupMembers: ReadonlySet<string> = names(
    'acceptedSenders addFavorite appRoleAssignments assignLicense calendar calendarView',
    'checkGrantedPermissionsForApp checkMemberGroups checkMemberObjects conversations createdOnBehalfOf drive',
    'drives events extensions getMemberGroups getMemberObjects groupLifecyclePolicies memberOf members',
    'membersWithLicenseErrors onenote onPremisesSyncBehavior owners permissionGrants photo photos planner',
    'rejectedSenders removeFavorite renew resetUnseenCount restore retryServiceProvisioning settings sites',
    'subscribeByMail team threads transitiveMemberOf transitiveMembers unsubscribeByMail validateProperties',
);

/** The properties of a group that the simulated directory does not have. */
export const publishedGroupProperties: ReadonlySet<string> = names(
    'accessType allowExternalSenders assignedLabels assignedLicenses autoSubscribeNewMembers classification',
    'expirationDateTime hasMembersWithLicenseErrors hideFromAddressLists hideFromOutlookClients infoCatalogs',
    'isArchived isAssignableToRole isFavorite isManagementRestricted isSubscribedByMail',
    'licenseProcessingState membershipRule membershipRuleProcessingState onPremisesDomainName',
    'onPremisesExtensionAttributes onPremisesLastSyncDateTime onPremisesNetBiosName',
    'onPremisesProvisioningErrors onPremisesSamAccountName onPremisesSecurityIdentifier onPremisesSyncEnabled',
    'organizationId preferredDataLocation preferredLanguage proxyAddresses renewedDateTime',
    'resourceBehaviorOptions resourceProvisioningOptions securityIdentifier serviceProvisioningErrors theme',
    'uniqueName unseenConversationsCount unseenCount unseenMessagesCount welcomeMessageEnabled',
);

/** What the communications have. */
export const publishedCommunications: ReadonlySet<string> = names(
    'adhocCalls callRecords calls getAllOnlineMeetingMessages getPresencesByUserId onlineMeetingConversations',
    'onlineMeetings presences',
);

/** What can be done with a presence. */
export const publishedPresenceActions: ReadonlySet<string> = names(
    'clearAutomaticLocation clearLocation clearPresence clearUserPreferredPresence setAutomaticLocation',
    'setManualLocation setPresence setStatusMessage setUserPreferredPresence',
);

/** In lower case, as paths are compared. */
function names(...lines: string[]): Set<string> {
    return new Set(lines.join(' ').toLowerCase().split(' '));
}
