import { strict as assert } from "node:assert";
import { eventually } from "./eventually";
import { kubectl, pod, podSpec, Scratch, service } from "./kubectl";

const scratch = new Scratch();
const status = "curl --silent --show-error --max-time 5 --output /dev/null --write-out '%{http_code}'";

describe("a cluster of several nodes", () => {
    let workers: string[] = [];
    before(async function () {
        const listed = await kubectl(
            "get",
            "nodes",
            "--selector",
            "!node-role.kubernetes.io/control-plane",
            "--output",
            "name",
        );
        workers = listed
            .split("\n")
            .filter(Boolean)
            .map((name) => name.replace("node/", ""));
        if (workers.length < 2) {
            this.skip();
        }
        await scratch.create();
        await scratch.apply(
            pod("here", podSpec(undefined, { pod: { nodeName: workers[0] } })),
            pod("there", podSpec("sleep infinity", { pod: { nodeName: workers[1] } })),
            service("here", "here"),
        );
        await scratch.kubectl("wait", "--for=condition=Ready", "pod/here", "pod/there", "--timeout=90s");
    });
    after(async () => {
        if (workers.length >= 2) {
            await kubectl("uncordon", workers[0]!);
            await scratch.delete();
        }
    });

    it("lets a pod reach a pod on another node, under its own address", async () => {
        const address = (name: string): Promise<string> =>
            scratch.kubectl("get", `pod/${name}`, "--output", "jsonpath={.status.podIP}");
        assert.equal(await scratch.shell("there", `${status} http://${await address("here")}/?across`), "200");
        const log = await scratch.shell("here", "grep '?across' /var/log/nginx/access.log");
        assert.equal(log.split(" ")[0], await address("there"));
    });
    it("lets a pod reach a Service on another node by its name", async () => {
        await eventually(async () => {
            assert.equal(await scratch.shell("there", `${status} http://here`), "200");
        }, 10);
    });
    it("runs a DaemonSet's pod on each worker", async () => {
        await scratch.apply({
            apiVersion: "apps/v1",
            kind: "DaemonSet",
            metadata: { name: "each" },
            spec: {
                selector: { matchLabels: { app: "each" } },
                template: { metadata: { labels: { app: "each" } }, spec: podSpec("sleep infinity") },
            },
        });
        await scratch.kubectl("rollout", "status", "daemonset/each", "--timeout=90s");
        const nodes = await scratch.kubectl(
            "get",
            "pods",
            "--selector",
            "app=each",
            "--output",
            "jsonpath={.items[*].spec.nodeName}",
        );
        assert.deepEqual(nodes.split(" ").sort(), [...workers].sort());
    });
    it("moves a Deployment's pods off a worker that is drained", async () => {
        await scratch.apply({
            apiVersion: "apps/v1",
            kind: "Deployment",
            metadata: { name: "moved" },
            spec: {
                replicas: 2,
                selector: { matchLabels: { app: "moved" } },
                template: { metadata: { labels: { app: "moved" } }, spec: podSpec("sleep infinity") },
            },
        });
        await scratch.kubectl("rollout", "status", "deployment/moved", "--timeout=90s");
        await kubectl("drain", workers[0]!, "--pod-selector", "app=moved", "--force", "--timeout=90s");
        await scratch.kubectl("rollout", "status", "deployment/moved", "--timeout=90s");
        await eventually(async () => {
            const nodes = await scratch.kubectl(
                "get",
                "pods",
                "--selector",
                "app=moved",
                "--output",
                "jsonpath={.items[*].spec.nodeName}",
            );
            assert.deepEqual(nodes.split(" "), [workers[1], workers[1]]);
        }, 30);
    });
});
