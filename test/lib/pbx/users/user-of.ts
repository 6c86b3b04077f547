import { completed, type PbxUser, userOf as rowOf } from '../../../../lib/pbx/users/user-row';

/** A row of the user table as a user. */
export function userOf(columns: unknown, domain?: string): PbxUser | undefined {
    const user = rowOf(columns);
    return user && completed(user, domain);
}
