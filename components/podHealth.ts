import type { types } from "@pulumi/kubernetes";

/** A pod as the API server has it. */
export type LivePod = types.output.core.v1.Pod;
type ContainerStatus = types.output.core.v1.ContainerStatus;

/** How a pod is doing. */
export type Verdict =
    | { readonly kind: "steady" }
    | { readonly kind: "pending"; readonly why: string }
    | {
          readonly kind: "failed";
          readonly why: string;
          /** The container whose log shows more, and whether it is its previous run's log. */
          readonly container?: { readonly name: string; readonly previous: boolean };
      };

/** Why a container cannot be started, for reasons that do not go away by waiting. */
const HOPELESS = new Set(["CrashLoopBackOff", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull"]);
/** Reasons that may go away with the next attempt, so they must last for the grace to count. */
const DOUBTFUL = new Set([
    "ErrImagePull",
    "RegistryUnavailable",
    "SignatureValidationFailed",
    "ImageInspectError",
    "CreateContainerConfigError",
    "CreateContainerError",
    "RunContainerError",
    "PostStartHookError",
]);

/** What was seen of a container before. */
interface Sighting {
    readonly firstRestarts: number;
    run: string;
    runSinceMs: number;
    reason?: string;
    reasonSinceMs: number;
}

/** Judges a pod each time it is seen, knowing what was seen before. */
export class PodHealth {
    private readonly sightings = new Map<string, Sighting>();

    /** @param graceMs for how long a container must have been up to count as one that stays up. */
    constructor(private readonly graceMs: number) {}

    /** @param nowMs the time, in milliseconds since the epoch. */
    judge(pod: LivePod, nowMs: number): Verdict {
        if (pod.metadata.deletionTimestamp) {
            return { kind: "pending", why: "the pod is being deleted" };
        }
        const native = new Set(
            pod.spec.initContainers?.filter((c) => c.restartPolicy === "Always").map((c) => c.name) ?? [],
        );
        const initStatuses = pod.status?.initContainerStatuses ?? [];
        const lasting = [...initStatuses.filter((s) => native.has(s.name)), ...(pod.status?.containerStatuses ?? [])];
        const finite = initStatuses.filter((status) => !native.has(status.name));
        const verdicts = [
            ...finite.map((status) => this.judgeInit(pod, status, nowMs)),
            ...lasting.map((status) => this.judgeLasting(pod, status, native.has(status.name), nowMs)),
        ];
        const failed = verdicts.find((verdict) => verdict.kind === "failed");
        if (failed !== undefined) {
            return failed;
        }
        if (pod.status?.phase === "Failed") {
            const why = [pod.status.reason, pod.status.message].filter(Boolean).join(": ");
            return { kind: "failed", why: `the pod failed${why === "" ? "" : `: ${why}`}` };
        }
        const expected = native.size + pod.spec.containers.length;
        if (lasting.length < expected) {
            return { kind: "pending", why: unscheduled(pod) ?? "its containers are not created yet" };
        }
        return verdicts.find((verdict) => verdict.kind === "pending") ?? { kind: "steady" };
    }

    private judgeInit(pod: LivePod, status: ContainerStatus, nowMs: number): Verdict {
        if (status.state.terminated?.exitCode === 0) {
            return { kind: "steady" };
        }
        return (
            this.failure(pod, status, nowMs, false) ?? {
                kind: "pending",
                why: `the init container "${status.name}" has not finished`,
            }
        );
    }

    private judgeLasting(pod: LivePod, status: ContainerStatus, native: boolean, nowMs: number): Verdict {
        const failure = this.failure(pod, status, nowMs, native);
        if (failure !== undefined) {
            return failure;
        }
        const { running, waiting, terminated } = status.state;
        const label = `the container "${status.name}"`;
        if (!running) {
            const why = waiting?.reason ?? terminated?.reason;
            return { kind: "pending", why: `${label} is not running${why === undefined ? "" : `: ${why}`}` };
        }
        if (!status.ready) {
            return { kind: "pending", why: `${label} is running but not ready` };
        }
        // The node's clock may differ from ours, so having watched it run that long counts as well.
        const { runSinceMs } = this.sighting(pod, status, nowMs);
        const up = Math.max(nowMs - Date.parse(running.startedAt), nowMs - runSinceMs);
        return up >= this.graceMs ? { kind: "steady" } : { kind: "pending", why: `${label} has just started` };
    }

    private failure(pod: LivePod, status: ContainerStatus, nowMs: number, native: boolean): Verdict | undefined {
        const seen = this.sighting(pod, status, nowMs);
        const { waiting, terminated } = status.state;
        const policy = native ? "Always" : (pod.spec.restartPolicy ?? "Always");
        const restarts = policy === "Always" || (policy === "OnFailure" && terminated?.exitCode !== 0);
        const name = `the container "${status.name}"`;
        if (waiting?.reason === "CrashLoopBackOff" || (terminated && !restarts)) {
            return {
                kind: "failed",
                why: `${name} does not stay up: ${ending(status)}`,
                container: { name: status.name, previous: false },
            };
        }
        // One restart may be a container that came before what it needs. Two are a habit.
        if (status.restartCount - seen.firstRestarts >= 2) {
            return {
                kind: "failed",
                why: `${name} does not stay up: ${ending(status)}`,
                container: { name: status.name, previous: !terminated },
            };
        }
        const reason = waiting?.reason;
        const lasts = nowMs - seen.reasonSinceMs >= this.graceMs;
        if (reason !== undefined && (HOPELESS.has(reason) || (DOUBTFUL.has(reason) && lasts))) {
            const message = waiting?.message === undefined ? "" : `: ${waiting.message}`;
            return { kind: "failed", why: `${name} cannot be started: ${reason}${message}` };
        }
        return undefined;
    }

    private sighting(pod: LivePod, status: ContainerStatus, nowMs: number): Sighting {
        const key = `${pod.metadata.uid}/${status.name}`;
        const run = `${status.containerID}/${status.state.running?.startedAt}/${status.ready}`;
        const reason = status.state.waiting?.reason;
        let seen = this.sightings.get(key);
        if (seen === undefined) {
            seen = { firstRestarts: status.restartCount, run, runSinceMs: nowMs, reason, reasonSinceMs: nowMs };
            this.sightings.set(key, seen);
        }
        if (seen.run !== run) {
            seen.run = run;
            seen.runSinceMs = nowMs;
        }
        if (seen.reason !== reason) {
            seen.reason = reason;
            seen.reasonSinceMs = nowMs;
        }
        return seen;
    }
}

function unscheduled(pod: LivePod): string | undefined {
    const scheduled = pod.status?.conditions?.find((condition) => condition.type === "PodScheduled");
    return scheduled?.status === "False" ? `no node takes the pod: ${scheduled.message}` : undefined;
}

function ending({ state, lastState, restartCount }: ContainerStatus): string {
    const end = state.terminated ?? lastState?.terminated;
    const restarts = `${restartCount} ${restartCount === 1 ? "restart" : "restarts"}`;
    const waiting = state.waiting?.reason === undefined ? [] : [state.waiting.reason];
    if (end === undefined) {
        return [...waiting, restarts].join(", ");
    }
    // StartError and ContainerCannotRun say in the message which command could not be run.
    const couldNotRun = end.reason === "StartError" || end.reason === "ContainerCannotRun";
    const reason = `${end.reason ?? "ended"}, exit code ${end.exitCode}`;
    return [...waiting, reason, restarts].join(", ") + (couldNotRun ? `: ${end.message}` : "");
}
