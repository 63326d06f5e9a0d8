/** The pods inside a resource, read so that nothing in it can make a rule throw: not a wrong type, not a value that a preview does not know yet. */

import type { Mounts, Volumes } from "./volumes";

/** Stands for a value that is not known yet (during a preview, an output of a resource that does not exist). */
export const notKnown: unique symbol = Symbol("not known yet");

/**
 * The value of a field: undefined when it is absent, or when there is nothing to read it from;
 * `notKnown` when it, or what holds it, is not known yet. Never throws.
 */
export function read(holder: unknown, ...path: readonly (string | number)[]): unknown {
    let value = holder;
    for (const key of path) {
        if (typeof value !== "object" || value === null) {
            return value === notKnown ? notKnown : undefined;
        }
        try {
            // Own fields only: a manifest's `constructor` or `__proto__` is not JavaScript's.
            value = Object.prototype.hasOwnProperty.call(value, key)
                ? (value as Record<string | number, unknown>)[key]
                : undefined;
        } catch {
            // The engine's proxies throw when an unknown value is read.
            return notKnown;
        }
    }
    return value === null ? undefined : value;
}

/** A list's items; `known` is false when the list itself is not known yet. An item may be `notKnown`. Anything but a list is empty. */
export interface List {
    readonly items: readonly unknown[];
    readonly known: boolean;
}

/** The list in a field. Never throws. */
export function readList(holder: unknown, ...path: readonly (string | number)[]): List {
    const value = read(holder, ...path);
    if (value === notKnown) {
        return { items: [], known: false };
    }
    if (!Array.isArray(value)) {
        return { items: [], known: true };
    }
    const items: unknown[] = [];
    for (let index = 0; index < value.length; index += 1) {
        items.push(read(value, index));
    }
    return { items, known: true };
}

/** The names of a field's own fields, or none. Never throws. */
export function readKeys(holder: unknown, ...path: readonly (string | number)[]): string[] {
    const value = read(holder, ...path);
    try {
        return typeof value === "object" && value !== null ? Object.keys(value) : [];
    } catch {
        return [];
    }
}

/** What a container is to its pod. A sidecar here is a native one: an init container with `restartPolicy: Always`. */
export type ContainerKind = "container" | "initContainer" | "sidecar" | "ephemeralContainer";

/** One container of a pod. */
export interface Container {
    readonly kind: ContainerKind;
    /** An init container whose restartPolicy is not known yet. */
    readonly maybeSidecar: boolean;
    /** Its name, when it has one and it is known. */
    readonly name: string | undefined;
    /** False when its name is not known yet. */
    readonly nameKnown: boolean;
    /** How to call it in a message: "container `nginx`", or by its place when it has no proper name. */
    readonly label: string;
    /** Where it is in the resource: `spec.template.spec.containers[0]`. */
    readonly path: string;
    /** The container itself; to be read with `read` and `readList`. */
    readonly node: unknown;
    /** What `mountsOf` found, which most rules ask for. */
    mounts: Mounts | undefined;
}

/** One pod, or pod template, inside a resource. */
export interface PodTemplate {
    /** The kind of the resource (Pod, Deployment, Rollout …), empty when it has none. */
    readonly kind: string;
    /** The resource itself, the item where it is in a list; to be read with `read`. */
    readonly resource: unknown;
    /** Only a part of the pod is written here (a Patch, an overlay): what is absent may be elsewhere. */
    readonly partial: boolean;
    /** Where the pod's spec is in the resource: `spec.template.spec`; `spec` for a Pod. */
    readonly path: string;
    /** The annotations of the resource and of its template, where they have any; to be read with `read` and `readKeys`. */
    readonly annotations: readonly unknown[];
    /** The template's metadata and spec; to be read with `read` and `readList`. */
    readonly metadata: unknown;
    readonly spec: unknown;
    /** What holds the template: the Deployment's `spec` with its `replicas`, for example. Undefined for a Pod. */
    readonly owner: unknown;
    /** All containers in the order: containers, init containers and sidecars, ephemeral containers. */
    readonly containers: readonly Container[];
    /** Container lists, or items of them, that are not known yet: their paths. */
    readonly notKnown: readonly string[];
    /** What `volumesOf` found, which most rules ask for. */
    volumes?: Volumes;
}

/** A resource as the engine or a manifest gives it. */
export interface Resource {
    /** The engine's type token (`kubernetes:apps/v1:Deployment`); a manifest has none. */
    readonly type?: string;
    /** The resource's fields: apiVersion, kind, metadata, spec … */
    readonly props: unknown;
}

/** Where built-in kinds keep their template. */
const templatePaths: ReadonlyMap<string, readonly string[]> = new Map([
    ["Pod", []],
    ["PodTemplate", ["template"]],
    ["ReplicationController", ["spec", "template"]],
    ["ReplicaSet", ["spec", "template"]],
    ["Deployment", ["spec", "template"]],
    ["StatefulSet", ["spec", "template"]],
    ["DaemonSet", ["spec", "template"]],
    ["Job", ["spec", "template"]],
    ["CronJob", ["spec", "jobTemplate", "spec", "template"]],
]);

/** Groups whose kinds are the built-in ones; `core` is how the engine writes the group without a name. */
const builtInGroups: ReadonlySet<string> = new Set(["", "core", "apps", "batch", "extensions"]);

/** The engine's groups for what only expands to other resources, each of which it shows to the pack by itself. */
const expandingGroups: ReadonlySet<string> = new Set(["helm.sh", "kustomize", "yaml"]);

/** Lists may hold lists; real ones do not go deeper than this. */
const maxListDepth = 2;

/** How far the search for templates in a custom resource goes: real ones have theirs well within it, and a cycle ends. */
const maxSearchDepth = 12;
const maxSearchSteps = 10_000;

/**
 * Why a resource's pods cannot be seen, or undefined when they can, or when it has none. A Helm `Release` is rendered
 * by the provider, within its own deployment; the charts of `helm.sh/v4` and `v3.Chart` show each resource.
 */
export function hiddenPods(resource: Resource): string | undefined {
    return /^kubernetes:helm\.sh\/[^:]+:Release$/.test(resource.type ?? "")
        ? "a Helm Release is rendered by the provider, out of the pack's sight. Use Chart (helm.v4) to have its pods checked, or check the output of helm template."
        : undefined;
}

/** Every pod in a resource: none for a resource that has no pod. Never throws. */
export function podTemplates(resource: Resource): PodTemplate[] {
    const token = parseToken(resource.type);
    if (resource.type !== undefined && token === undefined) {
        return [];
    }
    return templatesIn(resource.props, token, "", 0);
}

interface TypeName {
    readonly group: string;
    readonly kind: string;
    readonly patch: boolean;
    readonly list: boolean;
}

function templatesIn(props: unknown, token: TypeName | undefined, path: string, depth: number): PodTemplate[] {
    const type = token ?? typeOfManifest(props);
    if (type.kind === "CustomResourceDefinition" || expandingGroups.has(type.group) || depth > maxListDepth) {
        return [];
    }
    if (type.list) {
        const list = readList(props, "items");
        if (!list.known) {
            return [notKnownTemplate(type.kind, props, `${path}items`)];
        }
        if (list.items.length > 0) {
            const itemType = token && token.kind !== "" ? { ...token, list: false } : undefined;
            return list.items.flatMap((item, index) => {
                const at = `${path}items[${index}]`;
                return item === notKnown
                    ? [notKnownTemplate(type.kind, item, at)]
                    : templatesIn(item, read(item, "kind") === undefined ? itemType : undefined, `${at}.`, depth + 1);
            });
        }
    }
    const known = builtInGroups.has(type.group) ? templatePaths.get(type.kind) : undefined;
    if (known === undefined) {
        return builtInGroups.has(type.group) ? [] : search(props, type.kind, path);
    }
    const owner = known.length === 0 ? undefined : read(props, ...known.slice(0, -1));
    const at = path + known.join(".");
    return [describe(read(props, ...known), { kind: type.kind, resource: props, owner, partial: type.patch }, at)];
}

function parseToken(type: string | undefined): TypeName | undefined {
    const match = /^kubernetes:([^:]+):([^:]+)$/.exec(type ?? "");
    if (match === null) {
        return undefined;
    }
    const [, apiVersion = "", name = ""] = match;
    const patch = name.endsWith("Patch");
    return { ...parseKind(apiVersion, patch ? name.slice(0, -"Patch".length) : name), patch };
}

function typeOfManifest(props: unknown): TypeName {
    const apiVersion = read(props, "apiVersion");
    const kind = read(props, "kind");
    return parseKind(typeof apiVersion === "string" ? apiVersion : "", typeof kind === "string" ? kind : "");
}

function parseKind(apiVersion: string, kind: string): TypeName {
    const slash = apiVersion.indexOf("/");
    const list = kind.endsWith("List");
    return {
        group: slash === -1 ? "" : apiVersion.slice(0, slash),
        kind: list ? kind.slice(0, -"List".length) : kind,
        patch: false,
        list,
    };
}

/**
 * The templates of a custom resource, found by shape: a field called `template` whose `spec` has a list of containers
 * (Argo Rollout, Knative Service, OpenKruise CloneSet), or a `podTemplate`, which operators lay over a pod of their own.
 */
function search(props: unknown, kind: string, prefix: string): PodTemplate[] {
    const found: PodTemplate[] = [];
    let steps = 0;
    const visit = (holder: unknown, path: string, depth: number): void => {
        if (depth > maxSearchDepth || typeof holder !== "object" || holder === null) {
            return;
        }
        for (const key of readKeys(holder)) {
            steps += 1;
            if (steps > maxSearchSteps) {
                return;
            }
            const value = read(holder, key);
            const at = Array.isArray(holder) ? `${path}[${key}]` : path === "" ? key : `${path}.${key}`;
            const overlay = key === "podTemplate";
            const containers = key === "template" || overlay ? read(value, "spec", "containers") : undefined;
            if (Array.isArray(containers) || containers === notKnown) {
                found.push(describe(value, { kind, resource: props, owner: holder, partial: overlay }, prefix + at));
            } else {
                visit(value, at, depth + 1);
            }
        }
    };
    visit(props, "", 0);
    return found;
}

function notKnownTemplate(kind: string, resource: unknown, path: string): PodTemplate {
    return {
        kind,
        resource,
        partial: false,
        path,
        annotations: annotationsOf(resource),
        metadata: notKnown,
        spec: notKnown,
        owner: notKnown,
        containers: [],
        notKnown: [path],
    };
}

function describe(
    template: unknown,
    place: Pick<PodTemplate, "kind" | "resource" | "owner" | "partial">,
    path: string,
): PodTemplate {
    const spec = read(template, "spec");
    const specPath = path === "" || path.endsWith(".") ? `${path}spec` : `${path}.spec`;
    if (spec === notKnown) {
        return notKnownTemplate(place.kind, place.resource, specPath);
    }
    const containers: Container[] = [];
    const notKnownPaths: string[] = [];
    for (const field of ["containers", "initContainers", "ephemeralContainers"]) {
        const at = `${specPath}.${field}`;
        const list = readList(spec, field);
        if (!list.known) {
            notKnownPaths.push(at);
        }
        list.items.forEach((node, index) => {
            if (node === notKnown) {
                notKnownPaths.push(`${at}[${index}]`);
            } else if (typeof node === "object" && node !== null) {
                containers.push(describeContainer(node, field, index, `${at}[${index}]`));
            }
        });
    }
    return {
        kind: place.kind,
        resource: place.resource,
        owner: place.owner,
        partial: place.partial,
        path: specPath,
        annotations: annotationsOf(place.resource, template),
        metadata: read(template, "metadata"),
        spec,
        containers,
        notKnown: notKnownPaths,
    };
}

function annotationsOf(...holders: readonly unknown[]): unknown[] {
    return holders.map((holder) => read(holder, "metadata", "annotations")).filter((value) => value !== undefined);
}

function describeContainer(node: unknown, field: string, index: number, path: string): Container {
    const restartPolicy = field === "initContainers" ? read(node, "restartPolicy") : undefined;
    const kind: ContainerKind =
        field === "containers"
            ? "container"
            : field === "ephemeralContainers"
              ? "ephemeralContainer"
              : restartPolicy === "Always"
                ? "sidecar"
                : "initContainer";
    const name = read(node, "name");
    return {
        kind,
        maybeSidecar: restartPolicy === notKnown,
        name: typeof name === "string" ? name : undefined,
        nameKnown: name !== notKnown,
        label: `${kindWords[kind]} ${quoteName(name) ?? `${field}[${index}]`}`,
        path,
        node,
        mounts: undefined,
    };
}

const kindWords: Readonly<Record<ContainerKind, string>> = {
    container: "container",
    initContainer: "init container",
    sidecar: "sidecar",
    ephemeralContainer: "ephemeral container",
};

/**
 * A name in backquotes, for a message; undefined for anything that is not a proper Kubernetes name,
 * because what stands in a name's place by mistake may be a secret.
 */
export function quoteName(name: unknown): string | undefined {
    return typeof name === "string" && /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/.test(name) ? `\`${name}\`` : undefined;
}
