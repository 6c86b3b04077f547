import { SyncError } from '../../../errors/errors';
import type { Reason } from '../../../errors/phrases';

/** A certificate that cannot be used. `why` follows "The certificate cannot be used: ". */
export function unreadable({ why }: { why: Reason }, cause?: unknown): SyncError {
    return new SyncError('TEAMS_CERTIFICATE_UNREADABLE', { why }, cause);
}
