import { strict as assert } from "node:assert";
import Table from "cli-table3";
import { join } from "node:path";
import { conformanceImages } from "../../cluster/conformance";
import { tool } from "../../cluster/tools";
import { missingImage, readGroups, type Results, runConformance } from "./conformanceSuite";

/** How many tests run at a time. They wait most of the time. */
const processes = Number(process.env.CONFORMANCE_PROCESSES ?? 4);

const groups = readGroups(join(__dirname, "conformance.txt"));

/** What is counted of a group. */
interface Count {
    passed: number;
    skipped: number;
    failed: number;
}

describe("the Kubernetes project's own tests of a cluster", () => {
    const counts = new Map<string, Count>();
    const wants: [test: string, image: string][] = [];
    let results: Results;
    let images: string[];

    before(async () => {
        const binary = await tool("conformance");
        // No pod runs these: they belong to tests of what cannot be pulled.
        images = (await conformanceImages(binary)).filter((image) => image.startsWith("registry.k8s.io/"));
        results = runConformance(
            binary,
            groups.flatMap(({ tests }) => tests),
            processes,
        );
    });

    for (const { title, tests } of groups) {
        describe(title, () => {
            const count: Count = { passed: 0, skipped: 0, failed: 0 };
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
                        count.skipped++;
                        wants.push([name, image]);
                        this.skip();
                    }
                    count.failed++;
                    assert.fail(
                        [`${result.state}: ${result.message}`, result.location, result.output].filter(Boolean).join("\n"),
                    );
                });
            }
        });
    }

    after(() => {
        const table = new Table({ head: ["tests of", "passed", "no image", "failed"], style: { head: [], border: [] } });
        const total: Count = { passed: 0, skipped: 0, failed: 0 };
        for (const [title, { passed, skipped, failed }] of counts) {
            table.push([title, passed, skipped, failed]);
            total.passed += passed;
            total.skipped += skipped;
            total.failed += failed;
        }
        table.push(["all", total.passed, total.skipped, total.failed]);
        console.log(table.toString());
        for (const [name, image] of wants) {
            console.log(`skipped for want of the image ${image}: ${name}`);
        }
    });
});
