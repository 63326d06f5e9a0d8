import { Provider } from "@pulumi/kubernetes/provider";
import * as pulumi from "@pulumi/pulumi";

import { refusal, silence } from "./clusterGuard";
import { InvalidInputError } from "./inputErrors";
import { type ClusterAddress, clusterAddress, KubeconfigError } from "./kubeconfig";

export interface LocalClusterArgs {
    /**
     * The kubeconfig context to deploy to.
     *
     * @default the current context
     */
    context?: string;
    /**
     * The exact name of a context that may be deployed to although it is not a local cluster.
     *
     * @default the stack's config value `sidecars:allowContext`
     */
    allowContext?: string;
    /**
     * Milliseconds that the cluster has for its answer.
     *
     * @default 5000
     */
    answerWithinMs?: number;
}

/**
 * A local Kubernetes cluster (kind, minikube, k3d, Docker Desktop and the like) and the provider that deploys to it.
 *
 * @example
 * const cluster = await LocalCluster.connect("cluster");
 * new SidecarPod("webserver", { ... }, { provider: cluster.provider });
 */
export class LocalCluster extends pulumi.ComponentResource {
    /** The kubeconfig context in use. */
    readonly context: string;
    /**
     * The provider. It applies on the client's side: with server-side apply a preview of most pod changes fails
     * (pulumi-kubernetes #3984).
     */
    readonly provider: Provider;

    private constructor(name: string, context: string, opts?: pulumi.ComponentResourceOptions) {
        super("sidecars:index:LocalCluster", name, {}, opts);
        this.context = context;
        this.provider = new Provider(
            `${name}-provider`,
            { context, enableServerSideApply: false },
            { parent: this, transformations: [withoutKubeconfig] },
        );
        this.registerOutputs({ context });
    }

    /**
     * Makes sure that the context is a local cluster, and then that the cluster answers, before anything is registered;
     * in a preview too, which the engine would finish happily against a dead server. A context that is refused gets no
     * request at all.
     *
     * @throws InvalidInputError when it is not local, is not in the kubeconfig, or does not answer.
     */
    static async connect(
        name: string,
        args: LocalClusterArgs = {},
        opts?: pulumi.ComponentResourceOptions,
    ): Promise<LocalCluster> {
        const allowed = args.allowContext ?? new pulumi.Config("sidecars").get("allowContext");
        const address = addressOrRefusal(args.context, allowed);
        const problem = await silence(address, args.answerWithinMs ?? 5000);
        if (problem !== undefined) {
            throw new InvalidInputError([{ propertyPath: "context", reason: problem }]);
        }
        return new LocalCluster(name, address.context, opts);
    }
}

/**
 * Takes out what the SDK puts in: KUBECONFIG of this environment, which would make the stack's state depend on it, and
 * which the provider does not understand when it is a list of files. The provider reads its own environment anyway.
 */
function withoutKubeconfig({ props, opts }: pulumi.ResourceTransformationArgs): pulumi.ResourceTransformationResult {
    return { props: { ...props, kubeconfig: undefined }, opts };
}

function addressOrRefusal(context: string | undefined, allowed: string | undefined): ClusterAddress {
    let address: ClusterAddress;
    try {
        address = clusterAddress(context);
    } catch (error) {
        if (error instanceof KubeconfigError) {
            throw new InvalidInputError([{ propertyPath: "context", reason: error.message }]);
        }
        throw error;
    }
    const reason = refusal(address, allowed);
    if (reason !== undefined) {
        throw new InvalidInputError([{ propertyPath: "context", reason }]);
    }
    return address;
}
