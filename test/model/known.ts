import { steps } from './actions';
import type { Plan } from './plan';

const minute = 60_000;
const twenty = { lasts: 20 * minute };

/** Sequences that went wrong once, each with a name. */
export const known: Record<string, Plan> = {
    'O1: a dnd of the PBX outlives a call': {
        people: [steps([0, 'pbx set dnd'], [420, 'pbx call 1'], [480, 'pbx end 1'])],
        lasts: 30 * minute,
    },
    'O1: busy in the PBX, and a call that lasts': {
        people: [steps([0, 'pbx set busy'], [420, 'pbx call 1'])],
        lasts: 40 * minute,
    },
    'O2: our own session is no Teams call once the user has reset their status': {
        people: [steps([0, 'pbx call 1'], [2, 'pbx set dnd'], [6, 'teams reset'])],
        ...twenty,
    },
    'O2: the same, a while later': {
        people: [steps([0, 'pbx call 1'], [20, 'pbx set dnd'], [60, 'teams reset'])],
        ...twenty,
    },
    'O3: a dnd of the PBX outlives Graph away for longer than the rest of its lease': {
        people: [steps([0, 'pbx set dnd'])],
        trouble: steps([300, 'graph away 600']),
        ...twenty,
    },
    'O3: a dnd of the PBX outlives 20 minutes without Graph': {
        people: [steps([0, 'pbx set dnd']), steps([0, 'pbx call 1'])],
        trouble: steps([300, 'graph away 1200']),
        lasts: 40 * minute,
    },
    'O3: a dnd and a call outlive an hour of sleep': {
        people: [steps([0, 'pbx set dnd']), steps([0, 'pbx call 1'], [30, 'pbx set away'])],
        trouble: steps([300, 'host sleep 3600']),
        lasts: 80 * minute,
    },
    'O4: calls on behalf and calls in the PBX do not hold each other up': {
        people: [steps([0, 'pbx call 1'], [2, 'pbx set dnd'], [6, 'teams reset'], [60, 'pbx end 1'])],
        choices: { call: 'alien' },
        ...twenty,
    },
    'O5: what was chosen in Teams after a PBX setting stays when a call begins': {
        people: [steps([0, 'pbx set dnd'], [60, 'teams choose Available/Available'], [990, 'pbx call 1'])],
        ...twenty,
    },
    'O5: the same within the lease': {
        people: [steps([0, 'pbx set dnd'], [60, 'teams choose Available/Available'], [120, 'pbx call 1'])],
        ...twenty,
    },
    'O5: what was chosen in Teams after away in the PBX stays through a call': {
        people: [
            steps(
                [0, 'pbx set away'],
                [60, 'teams choose Available/Available'],
                [120, 'pbx call 1'],
                [180, 'pbx end 1'],
            ),
        ],
        ...twenty,
    },
    'O5: what was chosen during an outage stays': {
        people: [steps([10, 'pbx set dnd'], [100, 'teams choose BeRightBack/BeRightBack'])],
        trouble: steps([0, 'graph away 200']),
        ...twenty,
    },
    'O6: what the user sets in the PBX is theirs, though we once wrote the same in its place': {
        people: [steps([0, 'teams client Away/Away'], [60, 'teams client Available/Available'], [700, 'pbx set away'])],
        choices: { contact: 'tel' },
        ...twenty,
    },
    'O7: a Teams call is shown though the PBX refuses seven times': {
        people: [steps([1, 'teams call'])],
        trouble: steps([0, 'pbx refuse 7']),
        lasts: 10 * minute,
    },
    'O8: nobody shows a Teams call after a crash during PBX calls': {
        people: [steps([0, 'pbx call 1']), steps([0, 'pbx call 1'], [62, 'pbx end 1'])],
        trouble: steps([60, 'product kill 5']),
        choices: { log: true },
        latency: 100,
        ...twenty,
    },
    'O8: a dnd of the PBX that ends while the product is down is not told as that of the user': {
        people: [steps([0, 'pbx set dnd'], [62, 'pbx set '])],
        trouble: steps([60, 'product kill 5']),
        choices: { log: true },
        latency: 100,
        ...twenty,
    },
    'O9: nor if the crash follows the call at once': {
        people: [steps([0, 'pbx call 1']), steps([0.05, 'pbx call 1']), steps([0.2, 'pbx call 1'], [1, 'pbx end 1'])],
        trouble: steps([0.21, 'product kill 1']),
        latency: 20,
        ...twenty,
    },
    'O9: nor with a log, if the crash comes before Teams has answered': {
        people: [steps([0.2, 'pbx call 1'], [1, 'pbx end 1']), steps([0.2, 'pbx call 1'])],
        trouble: steps([0.35, 'product kill 1']),
        choices: { log: true },
        latency: 100,
        ...twenty,
    },
    'O9: nor with a log that has been complete for a while': {
        people: [
            steps([400.2, 'pbx call 1'], [401, 'pbx end 1']),
            steps([400.2, 'pbx call 1']),
            steps([400.2, 'pbx set dnd'], [401, 'pbx set ']),
        ],
        trouble: steps([400.28, 'product kill 1']),
        choices: { log: true },
        latency: 100,
        ...twenty,
    },
    'O10: a clock set 20 minutes forward makes no call of ours a Teams call': {
        people: [steps([0, 'pbx call 1'], [120, 'pbx end 1']), steps([0, 'pbx set dnd'])],
        trouble: steps([60, 'host step 1200']),
        ...twenty,
    },
    'O10: nor one set 26 hours forward': {
        people: [steps([0, 'pbx call 1'], [120, 'pbx end 1']), steps([0, 'pbx set dnd'])],
        trouble: steps([60, 'host step 93600']),
        ...twenty,
    },
    'O10: nor one set two hours back': {
        people: [steps([0, 'pbx call 1'], [120, 'pbx end 1']), steps([0, 'pbx set dnd'])],
        trouble: steps([60, 'host step -7200']),
        ...twenty,
    },
    'O11: a tenant that has forgotten everything is told again': {
        people: Array.from({ length: 12 }, (_, index) => steps([0, index % 2 ? 'pbx call 1' : 'pbx set dnd'])),
        trouble: steps([60, 'tenant forgets']),
        ...twenty,
    },
    'a choice that showed above our session is gone once our session shows': {
        people: [
            steps(
                [0, 'pbx call 1'],
                [15, 'teams choose BeRightBack/BeRightBack'],
                [45, 'teams reset'],
                [90, 'pbx end 1'],
            ),
        ],
        ...twenty,
    },
    'a dnd by hand is not lifted by a weaker setting of the PBX': {
        people: [steps([0, 'teams choose DoNotDisturb/DoNotDisturb'], [30, 'pbx set busy'])],
        ...twenty,
    },
    'an equal state is not written, and clearing one side clears only that side': {
        people: [
            steps([0, 'teams choose DoNotDisturb/DoNotDisturb'], [30, 'pbx set dnd'], [60, 'pbx set ']),
            steps([0, 'teams choose Busy/Busy'], [30, 'pbx set busy'], [60, 'pbx set ']),
        ],
        ...twenty,
    },
    'signed out of Teams: a setting of the PBX is set when the person appears': {
        people: [steps([10, 'teams out'], [60, 'pbx set dnd'], [120, 'teams client Available/Available'])],
        ...twenty,
    },
    'signed out of Teams: a call of the PBX shows': {
        people: [steps([10, 'teams out'], [60, 'pbx call 1'], [120, 'pbx end 1'])],
        ...twenty,
    },
    'a state set by hand in Teams hides a call of the PBX, and stays': {
        people: [steps([10, 'teams choose BeRightBack/BeRightBack'], [60, 'pbx call 1'], [120, 'pbx end 1'])],
        ...twenty,
    },
    'a state set by hand in Teams is reset when a call begins, by choice, do not disturb excepted': {
        people: [
            steps([10, 'teams choose BeRightBack/BeRightBack'], [60, 'pbx call 1'], [120, 'pbx end 1']),
            steps([10, 'teams choose DoNotDisturb/DoNotDisturb'], [60, 'pbx call 1'], [120, 'pbx end 1']),
        ],
        choices: { choice: 'override' },
        ...twenty,
    },
    'away in the PBX and a call: the call shows, away after it': {
        people: [steps([10, 'pbx set away'], [60, 'pbx call 1'], [120, 'pbx end 1'])],
        ...twenty,
    },
    'a Teams call that begins or ends beneath a call of the PBX is found when ours ends': {
        people: [
            steps([10, 'pbx call 1'], [60, 'teams call'], [120, 'pbx end 1']),
            steps([0, 'teams call'], [10, 'pbx call 1'], [60, 'teams end'], [120, 'pbx end 1']),
        ],
        ...twenty,
    },
    'who comes back to Teams shows there what the PBX says': {
        people: [
            steps([0, 'pbx set dnd'], [60, 'teams leave'], [900, 'teams join']),
            steps([0, 'pbx call 1'], [60, 'teams leave'], [900, 'teams join']),
        ],
        lasts: 30 * minute,
    },
    'an administrator who refuses a write for a while refuses no later one': {
        people: [steps([0, 'pbx set away'], [1, 'pbx set '])],
        trouble: steps([0, 'graph refuse 3 403']),
        ...twenty,
    },
    'who comes back to the PBX within a second shows there what Teams says': {
        people: [steps([0, 'teams choose Busy/Busy'], [15, 'pbx leave'], [15.6, 'pbx join'])],
        ...twenty,
    },
    'a call of somebody with a new address is shown once Teams is known to have it, too': {
        people: [steps([0, 'pbx rename'], [45, 'pbx call 1'])],
        ...twenty,
    },
    'what Teams shows of somebody with a new address stays in the PBX': {
        people: [steps([0, 'teams client Away/Away'], [200, 'pbx set meeting'], [900, 'pbx rename'])],
        ...twenty,
    },
    'a setting that follows another at once is the one that shows, though the first one is looked for longer': {
        people: [
            steps([420, 'pbx rename'], [435, 'pbx set away'], [435.02, 'pbx rename'], [435.02, 'pbx set meeting']),
        ],
        latency: 100,
        seed: 1937985381,
    },
    'an answer that a notification has overtaken is not told': {
        people: Array.from({ length: 40 }, (_, index) => [
            { at: 20_000 + index * 125, act: 'teams client Busy/InAMeeting' },
            { at: 60_000 + index * 125, act: 'teams client Available/Available' },
        ]),
        latency: 600,
    },
    'who joins Teams in the middle of a PBX call shows it': {
        people: [steps([0, 'teams leave'], [400, 'pbx call 1'], [420, 'teams join'])],
        ...twenty,
    },
    'a choice above a PBX setting outlives a PBX that is away for a while': {
        people: [steps([0, 'pbx set dnd'], [60, 'teams choose Available/Available'], [700, 'pbx set dnd'])],
        trouble: steps([120, 'pbx away 200']),
        ...twenty,
    },
    'what was chosen during a call, by choice reset at its beginning, stays': {
        people: [
            steps(
                [10, 'teams choose BeRightBack/BeRightBack'],
                [60, 'pbx call 1'],
                [120, 'teams choose Away/Away'],
                [900, 'pbx end 1'],
            ),
        ],
        choices: { choice: 'override' },
        ...twenty,
    },
    'who appears offline goes on doing so though the PBX has a setting': {
        people: [steps([0, 'pbx set dnd'], [480, 'teams choose Offline/OffWork'])],
        lasts: 40 * minute,
    },
    'a call of the PBX that the tenant forgets at once is shown again': {
        people: [steps([60, 'pbx call 1'])],
        trouble: steps([60.2, 'tenant forgets']),
        ...twenty,
    },
    'where no log tells of it, a dnd of the PBX is not told as that of the user': {
        people: [steps([15, 'pbx set dnd']), steps([15, 'teams choose Busy/Busy']), steps([15, 'pbx set away'])],
        trouble: steps([490, 'product kill 60']),
        latency: 100,
        ...twenty,
    },
    'with a log, what began and what was chosen while the product was down': {
        people: [
            steps([0, 'pbx set dnd'], [70, 'teams choose BeRightBack/BeRightBack']),
            steps([0, 'pbx call 1'], [70, 'pbx set busy'], [80, 'pbx end 1']),
            steps([0, 'pbx set busy'], [70, 'teams choose DoNotDisturb/DoNotDisturb']),
        ],
        trouble: steps([60, 'product kill 60']),
        choices: { log: true },
        ...twenty,
    },
    'with a log, a dnd by hand that was chosen while the product was down for longer than a lease': {
        people: [
            steps([0, 'pbx set busy'], [70, 'teams choose DoNotDisturb/DoNotDisturb']),
            steps([0, 'pbx set dnd'], [70, 'teams choose Available/Available']),
        ],
        trouble: steps([60, 'product kill 1200']),
        choices: { log: true },
        lasts: 40 * minute,
    },
    'without a log, a PBX call of a person who has been in a Teams call since before': {
        people: [
            steps([2.5, 'teams client Busy/InAConferenceCall'], [65, 'pbx call 2'], [67.5, 'teams call']),
            steps([5, 'teams client DoNotDisturb/Presenting'], [30, 'pbx set away']),
        ],
        trouble: steps([60, 'product stop 60']),
        latency: 100,
        ...twenty,
    },
    'who presents shows a setting of the PBX': {
        people: [steps([15, 'teams client DoNotDisturb/Presenting'], [60, 'pbx set busy'])],
        ...twenty,
    },
    'what somebody showed who has left Teams is not theirs when they come back': {
        people: [steps([5, 'pbx call 1'], [20, 'teams call'], [600, 'teams leave'])],
        trouble: steps([0.2, 'pbx away 60']),
        ...twenty,
    },
    'a setting that ends and a call that begins while the host is frozen': {
        people: [
            steps([0, 'pbx set dnd'], [70, 'pbx call 1'], [80, 'pbx set ']),
            steps([0, 'pbx set dnd'], [70, 'pbx set '], [80, 'pbx call 1']),
            // The PBX shows by this one that a call hides no setting.
            steps([0, 'pbx set dnd'], [10, 'pbx call 1']),
        ],
        trouble: steps([60, 'host freeze 60']),
        ...twenty,
    },
    'a setting of a person whom Teams does not have yet is kept while Graph does not answer': {
        people: [steps([1.2, 'teams leave'], [421.2, 'pbx set away'], [470, 'teams join'])],
        trouble: steps([420, 'graph hang 2']),
        ...twenty,
    },
    'a setting that ends at once, beneath a call, is not told as that of the user': {
        people: [steps([60, 'pbx call 1'], [1010, 'pbx set dnd'], [1010, 'pbx set '])],
        ...twenty,
    },
    'a choice by hand in Teams while a call lies beneath a setting': {
        people: [
            steps(
                [0, 'pbx set away'],
                [20, 'teams choose BeRightBack/BeRightBack'],
                [20.5, 'pbx call 1'],
                [60, 'pbx end 1'],
            ),
            steps([0, 'pbx set dnd'], [20, 'pbx call 1'], [20.5, 'teams choose Available/Available']),
        ],
        ...twenty,
    },
    'what was refused while somebody was not in Teams is written once they are back': {
        people: [steps([15, 'teams leave'], [45, 'pbx set meeting'], [900, 'teams join'])],
        ...twenty,
    },
    'a setting that has replaced a choice by hand outlives a step of the clock': {
        people: [
            steps([1, 'teams choose BeRightBack/BeRightBack'], [20, 'pbx set dnd']),
            steps([1, 'teams choose Busy/Busy'], [20, 'pbx set dnd'], [40, 'pbx set busy']),
        ],
        trouble: steps([60, 'host step 93600']),
        lasts: 40 * minute,
    },
    'a setting that has replaced a choice by hand outlives an outage and a call': {
        people: [
            steps(
                [1, 'teams choose BeRightBack/BeRightBack'],
                [20, 'pbx set away'],
                [60.5, 'pbx call 1'],
                [68, 'pbx end 1'],
            ),
        ],
        trouble: steps([60, 'graph away 20']),
        lasts: 40 * minute,
    },
    'a setting that follows another one at once, which has replaced the same choice by hand': {
        people: [
            steps([1, 'teams choose Busy/Busy'], [20, 'pbx set dnd'], [60, 'pbx set '], [60.15, 'pbx set busy']),
            steps([1, 'teams choose Busy/Busy'], [20, 'pbx set dnd'], [60, 'pbx set '], [61, 'pbx set busy']),
        ],
        latency: 100,
        ...twenty,
    },
    'three people who choose within a second are no tenant that forgets': {
        people: [0, 0.5, 1].map(more => steps([0, 'pbx set dnd'], [60 + more, 'teams choose BeRightBack/BeRightBack'])),
        ...twenty,
    },
    'what was chosen while a setting was held back stays: away and a call': {
        people: [
            steps(
                [0, 'pbx set away'],
                [60, 'pbx call 1'],
                [90, 'teams choose BeRightBack/BeRightBack'],
                [120, 'pbx end 1'],
            ),
        ],
        ...twenty,
    },
    'what was chosen while a setting was held back stays: one that is set in a call': {
        people: [
            steps(
                [0, 'pbx call 1'],
                [30, 'pbx set away'],
                [60, 'teams choose BeRightBack/BeRightBack'],
                [120, 'pbx end 1'],
            ),
        ],
        ...twenty,
    },
    'what the user sets in the PBX is theirs after a kill, though ours has said the same before': {
        people: [
            steps(
                [0, 'teams choose DoNotDisturb/DoNotDisturb'],
                [30, 'teams choose Available/Available'],
                [60, 'pbx set dnd'],
            ),
        ],
        trouble: steps([80, 'product kill 1']),
        choices: { log: true },
        ...twenty,
    },
    'choices of three who had a call are no tenant that forgets': {
        people: [60, 100, 140].map(at =>
            steps([1, 'pbx set dnd'], [2, 'pbx call 1'], [at, 'teams choose Available/Available']),
        ),
        ...twenty,
    },
    'three who go in the middle of a call are no tenant that forgets the choice of a fourth': {
        people: [
            ...[60, 61, 62].map(at => steps([1, 'pbx call 1'], [at, 'teams choose BeRightBack/BeRightBack'])),
            steps([1, 'pbx set busy'], [63, 'teams choose Available/Available']),
        ],
        ...twenty,
    },
    'a tenant that forgets what was read a moment before is no choice': {
        people: [
            ...Array.from({ length: 6 }, () => steps([1, 'pbx set busy'])),
            ...Array.from({ length: 10 }, () => steps([25, 'pbx call 1'])),
        ],
        trouble: steps([30, 'tenant forgets']),
        latency: 100,
    },
    'three of forty who reset within a second are no tenant that forgets': {
        people: Array.from({ length: 40 }, (_, index) =>
            steps([0, 'pbx set dnd'], ...(index < 3 ? [[309 + index * 0.3, 'teams reset'] as [number, string]] : [])),
        ),
    },
    'what Teams says is not forgotten beneath a call whose first try had no answer': {
        people: [60, 60.5].map(at => steps([0, 'teams client Away/Away'], [at, 'pbx call 1'], [400, 'pbx end 1'])),
        trouble: steps([59.9, 'graph fail 1 429']),
    },
    'an equal state is concluded from a read and from no late notification': {
        people: [steps([0, 'teams choose Busy/Busy'], [60, 'teams reset'], [62, 'pbx set busy'])],
        trouble: steps([59, 'notifications delay 1 3000']),
    },
    'a call whose lease has ended in an outage hides no Teams call that has ended meanwhile': {
        people: [steps([0, 'teams call'], [10, 'pbx call 1'], [1200, 'teams end'], [3000, 'pbx end 1'])],
        trouble: steps([500, 'graph away 904.9']),
        lasts: 50 * minute,
    },
    'calls that begin in an outage show what lies beneath them once they have ended': {
        people: [66, 70, 72].map(at => steps([0, 'teams client Away/Away'], [at, 'pbx call 1'], [400, 'pbx end 1'])),
        trouble: steps([60, 'graph away 30']),
    },
    'what the user sets while our first write has no answer is no sign of where ours has landed': {
        people: [steps([2.5, 'teams client Away/Away'], [2.8, 'pbx set away'])],
        trouble: steps([0.2, 'pbx ignore 1']),
    },
    'signed out of Teams: a setting that the PBX has no more hides no call': {
        people: [steps([1, 'pbx set busy'], [60, 'teams out'], [120, 'pbx set dnd'], [180, 'pbx call 1'])],
        ...twenty,
    },
    'signed out of Teams: a read beside the first call does not forget it': {
        people: Array.from({ length: 40 }, (_, index) =>
            steps([10, 'teams out'], [30, 'pbx set busy'], [60 + index * 0.05, 'pbx call 1']),
        ),
        choices: { delivery: 'polling' },
        latency: 400,
    },
    'signed out of Teams: a call lifts no dnd that was chosen before': {
        people: [
            steps(
                [1, 'teams choose DoNotDisturb/DoNotDisturb'],
                [60, 'teams out'],
                [120, 'pbx call 1'],
                [180, 'pbx end 1'],
                [240, 'teams client Available/Available'],
            ),
        ],
        choices: { choice: 'override' },
        ...twenty,
    },
    'a choice made in an outage of eight seconds stays': {
        people: [steps([1, 'pbx set dnd'], [4, 'teams choose BeRightBack/BeRightBack'])],
        trouble: steps([2, 'graph away 8']),
        ...twenty,
    },
    'a setting that is cleared while the PBX is away is a new one afterwards': {
        people: [
            steps(
                [0, 'pbx set dnd'],
                [60, 'teams choose Available/Available'],
                [300, 'pbx set '],
                [1600, 'pbx set dnd'],
            ),
        ],
        trouble: steps([120, 'pbx away 1200']),
        lasts: 40 * minute,
    },
    'a call goes on as it began though the PBX was away for long: no choice is reset': {
        people: [steps([1, 'pbx call 1'], [60, 'teams choose Away/Away'])],
        trouble: steps([100, 'pbx away 1000']),
        choices: { choice: 'override' },
        lasts: 30 * minute,
    },
    'a notification that comes long after the host was away tells nothing of our own': {
        people: [steps([420, 'pbx set away'], [500, 'pbx set '])],
        trouble: steps([420, 'host sleep 260']),
        ...twenty,
    },
    'a notification that comes long after the process stood still tells nothing of our own': {
        people: [steps([420, 'pbx set away'], [500, 'pbx set '], [510, 'teams leave'], [515, 'teams join'])],
        trouble: steps([420, 'host freeze 260']),
        ...twenty,
    },
    'an activity that the PBX has refused once shows after five minutes': {
        people: [
            steps([0, 'teams client Away/Away'], [61, 'teams client Busy/InAMeeting']),
            steps([0, 'teams client Busy/InAMeeting'], [62, 'teams note in the workshop'], [200, 'teams note ']),
        ],
        trouble: steps([60, 'pbx refuse-later 1']),
        ...twenty,
    },
    'signed out of Teams: who appears beneath a call shows a setting of the PBX once that has ended': {
        people: [
            steps(
                [5, 'teams out'],
                [10, 'pbx call 1'],
                [60, 'pbx set meeting'],
                [120, 'teams client Available/Available'],
                [300, 'pbx end 1'],
            ),
            steps(
                [5, 'teams out'],
                [10, 'pbx call 1'],
                [60, 'teams client Available/Available'],
                [120, 'pbx set meeting'],
                [300, 'pbx end 1'],
            ),
        ],
        ...twenty,
    },
    'where no log tells of it, a dnd of the PBX holds back what the PBX says since, until it has ended': {
        people: [steps([420, 'pbx set dnd'], [420.02, 'pbx set away'])],
        trouble: steps([420, 'product kill 1'], [620, 'product kill 1']),
        lasts: 30 * minute,
    },
    'who has been in a call and leaves the PBX is told of there no more often than needed': {
        people: [steps([0, 'pbx call 1'], [1.5, 'teams choose BeRightBack/BeRightBack'], [16.5, 'pbx leave'])],
        ...twenty,
    },
    'a status message is found though somebody who has come back makes notifications seem silent': {
        people: [
            steps([15, 'teams call'], [650, 'teams leave'], [670, 'teams join']),
            ...Array.from({ length: 6 }, (_, index) =>
                steps([0, 'teams client DoNotDisturb/Focusing'], [800 + 2 * index, 'teams note in the workshop']),
            ),
        ],
        ...twenty,
    },
    'a setting that may have been written is not told though the next one is what was chosen before': {
        people: [
            steps([0, 'teams choose Busy/Busy'], [30, 'pbx set dnd'], [30.6, 'pbx set busy']),
            steps([0, 'teams choose Busy/Busy'], [30.2, 'pbx set dnd'], [30.6, 'pbx set meeting']),
        ],
        trouble: steps([29, 'graph slow 120 700'], [30.5, 'host step 7200']),
        ...twenty,
    },
    'what the user sets as soon as a Teams call is found beneath ours may be a copy of it': {
        people: [
            steps(
                [45, 'pbx set dnd'],
                [60, 'teams client Busy/InAConferenceCall'],
                [176, 'pbx set '],
                [177.2, 'pbx set busy'],
                [300, 'pbx set meeting'],
            ),
        ],
        ...twenty,
    },
    'nobody stops a process on a host that sleeps': {
        people: [steps([0, 'teams call']), steps([840, 'pbx call 1']), steps([420, 'pbx set dnd'])],
        trouble: steps([60, 'host sleep 3600'], [70, 'product stop 60']),
        lasts: 80 * minute,
    },
    'a setting that is cleared while the PBX is away, beneath a call at its return, is found when the call ends': {
        people: [steps([15, 'pbx set meeting'], [65, 'pbx set '], [65.02, 'pbx call 1'], [400, 'pbx end 1'])],
        trouble: steps([40, 'pbx away 60']),
        ...{ latency: 100, lasts: 20 * minute },
    },
    'busy that follows a Teams call is what another product would copy, also where a call shows for it': {
        people: [steps([0, 'teams call'], [2.5, 'pbx set busy'], [300, 'teams end'])],
        choices: { call: 'alien' },
        ...twenty,
    },
    'a setting that is written while the person signs out stands above a later call': {
        people: [steps([1.54, 'teams out'], [1.54, 'pbx set meeting'], [951.54, 'pbx call 2'])],
        lasts: 40 * minute,
    },
    'a call beneath a choice that goes when the person leaves the tenant for a moment is shown afterwards': {
        people: [
            steps(
                [5, 'pbx call 1'],
                [955, 'teams choose BeRightBack/BeRightBack'],
                [970, 'teams leave'],
                [1000, 'teams join'],
            ),
        ],
        lasts: 30 * minute,
    },
    'a tenant that forgets is noticed though somebody who has left can be read no more': {
        people: [
            ...Array.from({ length: 6 }, () => steps([2.5, 'pbx set busy'])),
            steps([300, 'pbx call 2'], [486, 'teams leave']),
        ],
        trouble: steps([840, 'tenant forgets']),
        ...twenty,
    },
    'who appears offline by hand shows a call that begins, where a choice is reset then': {
        people: [steps([10, 'teams choose Offline/OffWork'], [60, 'pbx call 1'])],
        choices: { choice: 'override' },
        ...twenty,
    },
    'what the user sets like ours in its place ends with ours when they leave the tenant': {
        people: [steps([45, 'teams client Away/Away'], [60, 'pbx set away'], [1011, 'teams leave'])],
        choices: { contact: 'tel', log: true },
        lasts: 30 * minute,
    },
    'busy that follows a Teams call is a setting for a product that has just begun': {
        people: [steps([30, 'teams call'], [32.8, 'pbx set busy'])],
        trouble: steps([420, 'product deploy 0']),
        latency: 100,
        seed: 8,
    },
    'where no log tells of it, a setting hides what was known of Teams before': {
        people: [steps([0.3, 'teams call'], [0.6, 'pbx set busy'], [420.6, 'pbx set away'])],
        trouble: steps([0.2, 'product kill 1'], [10.2, 'product kill 60']),
    },
    'a call beneath a choice that looks like none is back with its renewal, once the tenant has forgotten it': {
        people: [steps([1.2, 'teams choose Available/Available'], [61.2, 'pbx call 2'], [481.2, 'teams reset'])],
        trouble: steps([420, 'tenant forgets']),
        lasts: 40 * minute,
    },
    'who signs in beneath a call counts as offline, and a setting that comes then waits': {
        people: [
            steps(
                [0, 'pbx set dnd'],
                [175, 'teams out'],
                [190, 'pbx call 1'],
                [190.02, 'teams client Available/Available'],
                [190.32, 'pbx set busy'],
            ),
        ],
        latency: 100,
    },
    'what somebody has chosen who is signed out is not seen, and is not reset by a call': {
        people: [steps([7.5, 'teams choose Available/Available'], [97.5, 'teams out'], [1047.52, 'pbx call 1'])],
        choices: { choice: 'override' },
    },
};
