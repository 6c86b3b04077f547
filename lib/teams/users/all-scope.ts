import type { PresenceUser } from '../../presence/message';
import { Scope } from './scope';

/** All users of the tenant; no guests, and nobody who may not sign in, such as rooms and shared mailboxes. */
export class AllScope extends Scope {
    protected override begin(): void {
        this.setState({ phase: 'online' });
    }

    protected override end(): void {}

    protected override choose(user: PresenceUser): PresenceUser | undefined {
        return this.directory.isMember(user.teams!.id) ? user : undefined;
    }
}
