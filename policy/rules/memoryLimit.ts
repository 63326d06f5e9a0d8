import { containerLimit, limitToSet, podLimit, sizedContainers } from "../amounts";
import { type IgnoreOption, type Rule, ignoreOption, isIgnored } from "../rule";

/** Options of `memory-limit`. */
export interface MemoryLimitOptions extends IgnoreOption {
    /** Whether a limit on the whole pod counts for each of its containers. */
    readonly podLevel: boolean;
    /** The limit that `remediate` sets. */
    readonly fix: string;
}

/** Every container has a memory limit of its own, or shares its pod's. */
export const memoryLimit: Rule<MemoryLimitOptions> = {
    name: "memory-limit",
    why: "A container without a memory limit can take all memory of its node. The kernel then kills processes of other pods as well.",
    level: "mandatory",
    options: {
        ignore: ignoreOption,
        podLevel: {
            type: "boolean",
            description: "A limit on the whole pod (`spec.resources.limits.memory`) counts for each of its containers.",
            default: true,
        },
        fix: {
            type: "string",
            description: "The limit that `remediate` gives a container without one, unless it requests more.",
            default: "128Mi",
        },
    },
    remediation: "Sets the missing limit, to the option `fix`, or to what the container requests where that is more.",
    check(pod, options, report) {
        const shared = options.podLevel ? podLimit(pod, "memory").state : "missing";
        for (const container of sizedContainers(pod)) {
            if (isIgnored(container, options)) {
                continue;
            }
            const path = `${container.path}.resources.limits.memory`;
            const own = containerLimit(container, "memory").state;
            if (own === "malformed") {
                report.violation(
                    path,
                    `${container.label}: the memory limit is not a valid quantity. Write bytes, or a number with a suffix, for instance 128Mi.`,
                );
            } else if (own === "set" || shared === "set") {
                continue;
            } else if (own === "notKnown" || shared === "notKnown" || (own === "missing" && pod.partial)) {
                report.notChecked(path);
            } else if (own === "zero") {
                report.violation(
                    path,
                    `${container.label}: a memory limit of 0 means no limit, so it can starve the whole node. Set resources.limits.memory to what it needs, for instance 128Mi.`,
                    limitToSet(container, "memory", options.fix),
                );
            } else {
                report.violation(
                    path,
                    `${container.label}: no memory limit, so it can starve the whole node. Set resources.limits.memory, for instance 128Mi.`,
                    limitToSet(container, "memory", options.fix),
                );
            }
        }
    },
};
