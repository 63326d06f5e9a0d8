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

    it("puts right what it is to remediate, in the preview and on the live pod, and once", async () => {
        const secret = "not for anybody's eyes";
        const config = { variation: { withoutLimits: true, secretEnv: { PASSWORD: secret } } };
        await withProject(namespace, { program: "programs/pod.ts", config }, async (project) => {
            const remediated = { "memory-limit": "remediate", "cpu-limit": "remediate" };
            const policyPackConfigs = [await project.file("policy.json", JSON.stringify(remediated))];
            const preview = await project.preview({ ...held, policyPackConfigs });
            assert.match(preview.output, /\[remediate\] +memory-limit/);
            await project.up({ ...held, policyPackConfigs });
            const pod = await namespace.core.readNamespacedPod({ name: "webserver", namespace: namespace.name });
            const main = pod.spec?.containers.find(({ name }) => name === "nginx-container");
            assert.deepEqual(main?.resources?.limits, { cpu: "250m", memory: "128Mi" });
            assert.equal(main?.env?.[0]?.value, secret);
            assert.ok(!(await project.keptState()).includes(secret), "the secret is in the state in the clear");
            assert.deepEqual((await project.preview({ ...held, policyPackConfigs })).changes, []);
        });
    });

    for (const [what, wrong, told] of [
        [
            "a rule that there is not",
            { "memory-limits": "advisory" },
            /no rule "memory-limits"\. The rules are: memory-limit, /,
        ],
        [
            "an option that a rule has not",
            { requests: { enforcementLevel: "advisory", resource: [] } },
            /"requests" has no option "resource"\. Its options are: /,
        ],
        ["a group, which the engine knows none of", { "best-practice": "disabled" }, /sidecars-policy config FILE/],
    ] as const) {
        it(`refuses a config with ${what}`, async () => {
            await withProject(namespace, {}, async (project) => {
                const policyPackConfigs = [await project.file("policy.json", JSON.stringify(wrong))];
                assert.match(await failure(project.preview({ ...held, policyPackConfigs })), told);
            });
        });
    }
});
