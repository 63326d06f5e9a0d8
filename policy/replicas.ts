import { type PodTemplate, notKnown, read } from "./podTemplate";

/** How many pods of a template run at the same time: a number, one on each node, or not known, also where that may be written elsewhere. */
export type Replicas = number | "eachNode" | typeof notKnown;

/** The pods that a resource makes of a template. A Job has no more at a time than it has to complete; a PodTemplate makes none by itself. */
export function replicasOf(pod: PodTemplate): Replicas {
    if (pod.kind === "DaemonSet") {
        return "eachNode";
    }
    if (pod.kind === "PodTemplate") {
        return 0;
    }
    const isJob = pod.kind === "Job" || pod.kind === "CronJob";
    const count = read(pod.owner, isJob ? "parallelism" : "replicas");
    if (count === notKnown || (count === undefined && pod.partial && pod.owner !== undefined)) {
        return notKnown;
    }
    const replicas = isCount(count) ? count : 1;
    const completions = isJob ? read(pod.owner, "completions") : undefined;
    return isCount(completions) ? Math.min(replicas, completions) : replicas;
}

function isCount(value: unknown): value is number {
    return Number.isSafeInteger(value) && (value as number) >= 0;
}
