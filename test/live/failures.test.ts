import assert from "node:assert/strict";
import { namespaceOfSuite } from "./namespace";
import { failure, withProject } from "./project";

const program = "programs/pod.ts";

/** Seconds in which a failure that is plain at once must be told: far below the two minutes that a pod may take. */
const promptly = 45;

describe("an up whose pod does not come up", () => {
    const namespace = namespaceOfSuite();
    afterEach(() => namespace.core.deleteCollectionNamespacedPod({ namespace: namespace.name, gracePeriodSeconds: 0 }));

    async function fails(variation: Record<string, unknown>): Promise<string> {
        return withProject(namespace, { program, config: { variation } }, async (project) => {
            const { output, took } = await failure(project.up());
            assert.ok(took < promptly, `it took ${took.toFixed(1)} s`);
            assert.doesNotMatch(output, /\n\s+at .*\(.*:\d+:\d+\)/, "there is a stack trace");
            return output;
        });
    }

    const crash = ["sh", "-c", "echo the last words; exit 3"];

    for (const native of [false, true]) {
        it(`tells why: a ${native ? "native" : "classic"} sidecar that crashes, with its last lines`, async () => {
            const output = await fails({ command: crash, native });
            assert.match(output, /sidecar-container/);
            assert.match(output, /CrashLoopBackOff|exit(ed)?( with)?( code)? 3/i);
            assert.match(output, /the last words/);
        });
    }

    it("tells why: a classic sidecar that ends without an error", async () => {
        const output = await fails({ command: ["sh", "-c", "echo done already"] });
        assert.match(output, /sidecar-container/);
        assert.match(output, /done already/);
    });

    it("tells why: a sidecar whose command is not there", async () => {
        const output = await fails({ command: ["no-such-command"] });
        assert.match(output, /sidecar-container/);
        assert.match(output, /no-such-command/);
    });

    it("tells why: an image that does not exist", async () => {
        const output = await fails({ sidecarImage: "registry.invalid/no/such-image:1" });
        assert.match(output, /sidecar-container/);
        assert.match(output, /ErrImagePull|ImagePullBackOff/);
        assert.match(output, /registry\.invalid\/no\/such-image:1/);
    });

    it("is mended by the next up", async () => {
        await withProject(namespace, { program, config: { variation: { command: crash } } }, async (project) => {
            await failure(project.up());
            await project.configure({ variation: {} });
            await project.up();
            const { status } = await namespace.webserver().read();
            assert.deepEqual(
                status?.containerStatuses?.map(({ ready }) => ready),
                [true, true],
            );
            assert.deepEqual((await project.up()).changes, []);
        });
    });
});
