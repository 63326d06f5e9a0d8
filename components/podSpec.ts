import type { types } from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { InputErrors } from "./inputErrors";
import { parseQuantity, quantityProblem } from "./quantity";
import type { ClaimRequest, Mount, SharedVolume } from "./sharedVolume";

/** A container, in Kubernetes' own fields except for its mounts, which are taken from volumes. */
export interface ContainerArgs extends Omit<
    types.input.core.v1.Container,
    "name" | "image" | "volumeMounts" | "restartPolicy" | "resources"
> {
    /** A DNS label, unique in the pod. */
    name: string;
    image: pulumi.Input<string>;
    /**
     * Where which volumes are mounted.
     *
     * @default none
     */
    mounts?: Mount[];
    /**
     * Requests and limits, taken as they are when given.
     *
     * @default { requests: { cpu: "25m", memory: "32Mi" }, limits: { cpu: "500m", memory: "128Mi", "ephemeral-storage": "256Mi" } }
     */
    resources?: Resources;
}

/** Requests and limits of a container by resource name: `cpu` in cores or millicores, `memory` in bytes. */
export interface Resources {
    requests?: Record<string, pulumi.Input<string>>;
    limits?: Record<string, pulumi.Input<string>>;
}

/** A container that serves the main containers, through at least one volume that it shares with them. */
export interface SidecarArgs extends ContainerArgs {
    /**
     * Makes it a native sidecar: an init container that is restarted always, starts before the main containers and
     * ends after them. Needs Kubernetes 1.29 (KEP-753).
     *
     * @default false: an ordinary container beside the main ones
     */
    native?: boolean;
}

/** What a pod consists of. */
export interface PodSpecArgs {
    /** The main containers, at least one. */
    containers: ContainerArgs[];
    /** @default none */
    sidecars?: SidecarArgs[];
    /**
     * Containers that run to their end, one after the other, before the main ones start.
     *
     * @default none
     */
    initContainers?: ContainerArgs[];
    /**
     * Everything else that Kubernetes knows about a pod.
     *
     * @default { automountServiceAccountToken: false }
     */
    spec?: Omit<types.input.core.v1.PodSpec, "containers" | "initContainers" | "volumes">;
}

/** A pod's specification, and the claims that its volumes need. */
export interface PodSpec {
    readonly spec: types.input.core.v1.PodSpec;
    readonly claims: ClaimRequest[];
}

const DEFAULT_RESOURCES = {
    requests: { cpu: "25m", memory: "32Mi" },
    limits: { cpu: "500m", memory: "128Mi", "ephemeral-storage": "256Mi" },
} satisfies Resources;

type Role = "main" | "sidecar" | "init";

interface Member {
    readonly args: SidecarArgs;
    readonly path: string;
    readonly role: Role;
}

/**
 * Puts containers and sidecars together into the specification of a pod.
 *
 * Every mistake that can be seen before the API server sees the pod is found here.
 *
 * @param podName with which the names of new claims begin.
 * @throws InvalidInputError with the property path of each mistake.
 */
export function podSpec(podName: string, args: PodSpecArgs): PodSpec {
    const errors = new InputErrors();
    const members = [
        ...listMembers("initContainers", args.initContainers, "init"),
        ...listMembers("containers", args.containers, "main"),
        ...listMembers("sidecars", args.sidecars, "sidecar"),
    ];
    if (!Array.isArray(args.containers) || args.containers.length === 0) {
        errors.add("containers", "a pod needs at least one main container");
    }
    checkNames(members, errors);
    const volumes = collectVolumes(members, errors);
    checkSharing(members, errors);

    const built = members.map((member) => ({ member, container: container(member, errors) }));
    const pick = (wanted: (member: Member) => boolean) =>
        built.filter(({ member }) => wanted(member)).map((entry) => entry.container);
    const isNative = (member: Member) => member.role === "sidecar" && member.args.native === true;
    const inPod = volumes.map((volume) => volume.inPod(podName, errors, `volumes["${volume.name}"]`));
    errors.throwIfAny();

    // Native sidecars go first: they may serve the other init containers too.
    const initContainers = [...pick(isNative), ...pick((member) => member.role === "init")];
    return {
        spec: {
            automountServiceAccountToken: false,
            ...args.spec,
            ...(initContainers.length > 0 ? { initContainers } : {}),
            containers: [
                ...pick((member) => member.role === "main"),
                ...pick((member) => member.role === "sidecar" && !isNative(member)),
            ],
            ...(inPod.length > 0 ? { volumes: inPod.map((volume) => volume.source) } : {}),
        },
        claims: inPod.flatMap((volume) => volume.claim ?? []),
    };
}

function listMembers(property: string, list: SidecarArgs[] | undefined, role: Role): Member[] {
    return (list ?? []).map((args, index) => ({ args, role, path: `${property}[${index}]` }));
}

/** Says what is wrong with a DNS label (RFC 1123), as containers and volumes are named, or nothing. */
export function dnsLabelProblem(name: unknown): string | undefined {
    if (typeof name !== "string" || name === "") {
        return "must not be empty";
    }
    return name.length <= 63 && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(name)
        ? undefined
        : `"${name}" is not a DNS label: at most 63 lower-case letters, digits and "-", with a letter or digit at both ends`;
}

/** Says what is wrong with the name of a pod or another object (RFC 1123 subdomain), or nothing. */
export function objectNameProblem(name: string): string | undefined {
    const label = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
    return name !== "" && name.length <= 253 && name.split(".").every((part) => label.test(part))
        ? undefined
        : `"${name}" is not a DNS name: lower-case letters, digits, "-" and ".", with a letter or digit at both ends`;
}

function checkNames(members: Member[], errors: InputErrors): void {
    const owners = new Map<string, string>();
    for (const { args, path } of members) {
        const problem = dnsLabelProblem(args.name);
        if (problem !== undefined) {
            errors.add(`${path}.name`, problem);
            continue;
        }
        const owner = owners.get(args.name);
        if (owner !== undefined) {
            errors.add(`${path}.name`, `"${args.name}" is the name of ${owner} already`);
        }
        owners.set(args.name, owner ?? path);
    }
}

function collectVolumes(members: Member[], errors: InputErrors): SharedVolume[] {
    const volumes = new Map<string, SharedVolume>();
    for (const { args, path } of members) {
        (args.mounts ?? []).forEach(({ volume }, index) => {
            const known = volumes.get(volume.name);
            if (known === undefined) {
                const problem = dnsLabelProblem(volume.name);
                if (problem !== undefined) {
                    errors.add(`${path}.mounts[${index}].volume.name`, problem);
                }
                volumes.set(volume.name, volume);
            } else if (known !== volume) {
                errors.add(
                    `${path}.mounts[${index}].volume`,
                    `"${volume.name}" is the name of another volume in this pod: take both mounts from one volume, or rename one`,
                );
            }
        });
    }
    return [...volumes.values()];
}

function checkSharing(members: Member[], errors: InputErrors): void {
    const shared = new Set(
        members
            .filter(({ role }) => role === "main")
            .flatMap(({ args }) => (args.mounts ?? []).map((m) => m.volume.name)),
    );
    for (const { args, path, role } of members) {
        if (role === "sidecar" && !(args.mounts ?? []).some(({ volume }) => shared.has(volume.name))) {
            errors.add(`${path}.mounts`, `the sidecar "${args.name}" shares no volume with a main container`);
        }
    }
}

function container(member: Member, errors: InputErrors): types.input.core.v1.Container {
    const { args, path, role } = member;
    const { mounts = [], resources = DEFAULT_RESOURCES, native, image, ...rest } = args;
    checkProbes(member, errors);
    return {
        imagePullPolicy: "IfNotPresent",
        terminationMessagePolicy: "FallbackToLogsOnError",
        ...rest,
        image: errors.checked(`${path}.image`, image ?? "", imageProblem),
        resources: checkedResources(resources, `${path}.resources`, errors),
        ...(mounts.length > 0 ? { volumeMounts: volumeMounts(mounts, `${path}.mounts`, errors) } : {}),
        ...(role === "sidecar" && native === true ? { restartPolicy: "Always" } : {}),
    };
}

function imageProblem(image: string): string | undefined {
    if (image === "") {
        return "is not an image: it must not be empty";
    }
    return /\s/.test(image) ? "is not an image: it must not contain spaces" : undefined;
}

function volumeMounts(mounts: Mount[], path: string, errors: InputErrors): types.input.core.v1.VolumeMount[] {
    const taken = new Map<string, number>();
    return mounts.map((mount, index) => {
        const problem = mountPathProblem(mount.path);
        if (problem !== undefined) {
            errors.add(`${path}[${index}].path`, problem);
        } else {
            const directory = normalized(mount.path);
            const other = taken.get(directory);
            if (other !== undefined) {
                errors.add(`${path}[${index}].path`, `"${mount.path}" is where mounts[${other}] is mounted already`);
            }
            taken.set(directory, other ?? index);
        }
        if (mount.subPath !== undefined) {
            const subPathIssue = subPathProblem(mount.subPath);
            if (subPathIssue !== undefined) {
                errors.add(`${path}[${index}].subPath`, subPathIssue);
            }
        }
        return {
            name: mount.volume.name,
            mountPath: mount.path,
            ...(mount.readOnly ? { readOnly: true } : {}),
            ...(mount.subPath === undefined ? {} : { subPath: mount.subPath }),
        };
    });
}

function normalized(path: string): string {
    return `/${path
        .split("/")
        .filter((part) => part !== "" && part !== ".")
        .join("/")}`;
}

/** Says what is wrong with the path at which a volume is to be mounted, or nothing. */
export function mountPathProblem(path: unknown): string | undefined {
    if (typeof path !== "string" || path === "") {
        return "must not be empty";
    }
    if (!path.startsWith("/")) {
        return `"${path}" is not absolute: it must begin with "/"`;
    }
    if (path.split("/").includes("..")) {
        return `"${path}" must not contain ".."`;
    }
    if (path.includes(":") || path.includes("\0")) {
        return `"${path}" must not contain ":"`;
    }
    return normalized(path) === "/" ? `"${path}" is the container's root, where nothing can be mounted` : undefined;
}

function subPathProblem(path: string): string | undefined {
    if (path === "" || path.startsWith("/")) {
        return `"${path}" must be a relative path inside the volume`;
    }
    return path.split("/").includes("..") ? `"${path}" must not contain ".."` : undefined;
}

function checkedResources(
    { requests, limits }: Resources,
    path: string,
    errors: InputErrors,
): types.input.core.v1.ResourceRequirements {
    const checkedLimits = Object.fromEntries(
        Object.entries(limits ?? {}).map(([resource, limit]) => [
            resource,
            errors.checked(`${path}.limits.${resource}`, limit, quantityProblem),
        ]),
    );
    const checkedRequests = Object.fromEntries(
        Object.entries(requests ?? {}).map(([resource, request]) => [
            resource,
            checkedRequest(`${path}.requests.${resource}`, request, limits?.[resource], errors),
        ]),
    );
    return { ...(requests && { requests: checkedRequests }), ...(limits && { limits: checkedLimits }) };
}

function checkedRequest(
    path: string,
    request: pulumi.Input<string>,
    limit: pulumi.Input<string> | undefined,
    errors: InputErrors,
): pulumi.Input<string> {
    if (limit === undefined) {
        return errors.checked(path, request, quantityProblem);
    }
    const problem = (known: string, most: string) => {
        const value = parseQuantity(known);
        const maximum = parseQuantity(most);
        const tooMuch = value !== undefined && maximum !== undefined && maximum >= 0n && value > maximum;
        return quantityProblem(known) ?? (tooMuch ? "is above the limit" : undefined);
    };
    if (typeof limit === "string") {
        return errors.checked(path, request, (known) => {
            const reason = problem(known, limit);
            return reason === "is above the limit" ? `${reason} of "${limit}"` : reason;
        });
    }
    // The limit is known only later, so the request is checked with it then.
    const pair = errors.checked(path, pulumi.all([request, limit]), ([known, most]) => problem(known, most));
    return pulumi.output(pair).apply(([known]) => known);
}

type ProbeName = "startupProbe" | "livenessProbe" | "readinessProbe";
const PROBES: ProbeName[] = ["startupProbe", "livenessProbe", "readinessProbe"];
const HANDLERS = ["exec", "httpGet", "tcpSocket", "grpc"] as const;

/** Kubernetes' own rules for probes (pkg/apis/core/validation): which container may have which, and how. */
function checkProbes({ args, path, role }: Member, errors: InputErrors): void {
    for (const name of [...PROBES, "lifecycle"] as const) {
        if (role === "init" && args[name] !== undefined) {
            errors.add(
                `${path}.${name}`,
                "an init container runs to its end and may not have one; a native sidecar may",
            );
        }
    }
    for (const name of PROBES) {
        const probe = args[name];
        if (probe === undefined || pulumi.Output.isInstance(probe) || probe instanceof Promise) {
            continue;
        }
        const handlers = HANDLERS.filter((handler) => probe[handler] !== undefined);
        if (handlers.length !== 1) {
            errors.add(`${path}.${name}`, `needs exactly one of ${HANDLERS.join(", ")}, and has ${handlers.length}`);
        }
        const { successThreshold = 1, terminationGracePeriodSeconds: graceSeconds } = probe;
        if (name !== "readinessProbe" && typeof successThreshold === "number" && successThreshold !== 1) {
            errors.add(`${path}.${name}.successThreshold`, `must be 1, and is ${successThreshold}`);
        }
        if (name === "readinessProbe" && graceSeconds !== undefined) {
            errors.add(
                `${path}.${name}.terminationGracePeriodSeconds`,
                "a readiness probe never ends its container, so it may not have one",
            );
        }
    }
}
