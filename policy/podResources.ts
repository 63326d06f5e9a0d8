import { amountOf, parseAmount } from "./amounts";
import { type PodTemplate, notKnown, read } from "./podTemplate";
import { type Quantity, addQuantities, compareQuantities, signOf } from "./quantity";

/** What amounts come to: undefined when there is none of them, `notKnown` when one is not known yet. */
export type Total = Quantity | typeof notKnown | undefined;

/**
 * What a pod requests of a resource, or is limited to, in all: what the scheduler and quotas count for it. The formula is that of `PodRequests` and
 * `PodLimits` in k8s.io/component-helpers/resource, on a pod with the API server's defaults (`SetDefaults_Pod`: a limit is the request where there is none).
 * What is not a quantity, and is refused there, counts for nothing.
 */
export function podTotal(pod: PodTemplate, field: "requests" | "limits", resource: string): Total {
    const overhead = quantityOf(parseAmount(read(pod.spec, "overhead", resource)));
    const total = withoutOverhead(pod, field, resource);
    // Overhead is no limit by itself.
    const bare = total === undefined || (total !== notKnown && signOf(total) === 0);
    return field === "limits" && bare ? total : plus(total, overhead);
}

/** For these a pod can have requests and limits as a whole, which then count instead of its containers' (KEP-2837). */
function hasPodLevel(resource: string): boolean {
    return resource === "cpu" || resource === "memory" || isHugePages(resource);
}

function isHugePages(resource: string): boolean {
    return resource.startsWith("hugepages-");
}

function withoutOverhead(pod: PodTemplate, field: "requests" | "limits", resource: string): Total {
    const podLevel = (of: "requests" | "limits"): Total =>
        hasPodLevel(resource) ? quantityOf(amountOf(pod.spec, of, resource)) : undefined;
    const own = podLevel(field);
    if (own !== undefined || field === "limits") {
        return own ?? ofContainers(pod, field, resource);
    }
    // A pod's request defaults to its containers' in all, or to its limit; huge pages cannot be overcommitted, so for them the limit comes first.
    const limit = podLevel("limits");
    return isHugePages(resource)
        ? (limit ?? ofContainers(pod, field, resource))
        : (ofContainers(pod, field, resource) ?? limit);
}

/**
 * What the containers need in all: the most of what they need once all of them run, and of what each init container needs beside the
 * sidecars that were started before it (KEP-753).
 */
function ofContainers(pod: PodTemplate, field: "requests" | "limits", resource: string): Total {
    if (pod.notKnown.length > 0) {
        return notKnown;
    }
    let running: Total;
    let sidecars: Total;
    let starting: Total;
    for (const { kind, maybeSidecar, node } of pod.containers) {
        const amount = amountOf(node, field, resource);
        const own = quantityOf(
            field === "requests" && amount.state === "missing" ? amountOf(node, "limits", resource) : amount,
        );
        if (maybeSidecar && own !== undefined) {
            return notKnown;
        }
        if (kind === "initContainer") {
            starting = larger(starting, plus(sidecars, own));
        } else if (kind !== "ephemeralContainer") {
            running = plus(running, own);
        }
        if (kind === "sidecar") {
            sidecars = plus(sidecars, own);
        }
    }
    return larger(running, starting);
}

function quantityOf(amount: ReturnType<typeof amountOf>): Total {
    if (amount.state === "set" || amount.state === "zero") {
        return amount.quantity;
    }
    return amount.state === "notKnown" ? notKnown : undefined;
}

function plus(a: Total, b: Total): Total {
    return combine(a, b, addQuantities);
}

function larger(a: Total, b: Total): Total {
    return combine(a, b, (one, other) => (compareQuantities(one, other) < 0 ? other : one));
}

function combine(a: Total, b: Total, both: (a: Quantity, b: Quantity) => Quantity): Total {
    if (a === undefined || b === undefined) {
        return a ?? b;
    }
    return a === notKnown || b === notKnown ? notKnown : both(a, b);
}
