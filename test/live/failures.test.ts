import assert from "node:assert/strict";
import { namespaceOfSuite } from "./namespace";
import { assertNoStackTrace, failure, type ProjectOptions, withProject } from "./project";

describe("an up whose pod does not come up", () => {
    const namespace = namespaceOfSuite();
    afterEach(() => namespace.core.deleteCollectionNamespacedPod({ namespace: namespace.name, gracePeriodSeconds: 0 }));

    async function fails(options: ProjectOptions): Promise<string> {
        return withProject(namespace, options, async (project) => {
            const output = await failure(project.up());
            assertNoStackTrace(output);
            // What is plain at once is told at once, not after the time that a pod may take.
            assert.doesNotMatch(output, /was not ready within|timed out/);
            return output;
        });
    }

    const command = ["sh", "-c", "echo the last words; exit 3"];

    for (const native of [false, true]) {
        it(`tells why: a ${native ? "native" : "classic"} sidecar that crashes, with its last lines`, async () => {
            const output = await fails({ config: { reader: { command, native } } });
            assert.match(output, /sidecar-container/);
            assert.match(output, /exit code 3/);
            assert.match(output, /the last words/);
        });
    }

    it("tells why: a sidecar that crashes, of a Deployment", async () => {
        const output = await fails({ config: { workload: "Deployment", reader: { command } } });
        assert.match(output, /sidecar-container/);
        assert.match(output, /the last words/);
    });

    it("tells why: a sidecar that crashes, in a program of the user's own", async () => {
        const output = await fails({ program: "programs/pod.ts", config: { variation: { command } } });
        assert.match(output, /sidecar-container/);
        assert.match(output, /the last words/);
    });

    it("tells why: a classic sidecar that ends without an error", async () => {
        const output = await fails({ config: { reader: { command: ["sh", "-c", "echo done already"] } } });
        assert.match(output, /sidecar-container/);
        assert.match(output, /done already/);
    });

    it("tells why: a sidecar whose command is not there", async () => {
        const output = await fails({ config: { reader: { command: ["no-such-command"] } } });
        assert.match(output, /sidecar-container/);
        assert.match(output, /no-such-command/);
    });

    it("tells why: an image that does not exist", async () => {
        const output = await fails({ config: { nginx: { image: "registry.invalid/no/such-image:1" } } });
        assert.match(output, /nginx-container/);
        assert.match(output, /ErrImagePull|ImagePullBackOff/);
        assert.match(output, /registry\.invalid\/no\/such-image:1/);
    });

    it("fails again in the next up, until it is mended", async () => {
        await withProject(namespace, { config: { reader: { command } } }, async (project) => {
            await failure(project.up());
            assert.match(await failure(project.up()), /the last words/);
            await project.configure({ reader: undefined });
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
