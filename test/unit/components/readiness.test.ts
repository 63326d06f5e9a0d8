import assert from "node:assert/strict";

import { ApiError, type ClusterReader } from "../../../components/clusterClient";
import { NotReadyError, settle, type Workload } from "../../../components/readiness";

const POD: Workload = { kind: "Pod", namespace: "default", name: "web" };
const DEPLOYMENT: Workload = { kind: "Deployment", namespace: "default", name: "web" };
const POD_PATH = "/api/v1/namespaces/default/pods/web";

/** A cluster whose answers are given by path; a list is gone through, and its last entry stays. */
function cluster(answers: Record<string, unknown>, asked: string[] = []): ClusterReader {
    const answer = (path: string): Promise<unknown> => {
        asked.push(path);
        const key = Object.keys(answers).find((candidate) => path.startsWith(candidate));
        let found = key === undefined ? undefined : answers[key];
        if (Array.isArray(found)) {
            found = found.length > 1 ? (found.shift() as unknown) : (found[0] as unknown);
        }
        return found instanceof Error ? Promise.reject(found) : Promise.resolve(found);
    };
    return {
        get: <T>(path: string) => answer(path) as Promise<T | undefined>,
        text: (path) => answer(path) as Promise<string>,
    };
}

function pod(uid: string, state: Record<string, unknown> = up(60), more: Record<string, unknown> = {}): unknown {
    return {
        metadata: { uid, name: "web", namespace: "default" },
        spec: { containers: [{ name: "main" }] },
        status: {
            podIP: "10.0.0.1",
            containerStatuses: [{ name: "main", ready: true, restartCount: 1, state, lastState: {}, ...more }],
        },
    };
}

function up(seconds: number): Record<string, unknown> {
    return { running: { startedAt: new Date(Date.now() - seconds * 1000).toISOString() } };
}

const never = new Promise<string>(() => undefined);

describe("settle", () => {
    it("asks twice at most for a pod that has been up for long", async () => {
        const asked: string[] = [];
        const pods = await settle(POD, Promise.resolve("1"), cluster({ [POD_PATH]: pod("1") }, asked));
        assert.equal(pods[0]!.status.podIP, "10.0.0.1");
        assert.deepEqual(asked, [POD_PATH, POD_PATH]);
    });

    it("does not take the pod that is to be replaced for the new one", async () => {
        const crashing = pod("old", { waiting: { reason: "CrashLoopBackOff" } });
        let announce!: (uid: string) => void;
        const registered = new Promise<string>((resolve) => (announce = resolve));
        setTimeout(() => {
            announce("new");
        }, 100);
        const pods = await settle(POD, registered, cluster({ [POD_PATH]: [crashing, crashing, pod("new")] }));
        assert.equal(pods[0]!.metadata.uid, "new");
    });

    it("fails with the container, the reason and its last lines", async () => {
        const lastState = { terminated: { reason: "Error", exitCode: 3 } };
        const crashing = pod("1", { waiting: { reason: "CrashLoopBackOff" } }, { lastState });
        const reader = cluster({ [`${POD_PATH}/log?container=main&tailLines=10`]: "one\ntwo\n", [POD_PATH]: crashing });
        await assert.rejects(settle(POD, Promise.resolve("1"), reader), (error: Error) => {
            assert.ok(error instanceof NotReadyError);
            assert.equal(
                error.message,
                'the pod default/web did not come up: the container "main" does not stay up: CrashLoopBackOff, Error, exit code 3, 1 restart. Its last lines:\n    one\n    two',
            );
            return true;
        });
    });

    it("takes the termination message where there is no log", async () => {
        const lastState = { terminated: { reason: "Error", exitCode: 3, message: "bad config\n" } };
        const crashing = pod("1", { waiting: { reason: "CrashLoopBackOff" } }, { lastState });
        const reader = cluster({ [`${POD_PATH}/log`]: new Error("gone"), [POD_PATH]: crashing });
        await assert.rejects(settle(POD, Promise.resolve("1"), reader), /Its last lines:\n {4}bad config$/);
    });

    it("fails on a new pod before the engine has registered it", async () => {
        const broken = pod("new", { waiting: { reason: "InvalidImageName" } });
        const kept = setTimeout(() => undefined, 10_000);
        await assert.rejects(settle(POD, never, cluster({ [POD_PATH]: [undefined, broken] })), /InvalidImageName/);
        clearTimeout(kept);
    });

    it("gives up on the pod from before, when the update goes on waiting for it", async () => {
        const pending = pod("1", { waiting: { reason: "ContainerCreating" } });
        const kept = setTimeout(() => undefined, 10_000);
        const settling = settle(POD, never, cluster({ [POD_PATH]: pending }), { timeoutSeconds: 0.1 });
        await assert.rejects(
            settling,
            /was not ready within 0.1 s: the container "main" is not running: ContainerCreating$/,
        );
        clearTimeout(kept);
    });

    it("gives up after the timeout, with the pod's last warnings", async () => {
        const waiting = pod("1", { waiting: { reason: "ContainerCreating" } });
        const event = { reason: "FailedMount", message: 'configmap "x" not found' };
        const events = { items: [event, event] };
        const reader = cluster({ "/api/v1/namespaces/default/events": events, [POD_PATH]: waiting });
        await assert.rejects(settle(POD, Promise.resolve("1"), reader, { timeoutSeconds: 0.1 }), (error: Error) => {
            assert.equal(
                error.message,
                'the pod default/web was not ready within 0.1 s: the container "main" is not running: ContainerCreating\n  Its last warnings:\n    FailedMount: configmap "x" not found',
            );
            return true;
        });
    });

    it("gives up after the timeout when the cluster is silent or the pod is gone", async () => {
        const silent = cluster({ [POD_PATH]: new Error("no answer") });
        const settling = settle(POD, Promise.resolve("1"), silent, { timeoutSeconds: 0.1 });
        await assert.rejects(settling, /was not ready within 0.1 s: the cluster cannot be asked: no answer$/);
        await assert.rejects(
            settle(POD, Promise.resolve("1"), cluster({}), { timeoutSeconds: 0.1 }),
            /was not ready within 0.1 s: it is not there$/,
        );
    });

    it("survives a request that fails", async () => {
        const reader = cluster({ [POD_PATH]: [pod("1"), new Error("reset"), pod("1")] });
        assert.equal((await settle(POD, Promise.resolve("1"), reader)).length, 1);
    });

    it("fails at once when it may not look", async () => {
        const reader = cluster({ [POD_PATH]: new ApiError(403, "forbidden") });
        await assert.rejects(
            settle(POD, Promise.resolve("1"), reader),
            /the pod default\/web cannot be watched: forbidden$/,
        );
    });

    describe("with a Deployment", () => {
        const apps = "/apis/apps/v1/namespaces/default";
        const labels = { matchLabels: { app: "web" } };
        const revision = (number: string) => ({ "deployment.kubernetes.io/revision": number });

        function deployed(pods: unknown[], replicas = 1): Record<string, unknown> {
            const set = (name: string, owner: string, number: string) => ({
                metadata: { name, ownerReferences: [{ uid: owner }], annotations: revision(number) },
                spec: { selector: { matchLabels: { app: "web", "pod-template-hash": name } } },
            });
            return {
                [`${apps}/deployments/web`]: {
                    metadata: { uid: "d", generation: 2, annotations: revision("2") },
                    spec: { replicas, selector: labels },
                    status: { observedGeneration: 2 },
                },
                [`${apps}/replicasets?labelSelector=app%3Dweb`]: {
                    items: [set("old", "d", "1"), set("foreign", "x", "2"), set("new", "d", "2")],
                },
                "/api/v1/namespaces/default/pods?labelSelector=app%3Dweb%2Cpod-template-hash%3Dnew": { items: pods },
            };
        }

        it("waits for all pods of the newest ReplicaSet", async () => {
            const pods = await settle(DEPLOYMENT, Promise.resolve("d"), cluster(deployed([pod("1"), pod("2")], 2)));
            assert.equal(pods.length, 2);
        });

        it("fails when the first of them fails, naming the pod", async () => {
            const broken = pod("1", { waiting: { reason: "ImagePullBackOff", message: "not found" } });
            await assert.rejects(
                settle(DEPLOYMENT, Promise.resolve("d"), cluster(deployed([broken], 3))),
                /^NotReadyError: the deployment default\/web \(pod web\) did not come up: .* ImagePullBackOff: not found$/,
            );
        });

        it("is content with no pods where none are asked for", async () => {
            assert.deepEqual(await settle(DEPLOYMENT, Promise.resolve("d"), cluster(deployed([], 0))), []);
        });
    });
});
