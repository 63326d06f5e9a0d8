import assert from "node:assert/strict";

import { Webserver, type WebserverArgs } from "../../../components";
import { mistakesOf } from "./inputErrors";
import { find, mockEngine, type Registered, valueOf } from "./mocks";

describe("Webserver", () => {
    let registered: Registered[];

    async function deploy(args: WebserverArgs = {}, preview = false): Promise<Webserver> {
        registered = await mockEngine({}, preview);
        const made = new Webserver("webserver", args);
        await valueOf(made.commands);
        return made;
    }

    for (const preview of [false, true]) {
        it(`is the documents' pod, in all that they state, ${preview ? "in a preview" : "in an update"}`, async () => {
            await deploy({}, preview);
            const { metadata, spec } = find(registered, "webserver-pod").inputs;
            assert.equal(metadata.name, "webserver");
            assert.deepEqual(metadata.labels, { app: "nginx" });
            assert.deepEqual(
                spec.containers.map(({ name, image }: { name: string; image: string }) => [name, image]),
                [
                    ["nginx-container", "nginx:latest"],
                    ["sidecar-container", "ubuntu:latest"],
                ],
            );
            for (const container of spec.containers) {
                assert.equal(container.volumeMounts.length, 1);
                assert.equal(container.volumeMounts[0].name, "shared-logs");
                assert.equal(container.volumeMounts[0].mountPath, "/var/log/nginx");
            }
            assert.equal(spec.volumes.length, 1);
            assert.equal(spec.volumes[0].name, "shared-logs");
            assert.ok(spec.volumes[0].emptyDir);
        });
    }

    it("has what the documents advise", async () => {
        await deploy();
        const { spec } = find(registered, "webserver-pod").inputs;
        assert.equal(spec.automountServiceAccountToken, false);
        assert.equal(spec.volumes[0].emptyDir.sizeLimit, "64Mi");
        for (const container of spec.containers) {
            for (const kind of ["requests", "limits"]) {
                assert.ok(
                    container.resources[kind].cpu && container.resources[kind].memory,
                    `${container.name} ${kind}`,
                );
            }
            assert.ok(container.readinessProbe && container.livenessProbe);
            assert.equal(container.imagePullPolicy, "IfNotPresent");
            assert.equal(container.terminationMessagePolicy, "FallbackToLogsOnError");
            assert.equal(container.securityContext.allowPrivilegeEscalation, false);
            assert.deepEqual(container.securityContext.capabilities.drop, ["ALL"]);
            assert.deepEqual(container.securityContext.seccompProfile, { type: "RuntimeDefault" });
        }
        const reader = spec.containers[1];
        assert.equal(reader.volumeMounts[0].readOnly, true);
        assert.equal(reader.securityContext.readOnlyRootFilesystem, true);
        assert.equal(reader.securityContext.runAsNonRoot, true);
        assert.equal(reader.securityContext.capabilities.add, undefined);
    });

    it("lets everything be set", async () => {
        const made = await deploy({
            name: "site",
            namespace: "shop",
            labels: { tier: "front" },
            nginx: { name: "web", image: "nginx:1.27", resources: { limits: { memory: "1Gi" } } },
            reader: { name: "tail", image: "busybox", native: true, mode: "snapshot", intervalSeconds: 7 },
            logs: { name: "shared", path: "/logs", sizeLimit: "1Gi", files: ["a.log"] },
            workload: "Deployment",
            replicas: 2,
            service: { type: "NodePort", port: 8080 },
        });
        const { metadata, spec } = find(registered, "webserver-deployment").inputs;
        assert.deepEqual([metadata.name, metadata.namespace], ["site", "shop"]);
        assert.deepEqual(metadata.labels, { app: "nginx", tier: "front" });
        assert.equal(spec.replicas, 2);
        const [web] = spec.template.spec.containers;
        assert.deepEqual([web.name, web.image, web.resources], ["web", "nginx:1.27", { limits: { memory: "1Gi" } }]);
        const [tail] = spec.template.spec.initContainers;
        assert.deepEqual([tail.name, tail.image, tail.restartPolicy], ["tail", "busybox", "Always"]);
        assert.match(tail.command[2], /cat \/logs\/a\.log/);
        assert.match(tail.command[2], /sleep 7/);
        assert.deepEqual(spec.template.spec.volumes, [{ name: "shared", emptyDir: { sizeLimit: "1Gi" } }]);
        assert.deepEqual(find(registered, "webserver-service").inputs.spec, {
            type: "NodePort",
            selector: { app: "nginx" },
            ports: [{ port: 8080, targetPort: "http" }],
        });
        assert.deepEqual(await valueOf(made.commands), {
            logs: "kubectl -n shop logs -f deployment/site -c tail",
            exec: "kubectl -n shop exec -it deployment/site -c web -- sh",
            portForward: "kubectl -n shop port-forward deployment/site 8080:80",
        });
    });

    it("gives out commands to paste", async () => {
        const made = await deploy();
        assert.deepEqual(await valueOf(made.commands), {
            logs: "kubectl -n default logs -f webserver -c sidecar-container",
            exec: "kubectl -n default exec -it webserver -c nginx-container -- sh",
            portForward: "kubectl -n default port-forward pod/webserver 8080:80",
        });
    });

    const bad: [WebserverArgs, string][] = [
        [{ name: "A" }, "name"],
        [{ namespace: "a.b" }, "namespace"],
        [{ nginx: { name: "" } }, "nginx.name"],
        [{ nginx: { image: "" } }, "nginx.image"],
        [{ nginx: { resources: { requests: { cpu: "-1" } } } }, "nginx.resources.requests.cpu"],
        [{ reader: { name: "nginx-container" } }, "reader.name"],
        [{ reader: { name: "" } }, "reader.name"],
        [{ reader: { image: "" } }, "reader.image"],
        [{ reader: { intervalSeconds: 0 } }, "reader.intervalSeconds"],
        [{ reader: { mode: "x" as "follow" } }, "reader.mode"],
        [{ reader: { resources: { requests: { cpu: "2" }, limits: { cpu: "1" } } } }, "reader.resources.requests.cpu"],
        [{ logs: { name: "" } }, "logs.name"],
        [{ logs: { path: "logs" } }, "logs.path"],
        [{ logs: { path: "" } }, "logs.path"],
        [{ logs: { files: ["../a"] } }, "logs.files[0]"],
        [{ logs: { sizeLimit: "64Mb" } }, "logs.sizeLimit"],
        [{ replicas: 2 }, "replicas"],
        [{ service: { port: 0 } }, "service.port"],
    ];
    for (const [args, path] of bad) {
        it(`reports ${JSON.stringify(args)} as its own ${path}, before anything is registered`, async () => {
            registered = await mockEngine();
            const mistakes = mistakesOf(() => new Webserver("webserver", args));
            assert.deepEqual(
                mistakes.map((mistake) => mistake.split(": ")[0]),
                [path],
            );
            assert.deepEqual(registered, []);
        });
    }
});
