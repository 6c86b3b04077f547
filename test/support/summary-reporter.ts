import { type MochaOptions, Runner, reporters } from 'mocha';

/** Mocha's usual report, and at its end one line with the counts in the form that a build server reads. */
class SummaryReporter extends reporters.Spec {
    constructor(runner: Runner, options: MochaOptions) {
        super(runner, options);
        runner.once(Runner.constants.EVENT_RUN_END, () => {
            const { passes, failures, pending } = this.stats;
            process.stdout.write(`${passes} passed, ${failures} failed${pending ? `, ${pending} skipped` : ''}\n`);
        });
    }
}

export = SummaryReporter;
