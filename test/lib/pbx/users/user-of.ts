import { type PbxUser, RowMaker } from '../../../../lib/pbx/users/user-row';

/** A row of the user table as a user. */
export function userOf(columns: unknown, domain?: string): PbxUser | undefined {
    return new RowMaker(domain).rowOf(columns)?.user;
}
