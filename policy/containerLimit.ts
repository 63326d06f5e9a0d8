import { type Container, type PodTemplate, notKnown, read } from "./podTemplate";
import { parseQuantity, signOf } from "./quantity";

/** What is known about a container's limit for one resource. */
export type LimitState =
    /** There is a limit. */
    | "set"
    /** There is none. */
    | "missing"
    /** It is zero, which the kubelet takes for none at all. */
    | "zero"
    /** It is not a quantity, or less than zero: the API server refuses it. */
    | "malformed"
    /** It is not known yet. */
    | "notKnown";

/** The container's own limit for a resource (`memory`, `cpu`, `ephemeral-storage`). */
export function containerLimit(container: Container, resource: string): LimitState {
    return limitState(container.node, resource);
}

/**
 * The limit that the pod sets for all its containers together, in `spec.resources`
 * (Kubernetes >= 1.34; KEP-2837). It bounds every container that has no limit of its own.
 */
export function podLimit(pod: PodTemplate, resource: string): LimitState {
    return limitState(pod.spec, resource);
}

function limitState(holder: unknown, resource: string): LimitState {
    const value = read(holder, "resources", "limits", resource);
    if (value === undefined) {
        return "missing";
    }
    if (value === notKnown) {
        return "notKnown";
    }
    const quantity = parseQuantity(value);
    if (quantity === undefined || signOf(quantity) < 0) {
        return "malformed";
    }
    return signOf(quantity) === 0 ? "zero" : "set";
}
