import assert from "node:assert/strict";
import { namespaceOfSuite } from "./namespace";
import { failure, policyPack, withProject } from "./project";

const held = { policyPacks: [policyPack] };

describe("the policy pack", () => {
    const namespace = namespaceOfSuite();

    it("blocks an up that violates it, and nothing is created", async () => {
        const config = { variation: { withoutLimits: true } };
        await withProject(namespace, { program: "programs/pod.ts", config }, async (project) => {
            for (const command of [() => project.preview(held), () => project.up(held)]) {
                const output = await failure(command());
                assert.match(output, /nginx-container/);
                assert.match(output, /memory/);
                assert.match(output, /cpu/i);
            }
            assert.deepEqual(await namespace.pods(), []);
        });
    });

    it("lets the webserver through", async () => {
        await withProject(namespace, {}, async (project) => {
            const { output, changes } = await project.preview(held);
            assert.ok(changes.includes("Pod create"), changes.join(", "));
            assert.match(output, /sidecars@v/, "the pack did not run");
            assert.doesNotMatch(output, /\[mandatory\]/);
        });
    });
});
