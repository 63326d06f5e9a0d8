import { type Container, type PodTemplate, notKnown, read, readKeys } from "./podTemplate";
import { type Quantity, compareQuantities, parseQuantity, signOf } from "./quantity";

/** What an option that is an amount may hold, for its schema: a number with a suffix, or nothing. A misspelt one would bound nothing. */
export const amountPattern = "^([0-9]+([.][0-9]+)?([EPTGM]i?|Ki|k|m)?)?$";

/** One request or limit: what is written, as far as it can be told. */
export type Amount =
    /** There is one. Zero as a limit is none at all: the kubelet sets nothing then. */
    | { readonly state: "set" | "zero"; readonly quantity: Quantity; readonly text: string }
    /** There is none. */
    | { readonly state: "missing" }
    /** It is not a quantity, or less than zero: the API server refuses it. */
    | { readonly state: "malformed" }
    /** It is not known yet. */
    | { readonly state: "notKnown" };

/** The request or limit for a resource (`memory`, `cpu`, `ephemeral-storage`) in the `resources` of a container's or a pod's spec. */
export function amountOf(holder: unknown, field: "limits" | "requests", resource: string): Amount {
    return parseAmount(read(holder, "resources", field, resource));
}

/** A quantity in any other field, like an emptyDir's sizeLimit. */
export function parseAmount(value: unknown): Amount {
    if (value === undefined) {
        return { state: "missing" };
    }
    if (value === notKnown) {
        return { state: "notKnown" };
    }
    const text = typeof value === "number" ? String(value) : value;
    return typeof text === "string" ? amountIn(text) : { state: "malformed" };
}

/** Most pods are written with the same few quantities. */
const parsed = new Map<string, Amount>();
const mostParsed = 10_000;

function amountIn(text: string): Amount {
    const known = parsed.get(text);
    if (known !== undefined) {
        return known;
    }
    const quantity = parseQuantity(text);
    const amount: Amount =
        quantity === undefined || signOf(quantity) < 0
            ? { state: "malformed" }
            : { state: signOf(quantity) === 0 ? "zero" : "set", quantity, text };
    if (parsed.size === mostParsed) {
        parsed.clear();
    }
    parsed.set(text, amount);
    return amount;
}

/** The container's own limit. */
export function containerLimit(container: Container, resource: string): Amount {
    return amountOf(container.node, "limits", resource);
}

/**
 * The limit that the pod sets for all its containers together, in `spec.resources`
 * (Kubernetes >= 1.34; KEP-2837). It bounds every container that has no limit of its own.
 */
export function podLimit(pod: PodTemplate, resource: string): Amount {
    return amountOf(pod.spec, "limits", resource);
}

/**
 * The limit to give a container that has none: `wanted`, or what it requests where that is more.
 * Undefined when that cannot be told.
 */
export function limitToSet(container: Container, resource: string, wanted: string): string | undefined {
    const limit = parseAmount(wanted);
    const request = amountOf(container.node, "requests", resource);
    if (limit.state !== "set" || request.state === "notKnown" || request.state === "malformed") {
        return undefined;
    }
    return request.state === "set" && compareQuantities(request.quantity, limit.quantity) > 0 ? request.text : wanted;
}

/** The names of all resources that a container's or pod's spec requests or limits. */
export function resourceNames(holder: unknown): string[] {
    return [...new Set([...readKeys(holder, "resources", "requests"), ...readKeys(holder, "resources", "limits")])];
}

/** Containers that may have requests and limits: the API allows none on ephemeral ones. */
export function sizedContainers(pod: PodTemplate): readonly Container[] {
    return pod.containers.filter(({ kind }) => kind !== "ephemeralContainer");
}
