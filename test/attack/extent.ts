/** How much an attack does. */
export interface Extent {
    people: number;
    /** Calls of everybody but the actors that are told, and as many again that are held back. */
    waves: number;
    /** Notifications of each of the five kinds. */
    notifications: number;
    /** Hostile notifications per second. */
    rate: number;
    /** Odd bodies for each route. */
    bodies: number;
    connections: number;
    /** How long they are refilled, from each address, in ms. */
    starving: number;
    logins: number;
    /** An actor begins or ends a call so often, in ms. */
    pace: number;
    /** Waits until nobody speaks of the crowd any more. */
    recovers: boolean;
    /** Within so many ms what is genuine is answered, of 99 in 100, and what somebody does is told. */
    answered: number;
    told: number;
}

export const full: Extent = {
    people: 400,
    waves: 5,
    notifications: 2_000,
    rate: 250,
    bodies: 1_000,
    connections: 600,
    starving: 60_000,
    logins: 2_000,
    pace: 200,
    recovers: true,
    answered: 1_000,
    told: 5_000,
};

/** For the tests: the same ways, fewer of everything. */
export const short: Extent = {
    people: 40,
    waves: 1,
    notifications: 40,
    rate: 250,
    bodies: 30,
    connections: 600,
    starving: 1_500,
    logins: 20,
    pace: 1_000,
    recovers: false,
    // Other tests run beside.
    answered: 10_000,
    told: 20_000,
};
