import { setTimeout as sleep } from "node:timers/promises";

import type { types } from "@pulumi/kubernetes";

import { ApiError, type ClusterReader } from "./clusterClient";
import { type LivePod, PodHealth, type Verdict } from "./podHealth";

type Deployment = types.output.apps.v1.Deployment;
type ReplicaSet = types.output.apps.v1.ReplicaSet;
interface List<T> {
    readonly items: T[];
}

export interface ReadinessArgs {
    /**
     * Seconds in which every container must be up, ready and past the grace.
     *
     * @default 120
     */
    timeoutSeconds?: number;
    /**
     * Seconds for which a container must have been up to count as one that stays up.
     *
     * @default 5
     */
    graceSeconds?: number;
}

/** The workload to wait for. */
export interface Workload {
    readonly kind: "Pod" | "Deployment";
    readonly namespace: string;
    readonly name: string;
}

export const DEFAULT_TIMEOUT_SECONDS = 120;
const DEFAULT_GRACE_SECONDS = 5;
const POLL_MS = 500;
const LOG_LINES = 10;

/** A workload that did not come up. The message is for the user. */
export class NotReadyError extends Error {
    override readonly name = "NotReadyError";
}

/**
 * Waits until every container of a workload's pods is ready and stays up.
 *
 * It begins before the workload is registered, because the provider, too, waits for a new pod's address, and would
 * end a failing update without a reason. A pod that was there before is left alone until the registration has shown
 * that it is still the same.
 *
 * @param registered the workload's uid once the engine has registered it; never, if that fails.
 * @returns the pods.
 * @throws NotReadyError when a container crashes repeatedly, cannot be started, or the time is up.
 */
export async function settle(
    workload: Workload,
    registered: Promise<string>,
    reader: ClusterReader,
    args: ReadinessArgs = {},
): Promise<LivePod[]> {
    const timeoutSeconds = args.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS;
    const health = new PodHealth((args.graceSeconds ?? DEFAULT_GRACE_SECONDS) * 1000);
    let uid: string | undefined;
    const announced = registered.then((known) => {
        uid = known;
    });
    const before = await uidNow(workload, reader);

    let deadlineMs: number | undefined;
    let why = "it is not there";
    for (;;) {
        const nowMs = Date.now();
        let seen: Seen | undefined;
        try {
            seen = await see(workload, reader, uid, before);
        } catch (error) {
            // One request that fails is no reason to fail the update: the deadline is.
            why = `the cluster cannot be asked: ${error instanceof Error ? error.message : String(error)}`;
            if (error instanceof ApiError && (error.status === 401 || error.status === 403)) {
                throw new NotReadyError(`${label(workload)} cannot be watched: ${error.message}`);
            }
        }
        const judged = worst((seen?.pods ?? []).map((pod) => ({ pod, verdict: health.judge(pod, nowMs) })));
        if (seen?.certain) {
            if (judged?.verdict.kind === "failed") {
                throw new NotReadyError(await failureMessage(workload, judged.pod, judged.verdict, reader));
            }
            if (judged?.verdict.kind !== "pending" && seen.complete && uid !== undefined) {
                return seen.pods;
            }
        }
        if (seen !== undefined) {
            why =
                judged === undefined || judged.verdict.kind === "steady" ? "not all is there yet" : judged.verdict.why;
        }
        // The pod from before is going to be replaced, perhaps. If it stays and is not well, the update waits for it.
        const staysUnwell = judged?.verdict.kind !== "steady" && !judged?.pod.metadata.deletionTimestamp;
        if (uid !== undefined || seen?.certain || (seen !== undefined && staysUnwell)) {
            deadlineMs ??= nowMs + timeoutSeconds * 1000;
        } else {
            deadlineMs = undefined;
        }
        if (deadlineMs !== undefined && nowMs >= deadlineMs) {
            const events = seen?.pods[0] === undefined ? "" : await eventLines(seen.pods[0], reader);
            throw new NotReadyError(`${label(workload)} was not ready within ${timeoutSeconds} s: ${why}${events}`);
        }
        // A registration that fails is never announced. So until then nothing here keeps the program from ending.
        await (uid === undefined
            ? Promise.race([sleep(POLL_MS, undefined, { ref: false }), announced])
            : sleep(POLL_MS));
    }
}

async function uidNow(workload: Workload, reader: ClusterReader): Promise<string | undefined> {
    if (workload.kind === "Deployment") {
        return undefined;
    }
    const pod = await reader.get<LivePod>(podPath(workload)).catch(() => undefined);
    return pod?.metadata.uid;
}

/** Pods to judge. */
interface Seen {
    readonly pods: LivePod[];
    /** Whether these are all that there will be. */
    readonly complete: boolean;
    /** Whether they belong to this update, and are not the pod from before. */
    readonly certain: boolean;
}

async function see(
    workload: Workload,
    reader: ClusterReader,
    uid: string | undefined,
    before: string | undefined,
): Promise<Seen | undefined> {
    if (workload.kind === "Deployment") {
        return uid === undefined ? undefined : seeNewest(workload, reader);
    }
    const pod = await reader.get<LivePod>(podPath(workload));
    if (pod === undefined || (uid !== undefined && pod.metadata.uid !== uid)) {
        return undefined;
    }
    return { pods: [pod], complete: true, certain: uid !== undefined || pod.metadata.uid !== before };
}

/** The pods of a Deployment's newest ReplicaSet. */
async function seeNewest({ namespace, name }: Workload, reader: ClusterReader): Promise<Seen | undefined> {
    const apps = `/apis/apps/v1/namespaces/${namespace}`;
    const deployment = await reader.get<Deployment>(`${apps}/deployments/${name}`);
    const observed = deployment?.status?.observedGeneration ?? 0;
    if (deployment === undefined || observed < (deployment.metadata.generation ?? 0)) {
        return undefined;
    }
    const selector = query(deployment.spec.selector.matchLabels);
    const sets = await reader.get<List<ReplicaSet>>(`${apps}/replicasets?labelSelector=${selector}`);
    const revision = (object: Deployment | ReplicaSet) =>
        object.metadata.annotations?.["deployment.kubernetes.io/revision"];
    const newest = sets?.items.find(
        (set) =>
            revision(set) === revision(deployment) &&
            set.metadata.ownerReferences?.some((owner) => owner.uid === deployment.metadata.uid),
    );
    if (newest === undefined) {
        return undefined;
    }
    const own = query(newest.spec.selector.matchLabels);
    const list = await reader.get<List<LivePod>>(`/api/v1/namespaces/${namespace}/pods?labelSelector=${own}`);
    const pods = list?.items.filter((pod) => !pod.metadata.deletionTimestamp) ?? [];
    // A rollout goes on in steps: the first pods may fail long before the last ones are made.
    return { pods, complete: pods.length >= (deployment.spec.replicas ?? 1), certain: true };
}

function query(labels: Record<string, string>): string {
    return encodeURIComponent(
        Object.entries(labels)
            .map(([key, value]) => `${key}=${value}`)
            .join(","),
    );
}

function podPath({ namespace, name }: { namespace: string; name: string }): string {
    return `/api/v1/namespaces/${namespace}/pods/${name}`;
}

interface Judged {
    readonly pod: LivePod;
    readonly verdict: Verdict;
}

function worst(judged: Judged[]): Judged | undefined {
    const find = (kind: Verdict["kind"]) => judged.find(({ verdict }) => verdict.kind === kind);
    return find("failed") ?? find("pending") ?? judged[0];
}

function label({ kind, namespace, name }: Workload): string {
    return `the ${kind === "Pod" ? "pod" : "deployment"} ${namespace}/${name}`;
}

async function failureMessage(
    workload: Workload,
    pod: LivePod,
    verdict: Verdict & { kind: "failed" },
    reader: ClusterReader,
): Promise<string> {
    const which = workload.kind === "Pod" ? "" : ` (pod ${pod.metadata.name})`;
    const message = `${label(workload)}${which} did not come up: ${verdict.why}`;
    if (verdict.container === undefined) {
        return message;
    }
    const lines = await lastLines(pod, verdict.container, reader);
    return lines.length === 0
        ? `${message}. It printed nothing.`
        : `${message}. Its last lines:\n${lines.map((line) => `    ${line}`).join("\n")}`;
}

async function lastLines(
    pod: LivePod,
    { name, previous }: { name: string; previous: boolean },
    reader: ClusterReader,
): Promise<string[]> {
    const path = `${podPath(pod.metadata)}/log?container=${name}&tailLines=${LOG_LINES}`;
    const log = await reader.text(previous ? `${path}&previous=true` : path).catch(() => undefined);
    const statuses = [...(pod.status.containerStatuses ?? []), ...(pod.status.initContainerStatuses ?? [])];
    const status = statuses.find((candidate) => candidate.name === name);
    const text = log || (status?.state.terminated ?? status?.lastState.terminated)?.message || "";
    return text.split("\n").filter((line) => line.trim() !== "");
}

async function eventLines(pod: LivePod, reader: ClusterReader): Promise<string> {
    const { namespace, uid } = pod.metadata;
    const selector = encodeURIComponent(`involvedObject.uid=${uid},type=Warning`);
    const events = await reader
        .get<List<types.output.core.v1.Event>>(`/api/v1/namespaces/${namespace}/events?fieldSelector=${selector}`)
        .catch(() => undefined);
    const lines = new Set((events?.items ?? []).map(({ reason, message }) => `    ${reason}: ${message}`));
    return lines.size === 0 ? "" : `\n  Its last warnings:\n${[...lines].slice(-3).join("\n")}`;
}
