import { namePattern } from "../namePattern";
import type { Rule } from "../rule";

/** Options of `job-sidecar-ends`. */
export interface JobSidecarEndsOptions {
    /** Names of containers that end by themselves. */
    readonly ending: readonly string[];
}

/** A Job's pod has one container, or sidecars that end with it. */
export const jobSidecarEnds: Rule<JobSidecarEndsOptions> = {
    name: "job-sidecar-ends",
    why: "A Job is complete when all of its pod's containers have ended, and a sidecar that follows a log or serves metrics never does. A native sidecar is ended by Kubernetes when the work is done.",
    level: "advisory",
    options: {
        ending: {
            type: "array",
            items: { type: "string", minLength: 1 },
            description: "Containers beside the first that end by themselves, by name; `*` stands for any characters.",
            default: [],
        },
    },
    check(pod, options, report) {
        if (pod.kind !== "Job" && pod.kind !== "CronJob") {
            return;
        }
        const ends = namePattern(options.ending);
        const beside = pod.containers.filter(({ kind }) => kind === "container").slice(1);
        for (const container of beside) {
            if (!container.nameKnown && options.ending.length > 0) {
                report.notChecked(`${container.path}.name`);
            } else if (pod.partial) {
                report.notChecked(container.path);
            } else if (container.name === undefined || !ends(container.name)) {
                report.violation(
                    container.path,
                    `${container.label}: the job is not complete before it ends too. Make it a native sidecar (in initContainers, with restartPolicy: Always), or name it in this rule's \`ending\`.`,
                );
            }
        }
    },
};
