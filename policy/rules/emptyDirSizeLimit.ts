import { amountPattern, parseAmount } from "../amounts";
import { notKnown, read, readList } from "../podTemplate";
import { compareQuantities, parseQuantity } from "../quantity";
import type { Rule } from "../rule";
import { volumeLabel } from "../volumes";

/** Options of `empty-dir-size-limit`. */
export interface EmptyDirSizeLimitOptions {
    /** The largest sizeLimit; empty for any. */
    readonly max: string;
    /** The sizeLimit that `remediate` sets. */
    readonly fix: string;
}

/** Every emptyDir has a sizeLimit, and not more than is allowed. */
export const emptyDirSizeLimit: Rule<EmptyDirSizeLimitOptions> = {
    name: "empty-dir-size-limit",
    why: "An emptyDir without a sizeLimit can fill its node's disk, or its memory, and the kubelet then evicts other pods too. With a limit only the pod that fills it is evicted.",
    level: "mandatory",
    options: {
        max: {
            type: "string",
            pattern: amountPattern,
            description: "The largest sizeLimit that an emptyDir may have, for instance 1Gi; empty for any.",
            default: "",
        },
        fix: {
            type: "string",
            description: "The sizeLimit that `remediate` gives an emptyDir without one, unless `max` is less.",
            default: "64Mi",
        },
    },
    remediation: "Sets the missing sizeLimit, to the option `fix`, or to `max` where that is less.",
    check(pod, options, report) {
        const max = parseQuantity(options.max);
        readList(pod.spec, "volumes").items.forEach((volume, index) => {
            const emptyDir = read(volume, "emptyDir");
            const path = `${pod.path}.volumes[${index}].emptyDir.sizeLimit`;
            if (volume === notKnown || emptyDir === notKnown) {
                report.notChecked(path);
            }
            if (typeof emptyDir !== "object" || emptyDir === null) {
                return;
            }
            const label = volumeLabel(read(volume, "name"));
            const limit = parseAmount(read(emptyDir, "sizeLimit"));
            if (limit.state === "notKnown" || (limit.state === "missing" && pod.partial)) {
                report.notChecked(path);
            } else if (limit.state === "malformed") {
                report.violation(path, `${label}: its sizeLimit is not a valid quantity. Write for instance 64Mi.`);
            } else if (limit.state === "missing" || limit.state === "zero") {
                report.violation(
                    path,
                    `${label}: this emptyDir has no sizeLimit, so it can fill its node. Set emptyDir.sizeLimit, for instance 64Mi.`,
                    sizeToSet(options),
                );
            } else if (max !== undefined && compareQuantities(limit.quantity, max) > 0) {
                report.violation(
                    path,
                    `${label}: its sizeLimit of ${limit.text} is above ${options.max}, the most that is allowed here. Lower it.`,
                );
            }
        });
    },
};

function sizeToSet({ max, fix }: EmptyDirSizeLimitOptions): string | undefined {
    const size = parseAmount(fix);
    const most = parseAmount(max);
    if (size.state !== "set") {
        return undefined;
    }
    return most.state === "set" && compareQuantities(size.quantity, most.quantity) > 0 ? max : fix;
}
