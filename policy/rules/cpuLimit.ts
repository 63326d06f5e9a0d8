import { containerLimit, limitToSet, podLimit, sizedContainers } from "../amounts";
import { type IgnoreOption, type Rule, ignoreOption, isIgnored } from "../rule";

/** Options of `cpu-limit`. */
export interface CpuLimitOptions extends IgnoreOption {
    /** Whether a CPU limit must be there, or must not. */
    readonly mode: "required" | "forbidden" | "off";
    /** Whether a limit on the whole pod counts for each of its containers. */
    readonly podLevel: boolean;
    /** The limit that `remediate` sets. */
    readonly fix: string;
}

/** Every container has a CPU limit of its own, or shares its pod's; or none has, where a team decided so. */
export const cpuLimit: Rule<CpuLimitOptions> = {
    name: "cpu-limit",
    why: "A container without a CPU limit can slow down everything else on its node. Teams that share nodes by requests alone forbid limits instead: throttling is what they want to avoid.",
    level: "mandatory",
    options: {
        ignore: ignoreOption,
        mode: {
            type: "string",
            enum: ["required", "forbidden", "off"],
            description:
                "`required`: every container has a CPU limit. `forbidden`: no container has one. `off`: both are fine.",
            default: "required",
        },
        podLevel: {
            type: "boolean",
            description: "A limit on the whole pod (`spec.resources.limits.cpu`) counts for each of its containers.",
            default: true,
        },
        fix: {
            type: "string",
            description: "The limit that `remediate` gives a container without one, unless it requests more.",
            default: "250m",
        },
    },
    remediation: "Sets the missing limit, to the option `fix`, or to what the container requests where that is more.",
    check(pod, options, report) {
        const shared = podLimit(pod, "cpu").state;
        if (options.mode === "forbidden" && shared === "set") {
            report.violation(
                `${pod.path}.resources.limits.cpu`,
                "the pod has a CPU limit, and CPU limits are forbidden here because they throttle. Remove spec.resources.limits.cpu.",
            );
        }
        for (const container of sizedContainers(pod)) {
            if (isIgnored(container, options)) {
                continue;
            }
            const path = `${container.path}.resources.limits.cpu`;
            const own = containerLimit(container, "cpu").state;
            if (own === "malformed") {
                report.violation(
                    path,
                    `${container.label}: the CPU limit is not a valid quantity. Write cores (0.5) or millicores (500m).`,
                );
            } else if (options.mode === "forbidden") {
                if (own === "set") {
                    report.violation(
                        path,
                        `${container.label}: it has a CPU limit, and CPU limits are forbidden here because they throttle. Remove resources.limits.cpu and set resources.requests.cpu.`,
                    );
                } else if (own === "notKnown") {
                    report.notChecked(path);
                }
            } else if (options.mode === "required" && own !== "set" && !(options.podLevel && shared === "set")) {
                if (
                    own === "notKnown" ||
                    (options.podLevel && shared === "notKnown") ||
                    (own === "missing" && pod.partial)
                ) {
                    report.notChecked(path);
                } else {
                    report.violation(
                        path,
                        `${container.label}: ${own === "zero" ? "a CPU limit of 0 means no limit" : "no CPU limit"}, so it can slow down everything on its node. Set resources.limits.cpu, for instance 250m.`,
                        limitToSet(container, "cpu", options.fix),
                    );
                }
            }
        }
    },
};
