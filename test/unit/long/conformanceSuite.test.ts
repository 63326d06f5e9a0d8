import * as assert from "node:assert/strict";
import { join } from "node:path";
import { contradictions, type End, missingImage, readGroups, type Result } from "../../long/conformanceSuite";

const passed = (name: string): Result => ({ name, state: "passed" });
const failed = (name: string): Result => ({ name, state: "failed" });

function end(code: number | null, ran: number | undefined, ...results: Result[]): End {
    return { code, ran, results, output: "" };
}

describe("conformanceSuite", () => {
    it("believes a process that ran what it told of", () => {
        assert.deepEqual(contradictions(end(0, 2, passed("a"), passed("b"))), []);
        assert.deepEqual(contradictions(end(1, 2, passed("a"), failed("b"))), []);
    });

    it("counts no test that skipped itself as one that must have been run", () => {
        assert.deepEqual(contradictions(end(0, 1, passed("a"), { name: "b", state: "skipped" })), []);
    });

    for (const [what, ending] of [
        ["that told of tests and ran none", end(1, 0, passed("a"))],
        ["that did not come to its end", end(null, undefined, passed("a"))],
        ["that failed although no test did", end(1, 1, passed("a"))],
        ["that succeeded although a test failed", end(0, 1, failed("a"))],
        ["that told of a test twice", end(0, 1, passed("a"), passed("a"))],
        ["that ran more than it told of", end(0, 2, passed("a"))],
    ] as const) {
        it(`does not believe a process ${what}`, () => {
            assert.notDeepEqual(contradictions(ending), []);
        });
    }

    it("finds the image for want of which a test failed", () => {
        const output = 'Event: {kubelet } Failed: Failed to pull image "registry.k8s.io/a:1": not found';
        assert.equal(missingImage({ ...failed("a"), output }, ["registry.k8s.io/a:1"]), "registry.k8s.io/a:1");
    });

    it("takes no failure for the want of an image that the tests do not name", () => {
        const output = 'Failed to pull image "invalid.registry.k8s.io/a:1": not found';
        assert.equal(missingImage({ ...failed("a"), output }, ["registry.k8s.io/a:1"]), undefined);
    });

    it("lists each conformance test once, in a group", () => {
        const groups = readGroups(join(__dirname, "..", "..", "long", "conformance.txt"));
        const names = groups.flatMap(({ tests }) => tests);
        assert.ok(groups.every(({ tests }) => tests.length > 0));
        assert.equal(new Set(names).size, names.length);
        assert.ok(names.every((name) => name.startsWith("[sig-")));
    });
});
