import type { SyncError } from '../errors/errors';

/**
 * The state of anything that connects:
 * `stopped` (not wanted), `connecting` (on its way), `online`, `retrying` (an outage; it goes on by itself) and
 * `failed` (an administrator must change something).
 */
export type ConnectionState =
    | { phase: 'stopped' }
    | { phase: 'connecting' | 'online'; detail?: string }
    | { phase: 'retrying' | 'failed'; error: SyncError };
