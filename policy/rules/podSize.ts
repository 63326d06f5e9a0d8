import { amountPattern } from "../amounts";
import { type Total, podTotal } from "../podResources";
import { notKnown } from "../podTemplate";
import { compareQuantities, formatQuantity, parseQuantity } from "../quantity";
import type { OptionSchema, Rule } from "../rule";

/** Options of `pod-size`: the most that a pod may request or be limited to in all; empty for any. */
export interface PodSizeOptions {
    readonly memory: string;
    readonly cpu: string;
    readonly ephemeralStorage: string;
}

function maximumOf(what: string, example: string): OptionSchema {
    return {
        type: "string",
        pattern: amountPattern,
        description: `The most ${what} that a pod may request or be limited to in all, for instance ${example}; empty for any.`,
        default: "",
    };
}

/** A pod as a whole is not larger than is allowed. A container without a limit is other rules' business. */
export const podSize: Rule<PodSizeOptions> = {
    name: "pod-size",
    why: "A pod needs room for all of its containers on one node: those that run together, sidecars included, or an init container with the sidecars before it, and overhead. One that is larger than any node is never placed.",
    level: "mandatory",
    options: {
        memory: maximumOf("memory", "8Gi"),
        cpu: maximumOf("CPU", "4"),
        ephemeralStorage: maximumOf("ephemeral storage", "10Gi"),
    },
    check(pod, options, report) {
        for (const [resource, most] of [
            ["memory", options.memory],
            ["cpu", options.cpu],
            ["ephemeral-storage", options.ephemeralStorage],
        ] as const) {
            const max = parseQuantity(most);
            if (max === undefined) {
                continue;
            }
            const path = `${pod.path}.resources`;
            const totals = (["limits", "requests"] as const).map((field): [string, Total] => [
                field,
                podTotal(pod, field, resource),
            ]);
            const above = totals.flatMap(([field, total]) =>
                total !== undefined && total !== notKnown && compareQuantities(total, max) > 0
                    ? [`${resource} ${field} are ${formatQuantity(total, resource !== "cpu")}`]
                    : [],
            )[0];
            if (pod.partial || (above === undefined && totals.some(([, total]) => total === notKnown))) {
                report.notChecked(path);
            } else if (above !== undefined) {
                report.violation(
                    path,
                    `the pod: its ${above} in all, as the scheduler counts them, above ${most}, the most that is allowed here. Lower those of its containers, or split it.`,
                );
            }
        }
    },
};
