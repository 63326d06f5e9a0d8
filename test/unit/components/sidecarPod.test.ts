import assert from "node:assert/strict";

import * as pulumi from "@pulumi/pulumi";

import { emptyDir, logReader, persistentVolumeClaim, SidecarPod, type SidecarPodArgs } from "../../../components";
import { mistakesOf } from "./inputErrors";
import { find, mockEngine, type Registered, valueOf } from "./mocks";

const logs = emptyDir("shared-logs", { sizeLimit: "64Mi" });
const plain: SidecarPodArgs = {
    containers: [{ name: "main", image: "nginx:latest", mounts: [logs.at("/logs")] }],
    sidecars: [logReader({ name: "reader", logs: logs.readOnlyAt("/logs"), files: ["access.log"] })],
};

describe("SidecarPod", () => {
    let registered: Registered[];

    async function deploy(args: Partial<SidecarPodArgs> = {}, preview = false): Promise<SidecarPod> {
        registered = await mockEngine({}, preview);
        const made = new SidecarPod("web", { ...plain, ...args });
        await valueOf(made.images);
        for (const child of [made.pod, made.deployment, made.service, ...made.claims]) {
            await (child && valueOf(child.urn));
        }
        return made;
    }

    it("runs the example of its own description", async () => {
        registered = await mockEngine();
        const volume = emptyDir("shared-logs", { sizeLimit: "64Mi" });
        const made = new SidecarPod("webserver", {
            metadata: { name: "webserver", labels: { app: "nginx" } },
            containers: [{ name: "nginx-container", image: "nginx:latest", mounts: [volume.at("/var/log/nginx")] }],
            sidecars: [
                logReader({
                    name: "sidecar-container",
                    image: "ubuntu:latest",
                    logs: volume.readOnlyAt("/var/log/nginx"),
                    files: ["access.log", "error.log"],
                }),
            ],
        });
        assert.equal(await valueOf(made.workloadName), "webserver");
        const { metadata, spec } = find(registered, "webserver-pod").inputs;
        assert.deepEqual(metadata.labels, { app: "nginx" });
        assert.deepEqual(
            spec.containers.map((container: { name: string }) => container.name),
            ["nginx-container", "sidecar-container"],
        );
    });

    for (const preview of [false, true]) {
        it(`names its children after itself ${preview ? "in a preview" : "in an update"}`, async () => {
            await deploy({ service: { port: 80 } }, preview);
            assert.deepEqual(
                registered.map(({ type, name }) => `${type} ${name}`),
                [
                    "sidecars:index:SidecarPod web",
                    "kubernetes:core/v1:Pod web-pod",
                    "kubernetes:core/v1:Service web-service",
                ],
            );
        });
    }

    it("leaves the waiting to the provider where it does not know the cluster", async () => {
        await deploy();
        assert.deepEqual(find(registered, "web-pod").inputs.metadata, {
            name: "web",
            namespace: "default",
            annotations: {},
        });
    });

    it("gives out names and images", async () => {
        const made = await deploy({ metadata: { name: "site", namespace: "shop" } });
        assert.equal(await valueOf(made.workloadName), "site");
        assert.equal(await valueOf(made.namespace), "shop");
        assert.deepEqual(await valueOf(made.images), { main: "nginx:latest", reader: "ubuntu:latest" });
    });

    it("counts native sidecars among the images, and init containers not", async () => {
        const sidecars = plain.sidecars!.map((sidecar) => ({ ...sidecar, native: true }));
        const made = await deploy({ sidecars, initContainers: [{ name: "setup", image: "busybox" }] });
        assert.deepEqual(await valueOf(made.images), { main: "nginx:latest", reader: "ubuntu:latest" });
    });

    it("makes a Deployment whose selector is no more than app", async () => {
        const labels = { app: "web", tier: "front" };
        const made = await deploy({ workload: "Deployment", replicas: 3, metadata: { labels } });
        assert.equal(made.pod, undefined);
        const { spec } = find(registered, "web-deployment").inputs;
        assert.equal(spec.replicas, 3);
        assert.deepEqual(spec.selector, { matchLabels: { app: "web" } });
        assert.deepEqual(spec.template.metadata.labels, labels);
        assert.equal(spec.template.spec.containers.length, 2);
    });

    it("labels the pods where something must select them", async () => {
        await deploy({ service: { port: 80, targetPort: "http", type: "NodePort" } });
        assert.deepEqual(find(registered, "web-pod").inputs.metadata.labels, { app: "web" });
        assert.deepEqual(find(registered, "web-service").inputs.spec, {
            type: "NodePort",
            selector: { app: "web" },
            ports: [{ port: 80, targetPort: "http" }],
        });
    });

    it("creates the claims that its volumes need", async () => {
        const data = persistentVolumeClaim("data", { storage: "1Gi" });
        const made = await deploy({
            containers: [{ name: "main", image: "nginx", mounts: [data.at("/data"), logs.at("/logs")] }],
        });
        assert.equal(made.claims.length, 1);
        assert.deepEqual(find(registered, "web-web-data").inputs.spec.resources, { requests: { storage: "1Gi" } });
    });

    it("transforms each child, by fields or by a function", async () => {
        const names: string[] = [];
        await deploy({
            service: { port: 80 },
            transforms: {
                pod: (args, _opts, name) => {
                    names.push(name);
                    args.metadata = { name: "other" };
                },
                service: { spec: { ports: [{ port: 8080 }] } },
            },
        });
        assert.deepEqual(names, ["web-pod"]);
        assert.deepEqual(find(registered, "web-pod").inputs.metadata, { name: "other" });
        assert.deepEqual(find(registered, "web-service").inputs.spec, { ports: [{ port: 8080 }] });
    });

    it("keeps a secret image secret", async () => {
        const image = pulumi.secret("nginx:private");
        const made = await deploy({ containers: [{ name: "main", image, mounts: [logs.at("/logs")] }] });
        assert.ok(await pulumi.isSecret(made.images));
        assert.equal((await valueOf(made.images)).main, "nginx:private");
    });

    const bad: [string, Partial<SidecarPodArgs>, string[]][] = [
        [
            "replicas with a bare Pod",
            { replicas: 2 },
            ['replicas: a bare Pod is always one: use workload "Deployment" for replicas'],
        ],
        [
            "replicas below 0",
            { workload: "Deployment", replicas: -1 },
            ["replicas: -1 is not a whole number of 0 or more"],
        ],
        [
            "half a replica",
            { workload: "Deployment", replicas: 0.5 },
            ["replicas: 0.5 is not a whole number of 0 or more"],
        ],
        ["an unknown workload", { workload: "Job" as "Pod" }, ['workload: "Job" is neither "Pod" nor "Deployment"']],
        [
            "an empty pod name",
            { metadata: { name: "" } },
            [
                `metadata.name: "" is not a DNS name: lower-case letters, digits, "-" and ".", with a letter or digit at both ends`,
            ],
        ],
        ["an empty namespace", { metadata: { namespace: "" } }, ["metadata.namespace: must not be empty"]],
        ["a port that is none", { service: { port: 0 } }, ["service.port: 0 is not a port, 1 to 65535"]],
        [
            "a target port that is none",
            { service: { port: 80, targetPort: 65536 } },
            ["service.targetPort: 65536 is not a port, 1 to 65535"],
        ],
        [
            "an unknown type of Service",
            { service: { port: 80, type: "Node" as "NodePort" } },
            ['service.type: "Node" is none of ClusterIP, NodePort, LoadBalancer'],
        ],
        [
            "a name that a Service cannot have",
            { metadata: { name: "1.web" }, service: { port: 80 } },
            ['metadata.name: "1.web" cannot be a Service\'s name: at most 63 characters, a letter first, no "."'],
        ],
        [
            "a Deployment without labels",
            { workload: "Deployment", metadata: { labels: {} } },
            ["metadata.labels: a Deployment or a Service needs a label that selects its pods"],
        ],
        [
            "a Deployment whose pods end",
            { workload: "Deployment", spec: { restartPolicy: "Never" } },
            ['spec.restartPolicy: must be "Always" in a Deployment'],
        ],
        [
            "no time to get ready",
            { readiness: { timeoutSeconds: 0 } },
            ["readiness.timeoutSeconds: 0 is not a number of seconds above 0"],
        ],
        [
            "a grace below 0",
            { readiness: { graceSeconds: -1 } },
            ["readiness.graceSeconds: -1 is not a number of seconds"],
        ],
    ];
    for (const [what, args, expected] of bad) {
        it(`refuses ${what} before anything is registered`, async () => {
            registered = await mockEngine();
            assert.deepEqual(
                mistakesOf(() => new SidecarPod("web", { ...plain, ...args })),
                expected,
            );
            assert.deepEqual(registered, []);
        });
    }
});
