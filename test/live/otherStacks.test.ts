import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { namespaceOfSuite } from "./namespace";
import { failure, policyPack, withProject } from "./project";

const run = promisify(execFile);

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

    it("runs from its npm package, installed in an empty folder", async () => {
        const folder = await mkdtemp(join(tmpdir(), "sidecars-package-"));
        try {
            // Its scripts would build what is built, while other tests use it.
            await run("npm", ["pack", "--ignore-scripts", "--pack-destination", folder], { cwd: policyPack });
            const [tarball = ""] = await readdir(folder);
            await run("npm", ["install", "--no-audit", "--no-fund", join(folder, tarball)], { cwd: folder });
            await withProject(namespace, { folders: stacks["a TypeScript program"] }, async (project) => {
                const installed = join(folder, "node_modules", "sidecars-policy");
                const output = await failure(project.preview({ policyPacks: [installed] }));
                assert.match(output, /container `main`: no memory limit/);
            });
        } finally {
            await rm(folder, { recursive: true });
        }
    });
});
