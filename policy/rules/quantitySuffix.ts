import { type Amount, amountOf, parseAmount, sizedContainers } from "../amounts";
import { type PodTemplate, read, readList } from "../podTemplate";
import { type IgnoreOption, type Rule, ignoreOption, isIgnored } from "../rule";
import { volumeLabel } from "../volumes";

/** A pod's amounts of bytes are all written in powers of 1024, or all in powers of 1000. */
export const quantitySuffix: Rule<IgnoreOption> = {
    name: "quantity-suffix",
    why: "`1G` is 7 % less than `1Gi`, and `1M` 5 % less than `1Mi`. Where a pod has both, one of them is mostly a slip, and what should be equal or fit into the other does not.",
    level: "advisory",
    options: { ignore: ignoreOption },
    check(pod, options, report) {
        const amounts = bytesOf(pod, options);
        for (const { path, amount } of amounts) {
            if (amount.state === "notKnown") {
                report.notChecked(path);
            }
        }
        const binary = amounts.find(({ amount }) => suffixOf(amount)?.endsWith("i"));
        for (const { path, what, amount } of amounts) {
            const suffix = suffixOf(amount);
            if (binary !== undefined && suffix !== undefined && !suffix.endsWith("i")) {
                report.violation(
                    path,
                    `${what} is written in powers of 1000 (${suffix}), and ${binary.what} in powers of 1024. Write ${suffix.toUpperCase()}i here, if that is meant, or one kind of suffix in both.`,
                );
            }
        }
    },
};

/** One amount of bytes in a pod. */
interface Bytes {
    readonly path: string;
    /** "the memory limit of container `nginx`". */
    readonly what: string;
    readonly amount: Amount;
}

function bytesOf(pod: PodTemplate, options: IgnoreOption): Bytes[] {
    const holders = [
        { label: "the pod", path: pod.path, node: pod.spec },
        ...sizedContainers(pod).filter((container) => !isIgnored(container, options)),
    ];
    const inResources = holders.flatMap(({ label, path, node }) =>
        ["memory", "ephemeral-storage"].flatMap((resource) =>
            (["requests", "limits"] as const).map((field) => ({
                path: `${path}.resources.${field}.${resource}`,
                what: `the ${resource} ${field.slice(0, -1)} of ${label}`,
                amount: amountOf(node, field, resource),
            })),
        ),
    );
    const inVolumes = readList(pod.spec, "volumes").items.map((volume, index) => ({
        path: `${pod.path}.volumes[${index}].emptyDir.sizeLimit`,
        what: `the sizeLimit of ${volumeLabel(read(volume, "name"))}`,
        amount: parseAmount(read(volume, "emptyDir", "sizeLimit")),
    }));
    return [...inResources, ...inVolumes];
}

/** The letters after an amount's number that stand for a thousand or more: `Gi`, or `G`. */
function suffixOf(amount: Amount): string | undefined {
    return amount.state === "set" ? /[0-9.]([kMGTPE]|[KMGTPE]i)$/.exec(amount.text)?.[1] : undefined;
}
