import { Mutex } from '../../support/mutex';
import type { RateBudget } from '../../support/rate-budget';
import type { Clock } from '../../time/clock';
import { GraphAccess, limitOf, type RegistrationSettings } from '../connection/graph-access';
import { Following } from './following';
import { NotificationChannel } from './notifications/notification-channel';
import { tokenVerifier } from './notifications/validation-tokens';
import type { PresenceReader } from './presence-reader';

/**
 * One app registration, a way into a tenant and out of it: Graph in its name and in the name of its accounts, the channel
 * of its notifications, and the people who are followed through it.
 */
export class TeamsRegistration extends GraphAccess {
    readonly notifications: NotificationChannel;
    /** Outlives a follower: the next one goes on with what is known. */
    readonly following: Following;
    /** One follower and one receiver: a second would take the first one's users or address. */
    readonly places = { follower: new Mutex(), receiver: new Mutex() };

    /** @param options.reader what arrives in the channel is given to it */
    constructor(options: {
        settings: RegistrationSettings;
        clock: Clock;
        budget?: RateBudget;
        reader: PresenceReader;
    }) {
        super(options);
        const { settings, clock, reader } = options;
        this.following = new Following({ reader, clock, limit: limitOf(settings) });
        this.notifications = new NotificationChannel({ verify: tokenVerifier(settings, this.http, clock), clock });
        this.notifications.on('presence', (userId, presence, sequenceNumber) =>
            reader.observe(userId, presence, 'notification', sequenceNumber),
        );
        this.notifications.on('hint', userId => reader.hint(userId));
    }

    override async stop(): Promise<void> {
        this.following.end();
        await super.stop();
    }
}
