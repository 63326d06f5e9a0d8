import { strict as assert } from "node:assert";
import { eventually } from "./eventually";
import { kubectl, pod, podSpec, Scratch, service } from "./kubectl";

const scratch = new Scratch();
const status = (url: string): string =>
    `curl --silent --show-error --max-time 5 --output /dev/null --write-out '%{http_code}' ${url}`;

describe("the cluster's network", () => {
    before(async () => {
        await scratch.create();
        await scratch.apply(
            pod("webserver", podSpec()),
            pod("client", podSpec("sleep infinity")),
            service("webserver", "webserver"),
            service("outside", "webserver", { type: "NodePort" }),
            service("headless", "webserver", { clusterIP: "None" }),
        );
        await scratch.kubectl("wait", "--for=condition=Ready", "pod/webserver", "pod/client", "--timeout=90s");
    });
    after(() => scratch.delete());

    const field = (resource: string, path: string): Promise<string> =>
        scratch.kubectl("get", resource, "--output", `jsonpath={${path}}`);
    const answers = async (url: string, from = "client"): Promise<void> => {
        await eventually(async () => {
            assert.equal(await scratch.shell(from, status(url)), "200");
        }, 10);
    };

    it("resolves a Service's full name", () => answers(`http://webserver.${scratch.namespace}.svc.cluster.local`));
    it("resolves a Service's short name", () => answers("http://webserver"));
    it("reaches a ClusterIP", async () => answers(`http://${await field("service/webserver", ".spec.clusterIP")}`));
    it("reaches a pod through its own Service", () => answers("http://webserver", "webserver"));
    it("resolves a headless Service to the pod's address", async () => {
        const address = await field("pod/webserver", ".status.podIP");
        assert.equal((await scratch.shell("client", "getent hosts headless")).split(/\s+/)[0], address);
    });
    it("reaches a NodePort on every node", async () => {
        const port = await field("service/outside", ".spec.ports[0].nodePort");
        const internal = `{.items[*].status.addresses[?(@.type=="InternalIP")].address}`;
        for (const node of (await kubectl("get", "nodes", "--output", `jsonpath=${internal}`)).split(" ")) {
            await answers(`http://${node}:${port}`);
        }
    });
    it("shows a pod the address of the pod that calls it", async () => {
        await answers(`http://${await field("pod/webserver", ".status.podIP")}/?who`);
        const log = await scratch.shell("webserver", "grep '?who' /var/log/nginx/access.log | tail -n 1");
        assert.equal(log.split(" ")[0], await field("pod/client", ".status.podIP"));
    });
});
