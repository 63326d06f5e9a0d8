import assert from "node:assert/strict";
import type { V1Pod } from "@kubernetes/client-node";
import { verification } from "../../cluster/verification";
import { type ContainerManifest, manifest, type PodManifest } from "./manifest";
import { namespaceOfSuite } from "./namespace";

const facts = {
    ready: "all containers run and are ready",
    containers: "the pod has the containers nginx-container and sidecar-container",
    volume: "the volume shared-logs is an emptyDir",
    mounts: "both containers mount it at /var/log/nginx",
    inside: "curl localhost in nginx-container gives 200",
    outside: "a request from outside to port 80 gives 200",
    files: "both containers see the same files",
    logged: "the log of sidecar-container shows those requests",
    restarts: "no container was restarted",
};

describe("make verify", () => {
    const namespace = namespaceOfSuite();
    const webserver = namespace.webserver();

    afterEach(() =>
        namespace.core.deleteNamespacedPod({ name: "webserver", namespace: namespace.name, gracePeriodSeconds: 0 }),
    );

    async function run(spec: PodManifest["spec"]): Promise<void> {
        const containers = spec.containers.map((container) => ({ ...container, imagePullPolicy: "IfNotPresent" }));
        const body = { ...manifest, spec: { ...spec, containers } } as unknown as V1Pod;
        await namespace.core.createNamespacedPod({ namespace: namespace.name, body });
    }

    async function broken(readyWithin = 20): Promise<string[]> {
        const findings = await verification(webserver, undefined, { readyWithin, loggedWithin: 3, localPort: 0 });
        assert.deepEqual(
            findings.map(({ fact }) => fact),
            Object.values(facts),
        );
        return findings.filter(({ holds }) => !holds).map(({ fact }) => fact);
    }

    const documented = manifest.spec;
    const [server, reader] = documented.containers as [ContainerManifest, ContainerManifest];
    // The documents' loop, but for a look each second.
    const quick = { ...reader, command: reader.command?.map((word) => word.replace("sleep 30", "sleep 1")) };

    it("finds that all holds for the documents' pod", async () => {
        await run({ ...documented, containers: [server, quick] });
        assert.deepEqual(await broken(), []);
    });

    it("finds that the reader has a volume of its own", async () => {
        const own = { name: "own", mountPath: "/var/log/nginx" };
        const volumes = [...documented.volumes, { name: "own", emptyDir: {} }];
        await run({ ...documented, volumes, containers: [server, { ...quick, volumeMounts: [own] }] });
        assert.deepEqual(await broken(), [facts.mounts, facts.files, facts.logged]);
    });

    it("finds that the reader is silent", async () => {
        await run({ ...documented, containers: [server, { ...reader, command: ["sleep", "600"] }] });
        assert.deepEqual(await broken(), [facts.logged]);
    });

    it("finds that the server answers with an error, inside and outside", async () => {
        const script = "rm /usr/share/nginx/html/index.html; exec nginx -g 'daemon off;'";
        await run({ ...documented, containers: [{ ...server, command: ["sh", "-c", script] }, quick] });
        assert.deepEqual(await broken(), [facts.inside, facts.outside]);
    });

    it("finds that the volume is of another type", async () => {
        const volumes = [
            { name: "shared-logs", hostPath: { path: `/tmp/${namespace.name}`, type: "DirectoryOrCreate" } },
        ];
        await run({ ...documented, volumes, containers: [server, quick] });
        assert.deepEqual(await broken(), [facts.volume]);
    });

    it("finds that a container has restarted", async () => {
        await run({ ...documented, containers: [server, { ...reader, command: ["sh", "-c", "exit 1"] }] });
        await webserver.awaitPod(
            ({ status }) => status?.containerStatuses?.some(({ restartCount }) => restartCount > 0) === true,
            30,
        );
        // For a moment after each restart the pod is ready, and its files can be seen.
        assert.ok((await broken(1)).includes(facts.restarts));
    });

    it("finds that a container never becomes ready", async () => {
        const readinessProbe = { exec: { command: ["false"] }, periodSeconds: 1 };
        await run({ ...documented, containers: [server, { ...quick, readinessProbe }] });
        await webserver.awaitPod(({ status }) => status?.phase === "Running", 20);
        assert.deepEqual(await broken(3), [facts.ready]);
    });

    it("finds that a container is missing, with all that hangs on it", async () => {
        await run({ ...documented, containers: [server] });
        await webserver.awaitPod(({ status }) => status?.containerStatuses?.[0]?.ready === true, 20);
        assert.deepEqual(await broken(1), [facts.ready, facts.containers, facts.mounts, facts.files, facts.logged]);
    });
});
