import type { types } from "@pulumi/kubernetes";
import { Deployment, type DeploymentArgs } from "@pulumi/kubernetes/apps/v1/deployment";
import { PersistentVolumeClaim } from "@pulumi/kubernetes/core/v1/persistentVolumeClaim";
import { Pod, type PodArgs } from "@pulumi/kubernetes/core/v1/pod";
import { Service, type ServiceArgs as KubernetesServiceArgs } from "@pulumi/kubernetes/core/v1/service";
import * as pulumi from "@pulumi/pulumi";

import { clusterClient } from "./clusterClient";
import { InputErrors, withoutStack } from "./inputErrors";
import { leftoverRemoval } from "./leftovers";
import type { LocalCluster } from "./localCluster";
import { dnsLabelProblem, objectNameProblem, type PodSpec, podSpec, type PodSpecArgs } from "./podSpec";
import { DEFAULT_TIMEOUT_SECONDS, type ReadinessArgs, settle, type Workload } from "./readiness";

/**
 * Changes a child's inputs before it is registered: fields to put over ours, or a function that changes the inputs, or
 * the options, in place.
 */
export type Transform<T> = Partial<T> | ((args: T, opts: pulumi.CustomResourceOptions, name: string) => void);

/** The names and marks of a pod. */
export interface PodMetadata {
    /** @default the component's name */
    name?: string;
    /** @default "default" */
    namespace?: string;
    /**
     * A Deployment or a Service selects the pods by `app`, or by all labels where there is no `app`.
     *
     * @default { app: name } with a Deployment or a Service, otherwise none
     */
    labels?: Record<string, string>;
    /** @default none */
    annotations?: Record<string, pulumi.Input<string>>;
}

/** A Service in front of the pods. */
export interface ServiceArgs {
    /** @default "ClusterIP" */
    type?: "ClusterIP" | "NodePort" | "LoadBalancer";
    /** The port that clients use, 1 to 65535. */
    port: number;
    /**
     * The port of the container, by number or by name.
     *
     * @default the same as `port`
     */
    targetPort?: number | string;
}

export interface SidecarPodArgs extends PodSpecArgs {
    /** @default {} */
    metadata?: PodMetadata;
    /**
     * A bare Pod, or a Deployment, which puts its pods back wherever they get lost and replaces them one by one.
     *
     * @default "Pod"
     */
    workload?: "Pod" | "Deployment";
    /**
     * How many pods a Deployment has, 0 or more.
     *
     * @default 1
     */
    replicas?: number;
    /** @default none */
    service?: ServiceArgs;
    /**
     * The cluster to deploy to. It takes the place of `opts.provider`.
     *
     * @default the provider in `opts`, or the stack's default one
     */
    cluster?: LocalCluster;
    /**
     * How long an update waits for the containers to stay up, or false to leave the waiting to the provider. Without
     * `cluster` it is left to the provider, because only then is it sure which cluster to watch.
     *
     * @default { timeoutSeconds: 120, graceSeconds: 5 }
     */
    readiness?: ReadinessArgs | false;
    /** @default none */
    transforms?: {
        pod?: Transform<PodArgs>;
        deployment?: Transform<DeploymentArgs>;
        service?: Transform<KubernetesServiceArgs>;
    };
}

/**
 * A pod of main containers and sidecars that share volumes, as a bare Pod or by a Deployment.
 *
 * Labels and annotations of a bare Pod change in place. Every other change replaces it within the same update, the old
 * one first, because its name is fixed. An update succeeds only when every container stays up.
 *
 * @throws InvalidInputError with the property path of each mistake.
 * @example
 * const logs = emptyDir("shared-logs", { sizeLimit: "64Mi" });
 * new SidecarPod("webserver", {
 *     metadata: { labels: { app: "nginx" } },
 *     containers: [{ name: "nginx-container", image: "nginx:latest", mounts: [logs.at("/var/log/nginx")] }],
 *     sidecars: [logReader({ name: "reader", logs: logs.readOnlyAt("/var/log/nginx"), files: ["access.log"] })],
 * });
 */
export class SidecarPod extends pulumi.ComponentResource {
    /** The bare Pod, unless the workload is a Deployment. */
    readonly pod?: Pod;
    /** The Deployment, if the workload is one. */
    readonly deployment?: Deployment;
    /** The Service, if one was asked for. */
    readonly service?: Service;
    /** The claims that were created for the volumes. */
    readonly claims: PersistentVolumeClaim[];

    /** The name of the Pod or Deployment, once its containers stay up. */
    readonly workloadName: pulumi.Output<string>;
    readonly namespace: pulumi.Output<string>;
    /** The bare Pod's address in the cluster. Not there for a Deployment. */
    readonly podIP?: pulumi.Output<string>;
    /** The images of the lasting containers, by container name. */
    readonly images: pulumi.Output<Record<string, string>>;

    constructor(name: string, args: SidecarPodArgs, opts: pulumi.ComponentResourceOptions = {}) {
        const podName = args.metadata?.name ?? name;
        const { spec, claims } = checkedPodSpec(podName, args);

        super(
            "sidecars:index:SidecarPod",
            name,
            {},
            args.cluster ? { ...opts, provider: args.cluster.provider } : opts,
        );

        const { workload = "Pod", metadata = {}, transforms = {}, service } = args;
        const labels = labelsOf(podName, args);
        const namespace = metadata.namespace ?? "default";
        const watch = beginWatch(this, args, { kind: workload, namespace, name: podName });

        this.claims = claims.map(
            (claim) =>
                new PersistentVolumeClaim(
                    `${name}-${claim.name}`,
                    { metadata: { name: claim.name, namespace }, spec: claim.spec },
                    { parent: this },
                ),
        );
        const leftovers = leftoverRemoval(args.cluster);
        const childOpts = { parent: this, dependsOn: this.claims, hooks: leftovers.hooks };
        let live: pulumi.Output<string | undefined>;
        let registered: pulumi.Output<types.output.meta.v1.ObjectMeta>;
        if (workload === "Pod") {
            const annotations = {
                ...watch.annotations("{.status.podIP}"),
                ...leftovers.annotations(`${name}-pod`),
                ...metadata.annotations,
            };
            this.pod = create(
                Pod,
                `${name}-pod`,
                { metadata: { name: podName, namespace, labels, annotations }, spec },
                { ...childOpts, replaceOnChanges: ["spec"], deleteBeforeReplace: true },
                transforms.pod,
            );
            live = watch.end(this.pod);
            registered = this.pod.metadata;
        } else {
            const annotations = {
                ...watch.annotations("{.metadata.uid}"),
                ...leftovers.annotations(`${name}-deployment`),
            };
            const template = { metadata: { labels, annotations: metadata.annotations }, spec };
            this.deployment = create(
                Deployment,
                `${name}-deployment`,
                {
                    metadata: { name: podName, namespace, labels, annotations },
                    spec: { replicas: args.replicas ?? 1, selector: { matchLabels: selectorOf(labels) }, template },
                },
                childOpts,
                transforms.deployment,
            );
            live = watch.end(this.deployment);
            registered = this.deployment.metadata;
        }
        if (service !== undefined) {
            const { type = "ClusterIP", port, targetPort = port } = service;
            const annotations = {
                ...watch.annotations("{.metadata.uid}"),
                ...leftovers.annotations(`${name}-service`),
            };
            this.service = create(
                Service,
                `${name}-service`,
                {
                    metadata: { name: podName, namespace, labels, annotations },
                    spec: { type, selector: selectorOf(labels), ports: [{ port, targetPort }] },
                },
                { parent: this, dependsOn: this.pod ?? this.deployment, hooks: leftovers.hooks },
                transforms.service,
            );
        }

        this.workloadName = live.apply(() => registered).apply((known) => known.name);
        this.namespace = live.apply(() => registered).apply((known) => known.namespace);
        if (this.pod !== undefined) {
            this.podIP = pulumi.all([live, this.pod.status.podIP]).apply(([address, known]) => address ?? known);
        }
        this.images = live.apply(() => imagesOf(spec));
        this.registerOutputs({
            workloadName: this.workloadName,
            namespace: this.namespace,
            podIP: this.podIP,
            images: this.images,
        });
    }
}

function create<Args, Child>(
    child: new (name: string, args: Args, opts: pulumi.CustomResourceOptions) => Child,
    name: string,
    args: Args,
    opts: pulumi.CustomResourceOptions,
    transform: Transform<Args> | undefined,
): Child {
    if (typeof transform !== "function") {
        return new child(name, { ...args, ...transform }, opts);
    }
    transform(args, opts, name);
    return new child(name, args, opts);
}

function labelsOf(
    podName: string,
    { metadata, workload, service }: SidecarPodArgs,
): Record<string, string> | undefined {
    return metadata?.labels ?? (workload === "Deployment" || service !== undefined ? { app: podName } : undefined);
}

/** A Deployment's selector never changes, so it takes no more labels than it needs. */
function selectorOf(labels: Record<string, string> = {}): Record<string, string> {
    return labels.app === undefined ? labels : { app: labels.app };
}

function imagesOf({
    containers,
    initContainers = [],
}: types.input.core.v1.PodSpec): pulumi.Output<Record<string, string>> {
    return pulumi
        .all([containers, initContainers])
        .apply(([main, init]) =>
            Object.fromEntries(
                [...main, ...init.filter((container) => container.restartPolicy === "Always")].map((container) => [
                    container.name,
                    container.image ?? "",
                ]),
            ),
        );
}

/** The waiting for one workload. */
interface Watch {
    /** Leaves to the provider what is the provider's: the time until `path` is there. */
    annotations(path: string): Record<string, string> | undefined;
    /** Fails unless the containers stay up. Gives the address of the first pod, where it is known. */
    end(resource: Pod | Deployment): pulumi.Output<string | undefined>;
}

function beginWatch(owner: pulumi.Resource, { cluster, readiness = {} }: SidecarPodArgs, workload: Workload): Watch {
    if (cluster === undefined || readiness === false) {
        return { annotations: () => undefined, end: () => pulumi.output(undefined) };
    }
    // The provider gives up a little later than we do, because it cannot say why.
    const providerSeconds = (readiness.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS) + 5;
    const annotations = (path: string): Record<string, string> => ({
        "pulumi.com/waitFor": `jsonpath=${path}`,
        "pulumi.com/timeoutSeconds": String(Math.ceil(providerSeconds)),
    });
    if (pulumi.runtime.isDryRun()) {
        return { annotations, end: () => pulumi.output(undefined) };
    }
    let announce: (uid: string) => void;
    const registered = new Promise<string>((resolve) => (announce = resolve));
    const settled = clusterClient(cluster.context).then((client) => settle(workload, registered, client, readiness));
    return {
        annotations,
        end: (resource) => {
            resource.metadata.uid.apply(announce);
            const address = settled.then(
                (pods) => pods[0]?.status.podIP,
                (error: unknown) => {
                    const message = error instanceof Error ? error.message : String(error);
                    // Not the workload's error: what is said of a resource is not shown before that is registered.
                    throw withoutStack(new pulumi.ResourceError(message, owner, true));
                },
            );
            return pulumi.output(address);
        },
    };
}

/**
 * Everything that can be checked before a pod is registered.
 *
 * @throws InvalidInputError with the property path of each mistake.
 */
export function checkedPodSpec(podName: string, args: SidecarPodArgs): PodSpec {
    checkShape(podName, args);
    return podSpec(podName, args);
}

function checkShape(podName: string, args: SidecarPodArgs): void {
    const errors = new InputErrors();
    const { metadata = {}, workload = "Pod", replicas, service, readiness, spec } = args;
    const report = (path: string, problem: string | undefined) => {
        if (problem !== undefined) {
            errors.add(path, problem);
        }
    };
    report("metadata.name", objectNameProblem(podName));
    if (metadata.namespace !== undefined) {
        report("metadata.namespace", dnsLabelProblem(metadata.namespace));
    }
    if (workload !== "Pod" && workload !== "Deployment") {
        errors.add("workload", `${JSON.stringify(workload)} is neither "Pod" nor "Deployment"`);
    }
    if (replicas !== undefined && workload === "Pod") {
        errors.add("replicas", 'a bare Pod is always one: use workload "Deployment" for replicas');
    } else if (replicas !== undefined && !(Number.isInteger(replicas) && replicas >= 0)) {
        errors.add("replicas", `${replicas} is not a whole number of 0 or more`);
    }
    if (workload === "Deployment" && spec?.restartPolicy !== undefined && spec.restartPolicy !== "Always") {
        errors.add("spec.restartPolicy", 'must be "Always" in a Deployment');
    }
    const labels = labelsOf(podName, args);
    if (
        labels !== undefined &&
        Object.keys(labels).length === 0 &&
        (workload === "Deployment" || service !== undefined)
    ) {
        errors.add("metadata.labels", "a Deployment or a Service needs a label that selects its pods");
    }
    if (service !== undefined) {
        report("service.port", portProblem(service.port));
        if (typeof service.targetPort === "number") {
            report("service.targetPort", portProblem(service.targetPort));
        }
        if (!/^[a-z][-a-z0-9]{0,62}$/.test(podName)) {
            errors.add(
                "metadata.name",
                `"${podName}" cannot be a Service's name: at most 63 characters, a letter first, no "."`,
            );
        }
        const types = ["ClusterIP", "NodePort", "LoadBalancer"];
        if (service.type !== undefined && !types.includes(service.type)) {
            errors.add("service.type", `${JSON.stringify(service.type)} is none of ${types.join(", ")}`);
        }
    }
    if (readiness !== undefined && readiness !== false) {
        const { timeoutSeconds = 1, graceSeconds = 0 } = readiness;
        if (!(Number.isFinite(timeoutSeconds) && timeoutSeconds > 0)) {
            errors.add("readiness.timeoutSeconds", `${timeoutSeconds} is not a number of seconds above 0`);
        }
        if (!(Number.isFinite(graceSeconds) && graceSeconds >= 0)) {
            errors.add("readiness.graceSeconds", `${graceSeconds} is not a number of seconds`);
        }
    }
    errors.throwIfAny();
}

function portProblem(port: number): string | undefined {
    return Number.isInteger(port) && port >= 1 && port <= 65535 ? undefined : `${port} is not a port, 1 to 65535`;
}
