import { type CheckLine as Line, lineMaker, type CheckReport as Report } from '../../support/check-report';
import { type CheckCode, checkSentences } from './check-sentences';

/** What was looked at: `sign-in`, `permission:User.Read.All`, `certificate`, `licence`… */
export type CheckLine = Line<CheckCode>;
export type CheckReport = Report<CheckCode>;

/** A line that says one of the sentences of checks. */
export const line = lineMaker(checkSentences);
