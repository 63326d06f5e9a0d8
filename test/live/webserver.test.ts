import assert from "node:assert/strict";
import { differences, manifest } from "./manifest";
import { namespaceOfSuite } from "./namespace";
import { projectOfSuite } from "./project";

describe("the webserver without any configuration", () => {
    const namespace = namespaceOfSuite();
    const project = projectOfSuite(namespace);
    const webserver = namespace.webserver();
    let uid: string | undefined;

    before(async () => {
        await project.current.up();
        uid = (await webserver.read()).metadata?.uid;
    });

    it("equals the documents' manifest in all that it states but the reader's command", async () => {
        const [server, reader] = manifest.spec.containers;
        const { command: _loop, ...statedReader } = reader ?? {};
        const stated = { ...manifest, spec: { ...manifest.spec, containers: [server, statedReader] } };
        assert.deepEqual(differences(stated, await webserver.read()), []);
    });

    it("is ready when up ends, without a restart", async () => {
        const statuses = (await webserver.read()).status?.containerStatuses ?? [];
        assert.deepEqual(
            statuses.map(({ name, ready, restartCount }) => [name, ready, restartCount]),
            [
                ["nginx-container", true, 0],
                ["sidecar-container", true, 0],
            ],
        );
    });

    it("limits what its containers and its volume may take, and what they may do", async () => {
        const { spec } = await webserver.read();
        assert.equal(spec?.automountServiceAccountToken, false);
        assert.ok(spec.volumes?.find(({ name }) => name === "shared-logs")?.emptyDir?.sizeLimit);
        for (const { name, resources, securityContext, terminationMessagePolicy } of spec.containers) {
            for (const resource of ["cpu", "memory"]) {
                assert.ok(resources?.requests?.[resource], `${name} has no request of ${resource}`);
                assert.ok(resources.limits?.[resource], `${name} has no limit of ${resource}`);
            }
            assert.equal(securityContext?.allowPrivilegeEscalation, false, name);
            assert.deepEqual(securityContext.capabilities?.drop, ["ALL"], name);
            assert.equal(terminationMessagePolicy, "FallbackToLogsOnError", name);
            assert.equal(
                (securityContext.seccompProfile ?? spec.securityContext?.seccompProfile)?.type,
                "RuntimeDefault",
                name,
            );
        }
    });

    it("cannot be written to by its log reader", async () => {
        for (const path of ["/var/log/nginx/written", "/written"]) {
            const { code, output } = await webserver.exec("sidecar-container", ["touch", path]);
            assert.notEqual(code, 0);
            assert.match(output, /Read-only file system|Permission denied/);
        }
    });

    it("stays as it is in an unchanged up, and no drift is found", async () => {
        assert.deepEqual((await project.current.up()).changes, []);
        assert.deepEqual((await project.current.refresh()).changes, []);
        assert.equal((await webserver.read()).metadata?.uid, uid);
    });

    it("is gone after destroy, each container by its own doing within the grace period", async () => {
        const ended = webserver.awaitPod(
            ({ status }) => status?.containerStatuses?.every(({ state }) => state?.terminated) === true,
            120,
        );
        await project.current.destroy();
        assert.deepEqual(await namespace.pods(), []);
        // 137 would be the kubelet's: it kills what does not end.
        assert.deepEqual(
            (await ended)?.status?.containerStatuses?.map(({ name, state }) => [name, state?.terminated?.exitCode]),
            [
                ["nginx-container", 0],
                ["sidecar-container", 0],
            ],
        );
    });
});
