import assert from "node:assert/strict";
import { once } from "node:events";
import { removeStaleLocks } from "../../cluster/stackLocks";
import { namespaceOfSuite } from "./namespace";
import { type Project, projectOfSuite } from "./project";

describe("an up that is killed", () => {
    const namespace = namespaceOfSuite();
    const project = projectOfSuite(namespace, { config: { readiness: { graceSeconds: 1 } } });
    const webserver = namespace.webserver();

    /** Kills an up at the moment in which its pod is there and not yet waited for. */
    async function killed(current: Project, uid?: string): Promise<void> {
        const up = current.spawn("up", "--yes", "--skip-preview");
        const ended = once(up, "exit");
        const pod = await webserver.awaitPod(
            ({ metadata }) => metadata?.uid !== uid && metadata?.deletionTimestamp === undefined,
            60,
        );
        assert.notEqual(pod, undefined, "no pod came");
        process.kill(-(up.pid ?? Number.NaN), "SIGKILL");
        const [, signal] = (await ended) as [number | null, string | null];
        assert.equal(signal, "SIGKILL", "it had ended before it was killed");
    }

    async function converges(current: Project): Promise<void> {
        // What `make up` does.
        await removeStaleLocks(current.backend);
        await current.up({ refresh: true });
        const { status } = await webserver.read();
        assert.deepEqual(
            status?.containerStatuses?.map(({ ready }) => ready),
            [true, true],
        );
        assert.deepEqual(await namespace.pods(), ["webserver"]);
        assert.deepEqual((await current.up({ refresh: true })).changes, []);
    }

    it("leaves a stack that the next make up brings to its end, after a first creation", async () => {
        await killed(project.current);
        await converges(project.current);
    });

    it("leaves a stack that the next make up brings to its end, after a replacement", async () => {
        await project.current.up();
        const { metadata } = await webserver.read();
        await project.current.configure({ nginx: { image: "nginx:1.25" } });
        await killed(project.current, metadata?.uid);
        await converges(project.current);
        assert.equal((await webserver.read()).spec?.containers[0]?.image, "nginx:1.25");
    });
});
