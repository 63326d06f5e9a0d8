import { CoreV1Api, type V1Container, type V1Pod, type V1PodSpec } from "@kubernetes/client-node";
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

/** The pods that a workload has now, the newest first. */
async function pods(core: CoreV1Api, namespace: string, { kind, metadata, spec }: Workload): Promise<V1Pod[]> {
    if (kind === "Pod") {
        return [{ metadata: { name: metadata.name } }];
    }
    const labelSelector = Object.entries(spec.selector?.matchLabels ?? {})
        .map(([key, value]) => `${key}=${value}`)
        .join(",");
    const { items } = await core.listNamespacedPod({ namespace, labelSelector });
    const age = (pod: V1Pod): number => pod.metadata?.creationTimestamp?.getTime() ?? 0;
    // Other pods may have the same labels.
    const isOwn = (pod: V1Pod): boolean =>
        pod.metadata?.deletionTimestamp === undefined &&
        pod.metadata?.ownerReferences?.some((owner) => owner.kind === "ReplicaSet" && owner.name.startsWith(`${metadata.name}-`)) === true;
    return items.filter(isOwn).sort((a, b) => age(b) - age(a));
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
    const find = (...types: string[]): Resource | undefined => deployment.resources?.find(({ type }) => types.includes(type));
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
    const [pod] = await pods(config.makeApiClient(CoreV1Api), namespace, workload);
    if (pod?.metadata?.name === undefined) {
        throw new StepError(`The ${workload.kind.toLowerCase()} ${workload.metadata.name} has no pod.`, "`make up` deploys it anew.");
    }
    const { containers, initContainers = [] } = workload.spec.template?.spec ?? workload.spec;
    const server = containers[0] as V1Container;
    const reader = containers[1] ?? initContainers.find(({ restartPolicy }) => restartPolicy === "Always");
    const mount = reader?.volumeMounts?.[0];
    return new LiveWebserver(config, {
        namespace,
        pod: pod.metadata.name,
        server: server.name,
        reader: reader?.name ?? documented.reader,
        volume: mount?.name ?? documented.volume,
        path: mount?.mountPath ?? documented.path,
        port: server.ports?.[0]?.containerPort ?? documented.port,
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
