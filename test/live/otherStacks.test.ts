import assert from "node:assert/strict";
import { namespaceOfSuite } from "./namespace";
import { failure, policyPack, withProject } from "./project";

const held = { policyPacks: [policyPack] };

/** Stacks that know nothing of the components or the pack, by what declares their Deployment. */
const stacks = {
    "a TypeScript program": ["otherStacks/typescript"],
    "a ConfigFile": ["otherStacks/configFile", "otherStacks/manifests"],
    "a ConfigGroup": ["otherStacks/configGroup", "otherStacks/manifests"],
    "a Kustomize directory": ["otherStacks/kustomize", "otherStacks/manifests"],
    "a local Helm chart": ["otherStacks/chart"],
};

describe("the policy pack on other people's stacks", () => {
    const namespace = namespaceOfSuite();

    for (const [name, folders] of Object.entries(stacks)) {
        it(`finds what is wrong in the pod of ${name}, and keeps it from the cluster`, async () => {
            await withProject(namespace, { folders }, async (project) => {
                for (const command of [() => project.preview(held), () => project.up(held)]) {
                    const output = await failure(command());
                    assert.match(output, /\[mandatory\] +memory-limit/);
                    assert.match(output, /container `main`: no memory limit/);
                    assert.match(output, /\[mandatory\] +sidecar-shares-volume/);
                    assert.match(output, /container `reader`: as a sidecar it shares no volume/);
                }
                const { items } = await namespace.apps.listNamespacedDeployment({ namespace: namespace.name });
                assert.deepEqual(items, []);
            });
        });
    }
});
