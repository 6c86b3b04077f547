import type { Tests } from '../support/existing-tests';

/**
 * A fact about Microsoft that was published or reported, and the tests that fail without what we do about it.
 */
export interface Fact {
    /** The line of {@link lines} that it stands in; a line may hold several facts. */
    line: string;
    /** The fact, and after a dash what follows from it. */
    fact: string;
    /** Where it is written: an address, or below github.com as `owner/repository#issue`. */
    source: string;
    tests?: Tests;
    /** Why there is nothing to test, in place of tests. */
    none?: string;
}

/**
 * Every line of the collected facts that a row must stand for: how Microsoft throttles and takes batches, how Entra
 * refuses, and what others have met.
 */
export const lines = {
    throttling: [
        'all tenants together',
        'presence',
        'subscriptions',
        'throttled without Retry-After',
        'throttled with Retry-After',
        'batches',
    ],
    signIn: [
        '50126',
        '50034 51004',
        '50053',
        '50055 50144',
        '50056',
        '50057',
        '50076 50074 50079 50072 50158',
        '53003 530032 530035 53000 50131',
        '65001 650056 90094',
        '7000218',
        '700025',
        '7000215',
        '7000222',
        '700027',
        '700016 700011',
        '7000112 70001',
        '90002 50059 50128',
        '90038 900382 900432',
        '9001023',
        '50173 700082 70043 50132 50133',
        '50196',
        '90033 90006 90024 50033 90055',
        'numbers may change',
        'not to be repeated',
    ],
    fieldReports: [
        'silent subscription',
        'single notifications lost',
        'long outages of notifications',
        'second subscription',
        'deleted user in a subscription',
        'reauthorization storm',
        'phantom quota',
        'status set by hand',
        'Available fades',
        'accepted but not visible',
        'out of office',
        'meeting in the middle of a call',
        'address instead of id',
        'feedback loop',
        'no app-only reading',
        'best practice',
    ],
} as const;
