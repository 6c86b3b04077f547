import { SyncError } from '../../errors/errors';
import type { PbxSession } from './pbx-session';
import type { PbxSettings } from './pbx-settings';

/**
 * What an administrator should know as long as the master does not say what it is called, which only PbxAdminApi tells
 * us where we call it.
 * @param homes PBX names where users are homed
 * @returns `undefined` as long as the master has not said and may yet
 */
export function nameNotes(
    master: PbxSession | undefined,
    { appName: app, pbxName: expected }: PbxSettings,
    homes: Iterable<string>,
): SyncError[] | undefined {
    if (master?.info.pbx !== undefined) return [];
    if (master?.may('PbxAdminApi') !== false) return undefined;
    const { host } = master;
    if (expected) return [new SyncError('PBX_NAME_UNCHECKED', { host, expected, app })];
    const names = [...homes].filter(Boolean);
    return names.length > 1 ? [new SyncError('PBX_HOMES_UNCLEAR', { host, homes: names.join(', '), app })] : [];
}
