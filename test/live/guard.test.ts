import assert from "node:assert/strict";
import { closedPort, FakeServer, kubeconfig } from "./fakeServer";
import { namespaceOfSuite } from "./namespace";
import { assertOneError, failure, type Project, type Run, withProject } from "./project";

const preview = (project: Project): Promise<Run> => project.preview();
const up = (project: Project): Promise<Run> => project.up();

describe("the guard of the cluster", () => {
    // Not a test of the cluster itself, but where a guard that fails must not leave anything behind.
    const namespace = namespaceOfSuite();

    /** What the user is told, which is one error. */
    async function refuses(
        config: string,
        command: (project: Project) => Promise<Run>,
        settings: Record<string, unknown> = {},
    ): Promise<string> {
        return withProject(namespace, { kubeconfig: config, config: settings }, async (project) => {
            const output = await failure(command(project));
            assertOneError(output);
            return output;
        });
    }

    for (const [name, command] of Object.entries({ preview, up })) {
        it(`refuses a context whose name is not local in ${name}, and sends nothing to its server`, async () => {
            const server = await new FakeServer("closes").start();
            try {
                const output = await refuses(kubeconfig("prod", `https://127.0.0.1:${server.port}`), command);
                assert.match(output, /"prod" is not a local cluster/);
                assert.match(output, /pulumi config set sidecars:allowContext prod/);
                assert.equal(server.connections, 0);
            } finally {
                await server.stop();
            }
        });

        it(`tells in ${name} that a cluster accepts the connection and never answers`, async () => {
            const server = await new FakeServer("silent").start();
            try {
                const output = await refuses(kubeconfig("kind-silent", `https://127.0.0.1:${server.port}`), command);
                assert.match(output, /"kind-silent" does not answer/);
                assert.match(output, /no answer within \d+ s/);
                assert.equal(server.connections > 0, true);
            } finally {
                await server.stop();
            }
        });
    }

    it("refuses a context whose address is not local, and sends nothing to it", async () => {
        // Whoever obeys the kubeconfig has to go through its proxy, where each request would be seen.
        const proxy = await new FakeServer("closes").start();
        try {
            const output = await refuses(
                kubeconfig("kind-prod", "https://api.prod.example:6443", `http://127.0.0.1:${proxy.port}`),
                preview,
            );
            assert.match(output, /"kind-prod" is not a local cluster/);
            assert.match(output, /api\.prod\.example/);
            assert.equal(proxy.connections, 0);
        } finally {
            await proxy.stop();
        }
    });

    it("tells that a cluster refuses the connection", async () => {
        const output = await refuses(kubeconfig("kind-stopped", `https://127.0.0.1:${await closedPort()}`), preview);
        assert.match(output, /"kind-stopped" does not answer/);
        assert.match(output, /refused/);
    });

    it("tells that a context is not in the kubeconfig", async () => {
        const output = await refuses(kubeconfig("kind-other", "https://127.0.0.1:6443"), preview, {
            context: "kind-absent",
        });
        assert.match(output, /there is no context "kind-absent"/);
    });

    it("lets a context through that is allowed by its exact name", async () => {
        const server = await new FakeServer("closes").start();
        try {
            const config = kubeconfig("prod", `https://127.0.0.1:${server.port}`);
            const output = await refuses(config, preview, { allowContext: "prod" });
            assert.match(output, /"prod" does not answer/);
            assert.equal(server.connections > 0, true);
        } finally {
            await server.stop();
        }
    });
});
