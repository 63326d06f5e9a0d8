import { strict as assert } from "node:assert";
import { kubectl, pod, podSpec, Scratch } from "./kubectl";

const scratch = new Scratch();
const onVolume = (command: string): object =>
    podSpec(command, {
        container: { volumeMounts: [{ name: "data", mountPath: "/data" }] },
        pod: { volumes: [{ name: "data", persistentVolumeClaim: { claimName: "data" } }] },
    });

describe("the cluster's default storage class", () => {
    before(async () => {
        await scratch.create();
        await scratch.apply({
            apiVersion: "v1",
            kind: "PersistentVolumeClaim",
            metadata: { name: "data" },
            spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "16Mi" } } },
        });
    });
    after(() => scratch.delete());

    it("binds the claim of a pod", async () => {
        await scratch.apply(pod("writer", onVolume("echo kept > /data/file; sleep infinity")));
        await scratch.kubectl("wait", "--for=condition=Ready", "pod/writer", "--timeout=90s");
        assert.equal(await scratch.kubectl("get", "pvc/data", "--output", "jsonpath={.status.phase}"), "Bound");
    });
    it("keeps the data when the pod is gone", async () => {
        await scratch.kubectl("delete", "pod/writer");
        await scratch.apply(pod("reader", onVolume("sleep infinity")));
        await scratch.kubectl("wait", "--for=condition=Ready", "pod/reader", "--timeout=90s");
        assert.equal(await scratch.shell("reader", "cat /data/file"), "kept");
    });
    it("takes the volume back with its claim", async () => {
        const volume = await scratch.kubectl("get", "pvc/data", "--output", "jsonpath={.spec.volumeName}");
        await scratch.kubectl("delete", "pod/reader", "pvc/data");
        await kubectl("wait", "--for=delete", `pv/${volume}`, "--timeout=90s");
    });
});
