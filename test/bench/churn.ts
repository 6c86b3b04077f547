import { manyPeople, type Person, personOf } from '../../lib/simulator/person';
import { seededRandom } from '../../lib/simulator/random';
import { account, otherAccount, TeamsFixture, userOf } from '../lib/teams/teams-fixture';
import { usedHeap } from './memory';
import { figure, section, verdict } from './report';
import { TeamsSide } from './teams-side';

const people = 1_000;
const hours = 24;
/** Seconds between two events of the churn. */
const every = 10;
const hour = 3_600_000;

/**
 * A day of changes, calls, joiners, leavers and lost subscriptions, in virtual time and in one process with the
 * simulated tenant: nothing may grow that does not shrink again.
 */
export async function benchChurn(): Promise<void> {
    section(`${hours} simulated hours: ${people} users, an event every ${every} s, joiners and leavers among them`);
    const office = await TeamsFixture.start({
        people: manyPeople(people),
        roles: ['User.Read.All', 'Presence.ReadWrite.All'],
        accounts: [account, otherAccount],
    });
    const side = new TeamsSide({ settings: office.settings(), system: office.system(office.continuity) });
    let changes = 0;
    side.onChange(() => {
        changes += 1;
    });
    const follower = side.begin(await office.receiver(side.registration), [account, otherAccount]);
    await office.passTime(() => follower.state.phase === 'online');
    await side.write();

    const churn = new Churn(office, side, manyPeople(people));
    const begin = performance.now();
    const heap: number[] = [];
    const timers: number[] = [];
    for (let passed = 0; passed < hours * hour; passed += every * 1_000) {
        churn.step(passed);
        // The fixture notes every request; in a day they are many.
        office.requests.length = 0;
        await office.clock.advance(every * 1_000);
        await office.rest();
        if ((passed + every * 1_000) % (2 * hour) === 0) {
            heap.push(usedHeap() / 2 ** 20);
            timers.push(office.clock.waiting);
        }
    }
    figure('events and changes told', `${churn.events}, ${changes}`);
    figure('MiB in use every two hours', heap.map(each => each.toFixed(1)).join(' '));
    figure('timers waiting every two hours', timers.join(' '));
    const grown = heap.at(-1)! - heap[1]!;
    verdict('memory grown from hour 4 to hour 24', `${grown.toFixed(2)} MiB`, grown < 2, 'no growth: < 2 MiB');
    figure('real time', `${((performance.now() - begin) / 1_000).toFixed(0)} s`);
    await side.stop();
    await office.stop();
}

/** What happens in a day, the same every time. */
class Churn {
    events = 0;
    readonly #office: TeamsFixture;
    readonly #side: TeamsSide;
    readonly #people: Person[];
    readonly #random = seededRandom(1);
    readonly #talking = new Set<Person>();
    readonly #onThePhone = new Set<Person>();

    constructor(office: TeamsFixture, side: TeamsSide, people: Person[]) {
        this.#office = office;
        this.#side = side;
        this.#people = people;
    }

    step(passed: number): void {
        this.events += 1;
        const kind = this.#random();
        if (passed % (4 * hour) === 0) this.#office.simulated.loseSubscriptions();
        else if (kind < 0.02) this.#replaceSomebody();
        else if (kind < 0.5) this.#callInTeams();
        else this.#callAtThePhone();
    }

    #pick(): Person {
        return this.#people[Math.floor(this.#random() * this.#people.length)]!;
    }

    #replaceSomebody(): void {
        const index = Math.floor(this.#random() * this.#people.length);
        const leaver = this.#people[index]!;
        const joiner = personOf({
            name: `New ${this.events}`,
            mail: `new.${this.events}@brandt-partner.example`,
            number: String(100_000 + this.events),
        });
        this.#people[index] = joiner;
        this.#talking.delete(leaver);
        this.#onThePhone.delete(leaver);
        this.#office.simulated.removePerson(leaver.teamsId);
        this.#office.simulated.addPerson(joiner);
    }

    #callInTeams(): void {
        const person = this.#pick();
        if (this.#talking.delete(person)) return this.#office.simulated.endCall(person.teamsId);
        this.#talking.add(person);
        this.#office.simulated.startCall(person.teamsId);
    }

    #callAtThePhone(): void {
        const person = this.#pick();
        const ends = this.#onThePhone.delete(person);
        if (!ends) this.#onThePhone.add(person);
        const inCall = { availability: 'Busy', activity: 'InACall' };
        const outcome = ends ? this.#side.clear(userOf(person)) : this.#side.set(userOf(person), inCall);
        // Somebody who has left is refused; that is not what is measured.
        outcome.catch(() => {});
    }
}
