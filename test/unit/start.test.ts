import * as assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const checkout = join(__dirname, "..", "..");

/** Runs a script as the language host runs the program, and returns what it printed. */
function run(script: string, env: NodeJS.ProcessEnv = {}): string {
    const { stdout, stderr, status } = spawnSync(process.execPath, ["--require", "./start.cjs", "--eval", script], {
        cwd: checkout,
        env: { ...process.env, ...env },
        encoding: "utf8",
    });
    assert.equal(status, 0, stderr);
    return stdout.trim();
}

describe("start.cjs", function () {
    this.timeout(60_000);

    it("lets Node load the components' TypeScript", () => {
        assert.equal(run(`console.log(typeof require("./components").SidecarPod)`), "function");
    });

    it("loads neither the TypeScript compiler nor npm's resolver with the components", () => {
        const waiting = `Object.entries(require.cache).filter(([file, { exports }]) => /typescript-shim|arborist\\/lib\\//.test(file) && require("util").types.isProxy(exports))`;
        assert.equal(run(`require("./components"); console.log(${waiting}.length)`), "2");
    });

    it("leaves a program that serializes a function all that it needs", () => {
        const text = `require("@pulumi/pulumi").runtime.serializeFunction(() => 42).then(({ text }) => console.log(text))`;
        assert.match(run(text), /return 42|=> 42/);
    });

    it("takes a dynamic import of an ES module", () => {
        const imported = `require("./components/clusterClient").clusterClient("none").catch(({ message }) => console.log(message))`;
        const folder = mkdtempSync(join(tmpdir(), "start-"));
        const KUBECONFIG = join(folder, "config");
        writeFileSync(KUBECONFIG, "apiVersion: v1\nkind: Config\nclusters: []\ncontexts: []\nusers: []\n");
        try {
            assert.match(run(imported, { KUBECONFIG }), /the context "none" has no cluster/);
        } finally {
            rmSync(folder, { recursive: true });
        }
    });
});
