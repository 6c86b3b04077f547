import { SyncError } from '../../../errors/errors';

/** A certificate that cannot be used. `why` follows "The certificate cannot be used: ". */
export function unreadable({ why }: { why: string }, cause?: unknown): SyncError {
    return new SyncError('TEAMS_CERTIFICATE_UNREADABLE', { why }, cause);
}
