import { namePattern } from "../namePattern";
import { type Container, type PodTemplate, notKnown, read } from "../podTemplate";
import { type IgnoreOption, type Rule, ignoreOption, isIgnored } from "../rule";
import { isWritable, mountsOf, volumesOf } from "../volumes";

/** Options of `sidecar-shares-volume`. */
export interface SidecarSharesVolumeOptions extends IgnoreOption {
    /** Names of main containers. */
    readonly main: readonly string[];
    /** Names of sidecars that work over the network. */
    readonly network: readonly string[];
    /** Whether the containers beside the main one are sidecars. */
    readonly classic: boolean;
    /** Whether only volumes that containers can write to count. */
    readonly writable: boolean;
}

/** Names, separated by commas, of a pod's sidecars that share nothing because they work over the network. */
export const networkSidecarsAnnotation = "sidecars/network";

/** The annotation by which Kubernetes itself knows a pod's main container (kubectl logs and exec take that one). */
const defaultContainerAnnotation = "kubectl.kubernetes.io/default-container";

/**
 * Every sidecar shares at least one volume with a main container.
 *
 * A native sidecar is one by its own word (`restartPolicy: Always`), and every container in `spec.containers` is a main container to it.
 * For the others Kubernetes has no word: main is what the option `main` names, else the pod's `kubectl.kubernetes.io/default-container`,
 * else the first container; the rest are sidecars.
 */
export const sidecarSharesVolume: Rule<SidecarSharesVolumeOptions> = {
    name: "sidecar-shares-volume",
    why: "A sidecar that reads logs, or brings content, works on files of the main container, and without a volume in common it sees none of them. Nothing fails then: it just does nothing.",
    level: "mandatory",
    options: {
        ignore: ignoreOption,
        main: {
            type: "array",
            items: { type: "string", minLength: 1 },
            description:
                "Main containers, by name; `*` stands for any characters. In a pod that has none of them, the main container is that of the annotation `kubectl.kubernetes.io/default-container`, else the first.",
            default: [],
        },
        network: {
            type: "array",
            items: { type: "string", minLength: 1 },
            description:
                "Sidecars that work over the network and need no volume, by name; `*` stands for any characters. A pod names its own in the annotation `sidecars/network`.",
            default: [
                "istio-proxy",
                "linkerd-proxy",
                "envoy",
                "cloud-sql-proxy",
                "cloudsql-proxy",
                "oauth2-proxy",
                "kube-rbac-proxy",
                "queue-proxy",
                "daprd",
            ],
        },
        classic: {
            type: "boolean",
            description:
                "Containers beside the main one are sidecars too, not only native ones (`restartPolicy: Always`).",
            default: true,
        },
        writable: {
            type: "boolean",
            description:
                "Only a volume that containers can write to counts: not a ConfigMap, Secret or other volume that both just read.",
            default: false,
        },
    },
    check(pod, options, report) {
        const apps = pod.containers.filter(({ kind }) => kind === "container");
        const network = networkSidecars(pod);
        const isNetwork = (name: string): boolean =>
            namePattern(options.network)(name) || (network.names.length > 0 && namePattern(network.names)(name));
        const mains = mainContainers(pod, apps, options);
        const classic = options.classic ? apps.filter((container) => !mains.containers.includes(container)) : [];
        const native = pod.containers.filter(({ kind, maybeSidecar }) => kind === "sidecar" || maybeSidecar);
        for (const sidecar of [...classic, ...native]) {
            if (isIgnored(sidecar, options) || (sidecar.name !== undefined && isNetwork(sidecar.name))) {
                continue;
            }
            const partners = sidecar.kind === "container" ? mains.containers : apps;
            const shared = shares(pod, sidecar, partners, options.writable);
            if (shared === "yes") {
                continue;
            }
            const known = shared === "no" && sidecar.nameKnown && !sidecar.maybeSidecar && mains.known && network.known;
            if (!known || pod.partial || pod.notKnown.length > 0) {
                report.notChecked(`${sidecar.path}.volumeMounts`);
                continue;
            }
            const main = partners[0];
            report.violation(
                `${sidecar.path}.volumeMounts`,
                `${sidecar.label}: as a sidecar it shares no volume with ${
                    partners.length === 1 && main !== undefined ? `the main ${main.label}` : "any main container"
                }, so it sees none of its files. Mount one volume in both (an emptyDir in spec.volumes); if it works over the network, name it in the annotation ${networkSidecarsAnnotation}.`,
            );
        }
    },
};

function mainContainers(
    pod: PodTemplate,
    apps: readonly Container[],
    options: SidecarSharesVolumeOptions,
): { containers: readonly Container[]; known: boolean } {
    const isMain = namePattern(options.main);
    const named = apps.filter(({ name }) => name !== undefined && isMain(name));
    if (named.length > 0) {
        return { containers: named, known: true };
    }
    const annotated = read(pod.metadata, "annotations", defaultContainerAnnotation);
    const byAnnotation = apps.filter(({ name }) => name !== undefined && name === annotated);
    const byName = annotated !== undefined || options.main.length > 0;
    return {
        containers: byAnnotation.length > 0 ? byAnnotation : apps.slice(0, 1),
        known: annotated !== notKnown && !(byName && apps.some(({ nameKnown }) => !nameKnown)),
    };
}

function networkSidecars(pod: PodTemplate): { names: readonly string[]; known: boolean } {
    const value = read(pod.metadata, "annotations", networkSidecarsAnnotation);
    const names = typeof value === "string" ? value.split(",").map((name) => name.trim()) : [];
    return { names, known: value !== notKnown };
}

function shares(
    pod: PodTemplate,
    sidecar: Container,
    partners: readonly Container[],
    writableOnly: boolean,
): "yes" | "no" | "notKnown" {
    const volumes = volumesOf(pod);
    const counts = (name: string): boolean => !writableOnly || isWritable(volumes.byName.get(name));
    const own = mountsOf(sidecar);
    const ownNames = new Set(own.items.map(({ volume }) => volume));
    let known = own.known;
    for (const partner of partners) {
        const mounts = mountsOf(partner);
        known &&= mounts.known;
        if (mounts.items.some(({ volume }) => typeof volume === "string" && ownNames.has(volume) && counts(volume))) {
            return "yes";
        }
    }
    return known ? "no" : "notKnown";
}
