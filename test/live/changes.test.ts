import assert from "node:assert/strict";
import type { V1Pod } from "@kubernetes/client-node";
import { namespaceOfSuite } from "./namespace";
import { projectOfSuite } from "./project";

const program = "programs/pod.ts";

describe("a pod that changes", () => {
    const namespace = namespaceOfSuite();
    const project = projectOfSuite(namespace, { program });
    const webserver = namespace.webserver();
    // Each test changes the pod in one way more, whichever of them are run.
    let variation: Record<string, unknown> = { graceSeconds: 1 };

    before(async () => {
        await project.current.configure({ variation });
        await project.current.up();
    });

    async function change(
        by: Record<string, unknown>,
    ): Promise<{ previewed: readonly string[]; before: V1Pod; after: V1Pod }> {
        const before = await webserver.read();
        variation = { ...variation, ...by };
        await project.current.configure({ variation });
        const { changes: previewed } = await project.current.preview();
        const { changes } = await project.current.up();
        assert.deepEqual(changes, previewed, "up does something else than its preview said");
        return { previewed, before, after: await webserver.read() };
    }

    it("keeps its life when a label changes", async () => {
        const { previewed, before, after } = await change({ labels: { tier: "web" } });
        assert.deepEqual(previewed, ["Pod update"]);
        assert.equal(after.metadata?.uid, before.metadata?.uid);
        assert.equal(after.metadata?.labels?.tier, "web");
    });

    const replacements: [string, Record<string, unknown>, (pod: V1Pod) => unknown, unknown][] = [
        [
            "the environment",
            { env: { GREETING: "hello" } },
            ({ spec }) => spec?.containers[0]?.env?.map(({ name, value }) => `${name}=${value ?? ""}`),
            ["GREETING=hello"],
        ],
        ["the image", { image: "nginx:1.25" }, ({ spec }) => spec?.containers[0]?.image, "nginx:1.25"],
        [
            "a startup probe that is added",
            { startupProbe: true },
            ({ spec }) => spec?.containers[0]?.startupProbe?.httpGet?.port,
            80,
        ],
        [
            "a container that is removed",
            { withoutSidecar: true },
            ({ spec }) => spec?.containers.map(({ name }) => name),
            ["nginx-container"],
        ],
    ];
    for (const [what, by, look, wanted] of replacements) {
        it(`is replaced in one up for ${what}, as the preview says`, async () => {
            const { previewed, before, after } = await change(by);
            assert.ok(
                previewed.some((step) => step === "Pod replace"),
                `the preview says: ${previewed.join(", ")}`,
            );
            assert.deepEqual(
                previewed.filter((step) => !step.startsWith("Pod ")),
                [],
            );
            assert.notEqual(after.metadata?.uid, before.metadata?.uid);
            assert.deepEqual(look(after), wanted);
            assert.ok(after.status?.containerStatuses?.every(({ ready }) => ready));
        });
    }
});
