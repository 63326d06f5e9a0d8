import { amountOf, parseAmount, resourceNames, sizedContainers } from "../amounts";
import { read, readList } from "../podTemplate";
import { compareQuantities } from "../quantity";
import { type IgnoreOption, type Report, type Rule, ignoreOption, isIgnored } from "../rule";
import { volumeLabel } from "../volumes";

/** Less than this (1 KiB) no memory or storage is meant to be: the unit was forgotten, or `m` was written for `M`. */
const leastBytes = { unscaled: 1024n, exponent: 0 };

/** More cores than this no container is meant to have: millicores were written without their `m`. */
const mostCores = { unscaled: 1024n, exponent: 0 };

/** Amounts are written in the unit that is meant. */
export const quantityUnit: Rule<IgnoreOption> = {
    name: "quantity-unit",
    why: "`128m` of memory is an eighth of a byte, `512` is 512 bytes, and `500` of CPU is 500 cores, all of them valid. The container then never starts, or the pod is never placed.",
    level: "mandatory",
    options: { ignore: ignoreOption },
    check(pod, options, report) {
        inResources(pod.spec, "the pod", pod.path, report);
        for (const container of sizedContainers(pod)) {
            if (!isIgnored(container, options)) {
                inResources(container.node, container.label, container.path, report);
            }
        }
        readList(pod.spec, "volumes").items.forEach((volume, index) => {
            const limit = parseAmount(read(volume, "emptyDir", "sizeLimit"));
            if (limit.state === "set" && compareQuantities(limit.quantity, leastBytes) < 0) {
                const label = volumeLabel(read(volume, "name"));
                tooFewBytes(`${pod.path}.volumes[${index}].emptyDir.sizeLimit`, label, "sizeLimit", limit.text, report);
            }
        });
    },
};

function inResources(holder: unknown, label: string, path: string, report: Report): void {
    for (const resource of resourceNames(holder)) {
        const bytes = resource === "memory" || resource === "ephemeral-storage" || resource.startsWith("hugepages-");
        for (const field of ["requests", "limits"] as const) {
            const amount = amountOf(holder, field, resource);
            if (amount.state !== "set") {
                continue;
            }
            const tooFew = bytes && compareQuantities(amount.quantity, leastBytes) < 0;
            const tooMany = resource === "cpu" && compareQuantities(amount.quantity, mostCores) > 0;
            if (!tooFew && !tooMany) {
                continue;
            }
            const at = `${path}.resources.${field}.${resource}`;
            const what = `${resource} ${field.slice(0, -1)}`;
            if (tooFew) {
                tooFewBytes(at, label, what, amount.text, report);
            } else {
                report.violation(
                    at,
                    `${label}: the ${what} of ${amount.text} is that many cores. Write ${amount.text}m for millicores.`,
                );
            }
        }
    }
}

function tooFewBytes(path: string, label: string, what: string, text: string, report: Report): void {
    const fix = text.endsWith("m") ? `${text.slice(0, -1)}Mi` : /^\d+$/.test(text) ? `${text}Mi` : "a number of Mi";
    report.violation(path, `${label}: the ${what} of ${text} is less than one KiB. Write ${fix}, if that is meant.`);
}
