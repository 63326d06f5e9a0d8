import * as assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import type { Quantity } from "../../policy/quantity";

/** How many quantities are compared; `DIFFERENTIAL_RUNS` sets another number. Of what takes longer it is a part. */
export const differentialRuns = Number(process.env.DIFFERENTIAL_RUNS ?? 20_000);

/** How many questions are asked at once. */
const batch = 50_000;

/** A quantity as the Go program writes it. */
export interface GoQuantity {
    readonly unscaled: string;
    readonly scale: number;
}

/** The same as ours. */
export function fromGo({ unscaled, scale }: GoQuantity): Quantity {
    return { unscaled: BigInt(unscaled), exponent: -scale };
}

/** Asks so many questions, and compares each with its answer. */
type Comparison = <Question>(
    runs: number,
    questions: (count: number) => Question[],
    compare: (question: Question, answer: unknown) => void,
) => void;

/**
 * Compares with Kubernetes' own answers (the Go program in differential/), for the tests of the suite that this is called in.
 * Without Go they are skipped.
 */
export function kubernetesOfSuite(): Comparison {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "differential-"));
    const binary = path.join(folder, "kubernetes");

    before(function () {
        const built = spawnSync("go", ["build", "-o", binary, "."], {
            cwd: path.join(__dirname, "differential"),
            encoding: "utf8",
        });
        if (built.error !== undefined) {
            this.skip();
        }
        assert.equal(built.status, 0, built.stderr);
    });

    after(() => {
        fs.rmSync(folder, { recursive: true });
    });

    return (runs, questions, compare) => {
        for (let done = 0; done < runs; done += batch) {
            const asked = questions(Math.min(runs - done, batch));
            const input = asked.map((question) => `${JSON.stringify(question)}\n`).join("");
            const { stdout, stderr, status } = spawnSync(binary, { input, encoding: "utf8", maxBuffer: 1 << 30 });
            assert.equal(status, 0, stderr);
            const answers = stdout.trimEnd().split("\n");
            assert.equal(answers.length, asked.length);
            asked.forEach((question, index) => {
                compare(question, JSON.parse(answers[index] ?? ""));
            });
        }
    };
}
