import { sizedContainers } from "../amounts";
import { type PodTemplate, notKnown, read, readList } from "../podTemplate";
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
        const binary = amounts.find(({ suffix }) => suffix !== notKnown && suffix.endsWith("i"));
        for (const { suffix, path, what } of amounts) {
            if (suffix === notKnown) {
                report.notChecked(path);
            } else if (binary !== undefined && !suffix.endsWith("i")) {
                report.violation(
                    path,
                    `${what} is written in powers of 1000 (${suffix}), and ${binary.what} in powers of 1024. Write ${suffix.toUpperCase()}i here, if that is meant, or one kind of suffix in both.`,
                );
            }
        }
    },
};

/** An amount of bytes with a suffix for a thousand or more. */
interface Bytes {
    /** `Gi`, or `G`. */
    readonly suffix: string | typeof notKnown;
    readonly path: string;
    /** "the memory limit of container `nginx`". */
    readonly what: string;
}

function bytesOf(pod: PodTemplate, options: IgnoreOption): Bytes[] {
    const amounts: Bytes[] = [];
    const add = (value: unknown, path: () => string, what: () => string): void => {
        const suffix = suffixOf(value);
        if (suffix !== undefined) {
            amounts.push({ suffix, path: path(), what: what() });
        }
    };
    const inResources = (node: unknown, label: string, path: string): void => {
        for (const field of ["requests", "limits"]) {
            const list = read(node, "resources", field);
            for (const resource of ["memory", "ephemeral-storage"]) {
                add(
                    read(list, resource),
                    () => `${path}.resources.${field}.${resource}`,
                    () => `the ${resource} ${field.slice(0, -1)} of ${label}`,
                );
            }
        }
    };
    inResources(pod.spec, "the pod", pod.path);
    for (const container of sizedContainers(pod)) {
        if (!isIgnored(container, options)) {
            inResources(container.node, container.label, container.path);
        }
    }
    readList(pod.spec, "volumes").items.forEach((volume, index) => {
        add(
            read(volume, "emptyDir", "sizeLimit"),
            () => `${pod.path}.volumes[${index}].emptyDir.sizeLimit`,
            () => `the sizeLimit of ${volumeLabel(read(volume, "name"))}`,
        );
    });
    return amounts;
}

function suffixOf(value: unknown): Bytes["suffix"] | undefined {
    if (value === notKnown) {
        return notKnown;
    }
    return typeof value === "string" ? /^[+]?[0-9.]+([kMGTPE]|[KMGTPE]i)$/.exec(value)?.[1] : undefined;
}
