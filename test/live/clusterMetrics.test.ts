import { strict as assert } from "node:assert";
import { eventually } from "./eventually";
import { kubectl, pod, podSpec, Scratch } from "./kubectl";

const scratch = new Scratch();
const busy = podSpec("while :; do :; done");

describe("the cluster's metrics", () => {
    before(async () => {
        await scratch.create();
        await scratch.apply(
            pod("busy", busy),
            {
                apiVersion: "apps/v1",
                kind: "Deployment",
                metadata: { name: "scaled" },
                spec: {
                    selector: { matchLabels: { app: "scaled" } },
                    template: { metadata: { labels: { app: "scaled" } }, spec: busy },
                },
            },
            {
                apiVersion: "autoscaling/v2",
                kind: "HorizontalPodAutoscaler",
                metadata: { name: "scaled" },
                spec: {
                    scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "scaled" },
                    maxReplicas: 2,
                    metrics: [
                        {
                            type: "Resource",
                            resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 50 } },
                        },
                    ],
                },
            },
        );
    });
    after(() => scratch.delete());

    it("tell what each container of a pod uses", async () => {
        const table = await eventually(() => scratch.kubectl("top", "pod", "busy", "--containers", "--no-headers"), 60);
        assert.match(table, /^busy +main +\d+m +\d+Mi/);
    });
    it("tell what every node uses", async () => {
        const nodes = (await kubectl("get", "nodes", "--output", "name")).split("\n").length;
        await eventually(async () => {
            const lines = (await kubectl("top", "node", "--no-headers")).split("\n");
            assert.equal(lines.filter((line) => / \d+m +\d+% +\d+Mi +\d+%/.test(line)).length, nodes);
        }, 60);
    });
    it("let a HorizontalPodAutoscaler add a pod", async () => {
        await scratch.kubectl("wait", "--for=jsonpath={.status.replicas}=2", "deployment/scaled", "--timeout=150s");
    });
});
