import { amountOf, sizedContainers } from "../amounts";
import { compareQuantities } from "../quantity";
import { type IgnoreOption, type Rule, ignoreOption, isIgnored } from "../rule";

/** Options of `limit-request-ratio`. */
export interface LimitRequestRatioOptions extends IgnoreOption {
    /** The highest ratio of limit to request of memory; 0 for any. */
    readonly memory: number;
    /** The highest ratio of limit to request of CPU; 0 for any. */
    readonly cpu: number;
}

/** A limit is at most so many times its request. */
export const limitRequestRatio: Rule<LimitRequestRatioOptions> = {
    name: "limit-request-ratio",
    why: "What a container may use beyond its request is promised to others as well, and when all want it at once, memory runs out and pods are killed. The ratio bounds how far a node is overcommitted.",
    level: "advisory",
    options: {
        ignore: ignoreOption,
        memory: {
            type: "integer",
            minimum: 0,
            description:
                "How many times its request a memory limit may be at most; 0 for any, 1 for one that is its request, as pods of the class Guaranteed have it.",
            default: 4,
        },
        cpu: {
            type: "integer",
            minimum: 0,
            description: "How many times its request a CPU limit may be at most; 0 for any.",
            default: 20,
        },
    },
    check(pod, options, report) {
        for (const container of sizedContainers(pod)) {
            for (const resource of ["memory", "cpu"] as const) {
                const ratio = Math.trunc(options[resource]);
                const path = `${container.path}.resources.limits.${resource}`;
                const request = amountOf(container.node, "requests", resource);
                const limit = amountOf(container.node, "limits", resource);
                if (isIgnored(container, options) || !(ratio >= 1)) {
                    continue;
                }
                if ((request.state === "set" || request.state === "zero") && limit.state === "set") {
                    const highest = {
                        unscaled: request.quantity.unscaled * BigInt(ratio),
                        exponent: request.quantity.exponent,
                    };
                    if (compareQuantities(limit.quantity, highest) > 0) {
                        report.violation(
                            path,
                            `${container.label}: the ${resource} limit of ${limit.text} is more than ${ratio === 1 ? "" : `${ratio} times `}its request of ${request.text}. Raise the request, or lower the limit.`,
                        );
                    }
                } else if (
                    (request.state === "notKnown" && limit.state !== "missing") ||
                    (limit.state === "notKnown" && request.state !== "missing")
                ) {
                    report.notChecked(path);
                }
            }
        }
    },
};
