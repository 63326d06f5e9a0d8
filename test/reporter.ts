import { reporters, type Runner, type MochaOptions } from "mocha";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

/** How many tests of a run passed, failed, and were left out. */
export interface Totals {
    readonly passes: number;
    readonly failures: number;
    readonly pending: number;
}

/** Mocha's spec reporter, which at a run's end also writes its totals to a file in the folder that TEST_TOTALS names. */
class TotalsReporter extends reporters.Spec {
    public constructor(runner: Runner, options: MochaOptions) {
        super(runner, options);
        runner.once("end", () => {
            const { passes, failures, pending } = this.stats;
            if (process.env.TEST_TOTALS !== undefined) {
                writeFileSync(
                    join(process.env.TEST_TOTALS, `${process.pid}.json`),
                    JSON.stringify({ passes, failures, pending } satisfies Totals),
                );
            }
        });
    }
}

// Mocha wants a reporter to be the module itself.
module.exports = TotalsReporter;
