import { DiscoveryV1Api } from "@kubernetes/client-node";
import assert from "node:assert/strict";
import { deployedIn } from "../../cluster/deployed";
import { type Finding, verification } from "../../cluster/verification";
import { differences, manifest } from "./manifest";
import { namespaceOfSuite } from "./namespace";
import { withProject } from "./project";
import { Requests } from "./requests";

describe("the webserver as its configuration wants it", () => {
    const namespace = namespaceOfSuite();

    // Whether its containers stay up is not in question here.
    const readiness = { graceSeconds: 1 };

    /** Deploys it, and returns what `make verify` finds wrong with it. */
    async function deployed(config: Record<string, unknown>): Promise<Finding[]> {
        return withProject(namespace, { config: { readiness, ...config } }, async (project) => {
            await project.up();
            assert.deepEqual((await project.preview()).changes, []);
            const findings = await verification(await deployedIn(await project.state()), undefined, {
                localPort: 0,
                loggedWithin: 5,
            });
            return findings.filter(({ holds }) => !holds);
        });
    }

    it("has a native sidecar", async () => {
        assert.deepEqual(await deployed({ name: "native", reader: { native: true } }), []);
        const { spec } = await namespace.webserver({ pod: "native" }).read();
        assert.deepEqual(
            spec?.containers.map(({ name }) => name),
            ["nginx-container"],
        );
        assert.deepEqual(
            spec.initContainers?.map(({ name, restartPolicy }) => [name, restartPolicy]),
            [["sidecar-container", "Always"]],
        );
    });

    it("is a Deployment with replicas, and a Service in front of them", async () => {
        const config = {
            name: "deployed",
            labels: { app: "deployed" },
            workload: "Deployment",
            replicas: 2,
            service: { port: 8080 },
        };
        assert.deepEqual(await deployed(config), []);
        assert.equal((await namespace.pods()).filter((name) => name.startsWith("deployed-")).length, 2);
        const { items } = await namespace.config.makeApiClient(DiscoveryV1Api).listNamespacedEndpointSlice({
            namespace: namespace.name,
            labelSelector: "kubernetes.io/service-name=deployed",
        });
        const endpoints = items.flatMap((slice) => slice.endpoints);
        assert.deepEqual(
            endpoints.map(({ conditions }) => conditions?.ready),
            [true, true],
        );
        const page = await namespace.core.connectGetNamespacedServiceProxy({
            namespace: namespace.name,
            name: "deployed:8080",
        });
        assert.match(page, /nginx/);
    });

    it("has names of the user's own, and snapshots of its log", async () => {
        const names = { pod: "site", server: "web", reader: "tail", volume: "web-logs" };
        const config = {
            name: names.pod,
            nginx: { name: names.server },
            reader: { name: names.reader, mode: "snapshot", intervalSeconds: 1 },
            logs: { name: names.volume },
        };
        assert.deepEqual(await deployed(config), []);
        const site = namespace.webserver(names);
        const requests = await Requests.to(site);
        try {
            const id = await requests.page();
            let seen = 0;
            const again = await site.awaitLine((line) => line.includes(id) && ++seen === 3, 20);
            assert.notEqual(again, undefined, `it came ${seen} times`);
        } finally {
            await requests.close();
        }
    });

    it("equals the documents' manifest in all that it states, with their command", async () => {
        const { command } = manifest.spec.containers[1] ?? {};
        await withProject(namespace, { config: { readiness, reader: { command } } }, (project) => project.up());
        assert.deepEqual(differences(manifest, await namespace.webserver().read()), []);
    });
});
