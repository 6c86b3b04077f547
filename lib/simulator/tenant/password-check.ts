import type { Clock } from '../../time/clock';
import { EntraError } from './entra-error';
import { type Identities, troubleOf } from './identities';
import type { TenantDirectory, TenantUser } from './tenant-directory';

const triesBeforeLock = 10;
const lockedFor = 60_000;

/**
 * Checks names and passwords; ten wrong ones lock the account for a minute.
 * @see https://learn.microsoft.com/entra/identity/authentication/howto-password-smart-lockout
 */
export class PasswordCheck {
    readonly #clock: Clock;
    readonly #directory: TenantDirectory;
    readonly #identities: Identities;
    readonly #wrongTries = new Map<string, { count: number; lockedUntil: number }>();

    constructor(options: { clock: Clock; directory: TenantDirectory; identities: Identities }) {
        this.#clock = options.clock;
        this.#directory = options.directory;
        this.#identities = options.identities;
    }

    /** The user who signs in; throws an {@link EntraError} for anybody else, and where a password is not enough. */
    signIn(username: string, password: string, tenantId: string): TenantUser {
        const user = this.check(username, password, tenantId);
        if (this.#identities.account(username)?.mfa) throw new EntraError(50076);
        return user;
    }

    /** The user whose password it is; throws an {@link EntraError} for anybody else. */
    check(username: string, password: string, tenantId: string): TenantUser {
        const name = username.toLowerCase();
        const user = this.#directory.byPrincipalName(name);
        if (!user) throw new EntraError(50034, { tenant: tenantId });
        const account = this.#identities.account(name);
        if (!account) throw new EntraError(50056);
        const trouble = troubleOf(account);
        if (trouble !== undefined) throw new EntraError(trouble, { tenant: tenantId });
        const tries = this.#wrongTries.get(name) ?? { count: 0, lockedUntil: 0 };
        if (tries.lockedUntil > this.#clock.monotonic()) throw new EntraError(50053);
        if (account.password !== password) {
            this.#countWrongTry(name, tries.count + 1);
            throw new EntraError(50126);
        }
        this.#wrongTries.delete(name);
        return user;
    }

    #countWrongTry(name: string, count: number): void {
        const lockedUntil = count >= triesBeforeLock ? this.#clock.monotonic() + lockedFor : 0;
        this.#wrongTries.set(name, { count: lockedUntil ? 0 : count, lockedUntil });
    }
}
