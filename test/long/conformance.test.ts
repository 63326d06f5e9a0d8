import Table from "cli-table3";
import { strict as assert } from "node:assert";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { conformanceImages } from "../../cluster/conformance";
import { logDirectory } from "../../cluster/directories";
import { currentLocalContext } from "../../cluster/kubeconfig";
import { tool } from "../../cluster/tools";
import { kubectl } from "../live/kubectl";
import {
    contradictions,
    missingImage,
    readGroups,
    type Result,
    type Results,
    runConformance,
} from "./conformanceSuite";

/** How many tests run at a time. They wait most of their time. */
const processes = Number(process.env.CONFORMANCE_PROCESSES ?? 4);

const groups = readGroups(join(__dirname, "conformance.txt"));

/** What is counted of a group. */
const outcomes = ["passed", "no image", "does not apply", "failed"] as const;
type Counts = Record<(typeof outcomes)[number], number>;

function noCounts(): Counts {
    return { passed: 0, "no image": 0, "does not apply": 0, failed: 0 };
}

/** Keeps all that a failed test wrote. Returns the file. */
async function keepLog({ name, output = "" }: Result): Promise<string> {
    const file = join(logDirectory, "conformance", `${name.replace(/[^A-Za-z0-9]+/g, "-").slice(-120)}.log`);
    await mkdir(join(logDirectory, "conformance"), { recursive: true });
    await writeFile(file, output);
    return file;
}

describe("the Kubernetes project's own tests of a cluster", () => {
    const counts = new Map<string, Counts>();
    const leftOut: string[] = [];
    let work: string | undefined;
    let results: Results;
    let images: string[];

    before(async () => {
        if ((await currentLocalContext()) === undefined) {
            throw new Error("the current context is no local cluster that answers: `make cluster` sets one up");
        }
        const binary = await tool("conformance");
        // Elsewhere are those that a test cannot pull on purpose.
        images = (await conformanceImages(binary)).filter((image) => image.startsWith("registry.k8s.io/"));
        work = await mkdtemp(join(tmpdir(), "conformance-"));
        // Of this context alone, whatever becomes the current one meanwhile.
        const kubeconfig = join(work, "kubeconfig");
        await writeFile(kubeconfig, await kubectl("config", "view", "--raw", "--minify", "--flatten"), { mode: 0o600 });
        const names = groups.flatMap(({ tests }) => tests);
        results = runConformance(binary, kubeconfig, names, processes);
    });

    for (const { title, tests } of groups) {
        describe(title, () => {
            const count = noCounts();
            counts.set(title, count);
            for (const name of tests) {
                it(name, async function () {
                    const result = await results.of(name);
                    if (result.state === "passed") {
                        count.passed++;
                        return;
                    }
                    const image = missingImage(result, images);
                    if (image !== undefined) {
                        count["no image"]++;
                        leftOut.push(`${name}: the image ${image} cannot be had`);
                        this.skip();
                    }
                    if (result.state === "skipped") {
                        count["does not apply"]++;
                        leftOut.push(`${name}: ${result.message}`);
                        this.skip();
                    }
                    count.failed++;
                    const log = await keepLog(result);
                    assert.fail(`${result.state}: ${result.message}\n${result.location}\nAll that it wrote: ${log}`);
                });
            }
        });
    }

    it("were run, and not only told of", async () => {
        for (const end of await Promise.all(results.ends)) {
            assert.deepEqual(contradictions(end), [], end.output);
        }
    });

    after(async () => {
        const total = noCounts();
        const table = new Table({ head: ["tests of", ...outcomes], style: { head: [], border: [] } });
        for (const [title, count] of counts) {
            table.push([title, ...outcomes.map((outcome) => count[outcome])]);
            for (const outcome of outcomes) {
                total[outcome] += count[outcome];
            }
        }
        table.push(["all", ...outcomes.map((outcome) => total[outcome])]);
        console.log([table.toString(), ...leftOut.map((line) => `left out: ${line}`)].join("\n"));
        if (work !== undefined) {
            await rm(work, { recursive: true });
        }
    });
});
