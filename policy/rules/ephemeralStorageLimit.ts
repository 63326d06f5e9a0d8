import { containerLimit, limitToSet, podLimit, sizedContainers } from "../amounts";
import { type IgnoreOption, type Rule, ignoreOption, isIgnored } from "../rule";

/** Options of `ephemeral-storage-limit`. */
export interface EphemeralStorageLimitOptions extends IgnoreOption {
    /** The limit that `remediate` sets. */
    readonly fix: string;
}

/** Every container has a limit for what it writes to the node's disk. */
export const ephemeralStorageLimit: Rule<EphemeralStorageLimitOptions> = {
    name: "ephemeral-storage-limit",
    why: "Logs, emptyDirs and files in a container's own layer go to the node's disk, and when that is full the kubelet evicts pods. With a limit only the pod that fills it is evicted.",
    level: "advisory",
    options: {
        ignore: ignoreOption,
        fix: {
            type: "string",
            description: "The limit that `remediate` gives a container without one, unless it requests more.",
            default: "256Mi",
        },
    },
    remediation: "Sets the missing limit, to the option `fix`, or to what the container requests where that is more.",
    check(pod, options, report) {
        const shared = podLimit(pod, "ephemeral-storage").state;
        for (const container of sizedContainers(pod)) {
            const path = `${container.path}.resources.limits.ephemeral-storage`;
            const own = containerLimit(container, "ephemeral-storage").state;
            if (isIgnored(container, options) || own === "set" || shared === "set") {
                continue;
            }
            if (own === "notKnown" || shared === "notKnown" || (own === "missing" && pod.partial)) {
                report.notChecked(path);
            } else {
                report.violation(
                    path,
                    own === "malformed"
                        ? `${container.label}: the ephemeral-storage limit is not a valid quantity. Write for instance 256Mi.`
                        : `${container.label}: no ephemeral-storage limit, so it can fill its node's disk. Set resources.limits.ephemeral-storage, for instance 256Mi.`,
                    own === "malformed" ? undefined : limitToSet(container, "ephemeral-storage", options.fix),
                );
            }
        }
    },
};
