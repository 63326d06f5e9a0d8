import { CoreV1Api, type V1Pod, type V1PodSpec } from "@kubernetes/client-node";
import { loadKubeConfig } from "./kubeconfig";
import { probe, StepError } from "./steps";
import { documented, LiveWebserver } from "./webserver";

/** What is of interest here in a resource of a stack's state. */
interface Resource {
    readonly type: string;
    readonly inputs?: unknown;
    readonly outputs?: unknown;
}

/** A Pod or a Deployment, as its program wants it. */
interface Workload {
    readonly kind: string;
    readonly metadata: { readonly name: string; readonly namespace?: string };
    readonly spec: V1PodSpec & {
        readonly template?: { readonly spec: V1PodSpec };
        readonly selector?: { readonly matchLabels: Record<string, string> };
    };
}

/** The name of a workload's pod, the newest of a Deployment's; undefined if it has none. */
async function podName(
    core: CoreV1Api,
    namespace: string,
    { kind, metadata, spec }: Workload,
): Promise<string | undefined> {
    if (kind === "Pod") {
        return metadata.name;
    }
    const labelSelector = Object.entries(spec.selector?.matchLabels ?? {})
        .map(([key, value]) => `${key}=${value}`)
        .join(",");
    const { items } = await core.listNamespacedPod({ namespace, labelSelector });
    // Other pods may have the same labels.
    const isOwn = (pod: V1Pod): boolean =>
        pod.metadata?.deletionTimestamp === undefined &&
        pod.metadata?.ownerReferences?.some(
            (owner) => owner.kind === "ReplicaSet" && owner.name.startsWith(`${metadata.name}-`),
        ) === true;
    const created = (pod: V1Pod): number => pod.metadata?.creationTimestamp?.getTime() ?? 0;
    return items.filter(isOwn).sort((one, other) => created(other) - created(one))[0]?.metadata?.name;
}

/**
 * The webserver that a stack's program wants to run, on the cluster that it was deployed to. Its names are the stack's own, so that what
 * is live can be held against them.
 *
 * @param state the stack as `pulumi stack export` prints it
 * @throws StepError if the stack holds none
 */
export async function deployedIn(state: string): Promise<LiveWebserver> {
    const { deployment } = JSON.parse(state) as { deployment: { resources?: Resource[] } };
    const find = (...types: string[]): Resource | undefined =>
        deployment.resources?.find(({ type }) => types.includes(type));
    const workload = find("kubernetes:core/v1:Pod", "kubernetes:apps/v1:Deployment")?.inputs as Workload | undefined;
    if (workload === undefined) {
        throw new StepError("No webserver is deployed.", "`make up` deploys it.");
    }
    const config = loadKubeConfig();
    const cluster = find("sidecars:index:LocalCluster")?.outputs as { context?: string } | undefined;
    if (cluster?.context !== undefined) {
        config.setCurrentContext(cluster.context);
    }
    const namespace = workload.metadata.namespace ?? documented.namespace;
    const pod = await podName(config.makeApiClient(CoreV1Api), namespace, workload);
    if (pod === undefined) {
        throw new StepError(
            `The ${workload.kind.toLowerCase()} ${workload.metadata.name} has no pod.`,
            "`make up` deploys it anew.",
        );
    }
    const { containers, initContainers = [] } = workload.spec.template?.spec ?? workload.spec;
    const [server] = containers;
    const reader = containers[1] ?? initContainers.find(({ restartPolicy }) => restartPolicy === "Always");
    const mount = reader?.volumeMounts?.[0];
    return new LiveWebserver(config, {
        namespace,
        pod,
        server: server?.name ?? documented.server,
        reader: reader?.name ?? documented.reader,
        volume: mount?.name ?? documented.volume,
        path: mount?.mountPath ?? documented.path,
        port: server?.ports?.[0]?.containerPort ?? documented.port,
    });
}

/** The webserver of the development stack. */
export async function deployedWebserver(): Promise<LiveWebserver> {
    const { ok, stdout } = await probe("pulumi", ["stack", "export", "--stack", "dev"], { timeout: 60 });
    if (!ok) {
        throw new StepError("No webserver is deployed.", "`make up` deploys it.");
    }
    return deployedIn(stdout);
}
