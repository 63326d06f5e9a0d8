import { notKnown, read } from "../podTemplate";
import { type IgnoreOption, type Rule, ignoreOption, isIgnored } from "../rule";

/** Options of `probes`. */
export interface ProbesOptions extends IgnoreOption {
    /** The probes that each container of a long-running pod must have. */
    readonly required: readonly string[];
}

/** Containers that run for long say when they are ready. */
export const probes: Rule<ProbesOptions> = {
    name: "probes",
    why: "Without a readiness probe a pod gets requests as soon as its process runs, and a rollout goes on although the new version does not answer. A job's pods serve nothing and need none.",
    level: "advisory",
    options: {
        ignore: ignoreOption,
        required: {
            type: "array",
            items: { type: "string", enum: ["readinessProbe", "livenessProbe", "startupProbe"] },
            description: "The probes that every container of a pod must have, unless it belongs to a job.",
            default: ["readinessProbe"],
        },
    },
    check(pod, options, report) {
        if (pod.kind === "Job" || pod.kind === "CronJob") {
            return;
        }
        for (const container of pod.containers.filter(({ kind }) => kind === "container")) {
            if (isIgnored(container, options)) {
                continue;
            }
            for (const probe of options.required) {
                const value = read(container.node, probe);
                const path = `${container.path}.${probe}`;
                if (value === notKnown || (value === undefined && pod.partial)) {
                    report.notChecked(path);
                } else if (value === undefined) {
                    report.violation(
                        path,
                        `${container.label}: it has no ${probe}, so Kubernetes only knows that its process runs. Add one, or name the container in this rule's \`ignore\`.`,
                    );
                }
            }
        }
    },
};
