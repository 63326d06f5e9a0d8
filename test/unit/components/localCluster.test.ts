import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import * as http from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { InvalidInputError, LocalCluster } from "../../../components";
import { find, mockEngine } from "./mocks";

describe("LocalCluster", () => {
    const before = process.env.KUBECONFIG;
    let directory: string;
    let server: http.Server;
    let port: number;
    let requests: number;

    beforeEach((done) => {
        directory = mkdtempSync(join(tmpdir(), "local-cluster-"));
        process.env.KUBECONFIG = join(directory, "config");
        requests = 0;
        server = http.createServer((_request, response) => {
            requests++;
            response.end("{}");
        });
        server.listen(0, "127.0.0.1", () => {
            port = (server.address() as AddressInfo).port;
            const contexts = ["kind-a", "prod"].map((name) => ({ name, context: { cluster: "c" } }));
            const cluster = { name: "c", cluster: { server: `http://127.0.0.1:${port}` } };
            const kubeconfig = { "current-context": "kind-a", contexts, clusters: [cluster] };
            writeFileSync(join(directory, "config"), JSON.stringify(kubeconfig));
            done();
        });
    });

    afterEach((done) => {
        if (before === undefined) {
            delete process.env.KUBECONFIG;
        } else {
            process.env.KUBECONFIG = before;
        }
        rmSync(directory, { recursive: true });
        server.close(() => {
            done();
        });
    });

    for (const preview of [false, true]) {
        it(`asks the current context's cluster, and makes a provider for it, ${preview ? "in a preview" : "in an update"}`, async () => {
            const registered = await mockEngine({}, preview);
            const cluster = await LocalCluster.connect("cluster");
            assert.equal(cluster.context, "kind-a");
            assert.equal(requests, 1);
            await new Promise((resolve) => cluster.provider.urn.apply(resolve));
            const { type, inputs } = find(registered, "cluster-provider");
            assert.equal(type, "pulumi:providers:kubernetes");
            assert.deepEqual(inputs, { context: "kind-a", enableServerSideApply: "false" });
            assert.equal(find(registered, "cluster").type, "sidecars:index:LocalCluster");
        });
    }

    it("refuses a context that is not local, without a request and before anything is registered", async () => {
        const registered = await mockEngine();
        await assert.rejects(LocalCluster.connect("cluster", { context: "prod" }), (error: Error) => {
            assert.ok(error instanceof InvalidInputError);
            assert.match(error.message, /^context: the context "prod" is not a local cluster: .*allowContext prod$/);
            return true;
        });
        assert.equal(requests, 0);
        assert.deepEqual(registered, []);
    });

    it("takes it when the stack's config allows it by name", async () => {
        await mockEngine({ "sidecars:allowContext": "prod" });
        assert.equal((await LocalCluster.connect("cluster", { context: "prod" })).context, "prod");
    });

    it("reports a context that is not in the kubeconfig", async () => {
        await mockEngine();
        await assert.rejects(LocalCluster.connect("cluster", { context: "kind-b" }), /there is no context "kind-b"/);
    });

    it("reports a cluster that does not answer, before anything is registered", async () => {
        const registered = await mockEngine();
        await new Promise((resolve) => server.close(resolve));
        await assert.rejects(
            LocalCluster.connect("cluster"),
            /^InvalidInputError: context: .* the connection was refused/,
        );
        assert.deepEqual(registered, []);
    });
});
