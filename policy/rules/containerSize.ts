import { amountOf, amountPattern, sizedContainers } from "../amounts";
import { namePattern } from "../namePattern";
import { type Container, type ContainerKind, notKnown } from "../podTemplate";
import { compareQuantities, parseQuantity } from "../quantity";
import { type IgnoreOption, type Rule, ignoreOption, isIgnored } from "../rule";

/** Options of `container-size`. */
export interface ContainerSizeOptions extends IgnoreOption {
    /** The ranges, the first that fits a container and a resource being the one that counts. */
    readonly ranges: readonly SizeRange[];
}

/** How much of a resource containers may request, and be limited to. */
export interface SizeRange {
    readonly resource: string;
    /** The least; any when absent. */
    readonly min?: string;
    /** The most; any when absent. */
    readonly max?: string;
    /** The containers that it is for, by name, `*` standing for any characters; all when absent. */
    readonly containers?: readonly string[];
    /** The kinds of containers that it is for; all when absent. */
    readonly kinds?: readonly ContainerKind[];
}

const kinds: ContainerKind[] = ["container", "initContainer", "sidecar"];

/** Each container's requests and limits are within the range that the config sets for it. What is not written is other rules' business. */
export const containerSize: Rule<ContainerSizeOptions> = {
    name: "container-size",
    why: "A LimitRange refuses a container that is too small or too large only when its pod is created, which in a Deployment shows as a rollout that never starts. Here it is found before, and by kind and name of container.",
    level: "mandatory",
    options: {
        ignore: ignoreOption,
        ranges: {
            type: "array",
            description:
                "The least and the most of a resource that a container may request or be limited to. Of several ranges for a resource the first that fits the container counts, so that exceptions come first.",
            default: [],
            items: {
                type: "object",
                required: ["resource"],
                additionalProperties: false,
                properties: {
                    resource: { type: "string", minLength: 1, description: "The resource: memory, cpu …" },
                    min: { type: "string", pattern: amountPattern, description: "The least, for instance 16Mi." },
                    max: { type: "string", pattern: amountPattern, description: "The most, for instance 2Gi." },
                    containers: {
                        type: "array",
                        items: { type: "string", minLength: 1 },
                        description:
                            "The containers that it is for, by name; `*` stands for any characters; all when absent.",
                    },
                    kinds: {
                        type: "array",
                        items: { type: "string", enum: kinds },
                        description: "The kinds of containers that it is for; all when absent.",
                    },
                },
            },
        },
    },
    check(pod, options, report) {
        const resources = new Set(options.ranges.map(({ resource }) => resource));
        for (const container of sizedContainers(pod)) {
            if (isIgnored(container, options)) {
                continue;
            }
            for (const resource of resources) {
                const range = rangeOf(container, resource, options.ranges);
                if (range === undefined) {
                    continue;
                }
                for (const field of ["requests", "limits"] as const) {
                    const amount = amountOf(container.node, field, resource);
                    const path = `${container.path}.resources.${field}.${resource}`;
                    const sized = amount.state === "set" || (amount.state === "zero" && field === "requests");
                    if (amount.state === "notKnown" || (sized && range === notKnown)) {
                        report.notChecked(path);
                    } else if (sized && range !== notKnown) {
                        const min = parseQuantity(range.min);
                        const max = parseQuantity(range.max);
                        const what = `${container.label}: the ${resource} ${field.slice(0, -1)} of ${amount.text}`;
                        if (min !== undefined && compareQuantities(amount.quantity, min) < 0) {
                            report.violation(
                                path,
                                `${what} is below ${range.min}, the least that is allowed here. Raise it.`,
                            );
                        } else if (max !== undefined && compareQuantities(amount.quantity, max) > 0) {
                            report.violation(
                                path,
                                `${what} is above ${range.max}, the most that is allowed here. Lower it.`,
                            );
                        }
                    }
                }
            }
        }
    },
};

/** The first range that fits; `notKnown` when that depends on what is not known yet of the container. */
function rangeOf(
    container: Container,
    resource: string,
    ranges: readonly SizeRange[],
): SizeRange | typeof notKnown | undefined {
    for (const range of ranges.filter((other) => other.resource === resource)) {
        const answers = [isNamed(container, range.containers), isOfKind(container, range.kinds)];
        if (!answers.includes(false)) {
            return answers.includes(notKnown) ? notKnown : range;
        }
    }
    return undefined;
}

function isNamed({ name, nameKnown }: Container, patterns: SizeRange["containers"]): boolean | typeof notKnown {
    if (patterns === undefined) {
        return true;
    }
    return nameKnown ? name !== undefined && namePattern(patterns)(name) : notKnown;
}

function isOfKind({ kind, maybeSidecar }: Container, allowed: SizeRange["kinds"] = kinds): boolean | typeof notKnown {
    const isOne = allowed.includes(kind);
    return maybeSidecar && allowed.includes("sidecar") !== isOne ? notKnown : isOne;
}
