import { toSyncError } from '../../errors/errors';
import type { Reason } from '../../errors/phrases';
import { type CheckLine, failedLine, lineMaker } from '../../support/check-report';
import type { Clock } from '../../time/clock';
import type { PbxSession } from '../connection/pbx-session';
import { type LicenceAnswer, LicenceHolders } from '../users/licence-holders';
import { Participation, type ParticipationSettings } from '../users/participation';
import type { PbxUser } from '../users/user-row';
import { type PbxCheckCode, pbxCheckSentences } from './check-sentences';

/** Users of whom a check asks whether they hold a licence, which takes a request each. */
const mostQuestions = 1_000;
/** Names that a sentence has room for. */
const mostNames = 5;

const line = lineMaker(pbxCheckSentences);

/** Why nobody takes part, and the setting that says so. */
const nobody: Record<ParticipationSettings['who'], { why: Reason; entries: keyof ParticipationSettings }> = {
    all: { why: 'everybody is listed under "Never"', entries: 'exclude' },
    group: { why: 'nobody is a member of these groups', entries: 'groups' },
    licence: { why: 'nobody holds this licence', entries: 'licence' },
    listed: { why: 'nobody goes by a name under "Always"', entries: 'include' },
};

/** Who takes part, and the line that says how many these are. */
export interface FoundParticipants {
    /** Everybody where it was not found out. */
    participants: readonly PbxUser[];
    line: CheckLine<PbxCheckCode>;
}

/** Finds out who of the users takes part; never rejects. @param users of the PBX, at least one */
export async function findParticipants(
    session: PbxSession,
    users: readonly PbxUser[],
    settings: ParticipationSettings,
    clock: Clock,
): Promise<FoundParticipants> {
    const participation = new Participation(settings);
    const { licence = '' } = participation;
    const asked = users.filter(user => participation.asksLicence(user)).map(({ pbx }) => pbx.guid);
    if (asked.length > mostQuestions) {
        const parameters = { count: asked.length, licence };
        return { participants: users, line: line('participants', true, 'CHECK_PBX_HOLDERS_NOT_COUNTED', parameters) };
    }
    try {
        const answerOf = await licencesOf(session, licence, asked, clock);
        const participants = users.filter(user => !participation.reasonAgainst(user, answerOf(user.pbx.guid)));
        return { participants, line: countLine(participants.length, users.length, settings) };
    } catch (thrown) {
        return { participants: users, line: failedLine('participants', toSyncError(thrown)) };
    }
}

/** @throws SyncError PBX_API_MISSING, PBX_SILENT or what ended the session */
async function licencesOf(
    session: PbxSession,
    licence: string,
    guids: readonly string[],
    clock: Clock,
): Promise<(guid: string) => LicenceAnswer> {
    if (guids.length === 0) return () => false;
    const ignore = (): void => undefined;
    const holders = new LicenceHolders({ licence, clock, log: ignore, everybody: () => guids, changed: ignore });
    try {
        await holders.learn(session, guids);
    } finally {
        holders.end();
    }
    return guid => holders.answerOf(guid);
}

function countLine(count: number, all: number, settings: ParticipationSettings): CheckLine<PbxCheckCode> {
    if (count > 0) return line('participants', true, 'CHECK_PBX_PARTICIPANTS', { count, all });
    const { why, entries } = nobody[settings.who];
    const detail = someOf([settings[entries] ?? ''].flat());
    return line('participants', 'warning', 'CHECK_PBX_NO_PARTICIPANTS', { all, why, detail });
}

/** As many names as a sentence has room for. */
export function someOf(names: readonly string[]): string {
    return names.slice(0, mostNames).join(', ') + (names.length > mostNames ? ', …' : '');
}
