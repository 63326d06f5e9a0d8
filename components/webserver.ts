import * as pulumi from "@pulumi/pulumi";

import { shellWord } from "./clusterGuard";
import { renamingPaths } from "./inputErrors";
import type { LocalCluster } from "./localCluster";
import type { Resources } from "./podSpec";
import type { ReadinessArgs } from "./readiness";
import { emptyDir } from "./sharedVolume";
import { checkedPodSpec, SidecarPod, type SidecarPodArgs } from "./sidecarPod";
import { logReader, type LogReaderMode } from "./sidecars/logReader";

export interface WebserverArgs {
    /**
     * The pod's name.
     *
     * @default the component's name
     */
    name?: string;
    /** @default "default" */
    namespace?: string;
    /** Labels besides `app: nginx`, or instead of it if `app` is among them. @default none */
    labels?: Record<string, string>;
    /** @default none */
    annotations?: Record<string, pulumi.Input<string>>;
    /** The web server itself. */
    nginx?: {
        /** @default "nginx-container" */
        name?: string;
        /** @default "nginx:latest" */
        image?: pulumi.Input<string>;
        /** @default as {@link ContainerArgs.resources} says */
        resources?: Resources;
    };
    /** The sidecar that prints the web server's logs. */
    reader?: {
        /** @default "sidecar-container" */
        name?: string;
        /** @default "ubuntu:latest" */
        image?: pulumi.Input<string>;
        /**
         * `"follow"` prints each line once, `"snapshot"` the whole files every `intervalSeconds`.
         *
         * @default "follow"
         */
        mode?: LogReaderMode;
        /**
         * Seconds between two snapshots.
         *
         * @default 30
         */
        intervalSeconds?: number;
        /**
         * Runs this instead, taken literally.
         *
         * @default our own script for `mode`
         */
        command?: string[];
        /**
         * A native sidecar, which starts before nginx and ends after it. Needs Kubernetes 1.29.
         *
         * @default false
         */
        native?: boolean;
        /** @default as {@link LogReaderArgs.resources} says */
        resources?: Resources;
    };
    /** The volume that both share. */
    logs?: {
        /** @default "shared-logs" */
        name?: string;
        /**
         * Where it is mounted, in both.
         *
         * @default "/var/log/nginx"
         */
        path?: string;
        /**
         * How large it may grow before the pod is evicted.
         *
         * @default "64Mi"
         */
        sizeLimit?: pulumi.Input<string>;
        /** @default ["access.log", "error.log"] */
        files?: string[];
    };
    /** @default "Pod" */
    workload?: "Pod" | "Deployment";
    /** How many pods, of a Deployment only. @default 1 */
    replicas?: number;
    /**
     * A Service in front of it: its type, and its port (80 unless given).
     *
     * @default none
     */
    service?: { type?: "ClusterIP" | "NodePort" | "LoadBalancer"; port?: number };
    /**
     * The cluster to deploy to.
     *
     * @default the provider in `opts`, or the stack's default one
     */
    cluster?: LocalCluster;
    /** @default { timeoutSeconds: 120, graceSeconds: 5 } */
    readiness?: ReadinessArgs | false;
    /** @default none */
    transforms?: SidecarPodArgs["transforms"];
}

/** Ready to be pasted into a shell. */
export interface WebserverCommands {
    /** Follows the sidecar's output. */
    readonly logs: string;
    /** Opens a shell beside nginx. */
    readonly exec: string;
    /** Makes the web server http://localhost:8080. */
    readonly portForward: string;
}

const HTTP_PORT = 80;

/**
 * nginx, and a sidecar that reads its logs from a volume that both share.
 *
 * @throws InvalidInputError with the property path of each mistake.
 * @example
 * const cluster = await LocalCluster.connect("cluster");
 * new Webserver("webserver", { cluster, reader: { native: true } });
 */
export class Webserver extends pulumi.ComponentResource {
    readonly sidecarPod: SidecarPod;
    /** The name of the Pod or Deployment. */
    readonly podName: pulumi.Output<string>;
    readonly namespace: pulumi.Output<string>;
    /** The bare Pod's address in the cluster. Not there for a Deployment. */
    readonly podIP?: pulumi.Output<string>;
    /** The images in use, by container name. */
    readonly images: pulumi.Output<Record<string, string>>;
    readonly commands: pulumi.Output<WebserverCommands>;

    constructor(name: string, args: WebserverArgs = {}, opts: pulumi.ComponentResourceOptions = {}) {
        const podArgs = checkedArgs(name, args);
        super("sidecars:index:Webserver", name, {}, opts);
        this.sidecarPod = new SidecarPod(name, podArgs, { parent: this });
        this.podName = this.sidecarPod.workloadName;
        this.namespace = this.sidecarPod.namespace;
        this.podIP = this.sidecarPod.podIP;
        this.images = this.sidecarPod.images;
        this.commands = pulumi
            .all([this.podName, this.namespace])
            .apply(([podName, namespace]) => commands(args, podName, namespace));
        this.registerOutputs({
            podName: this.podName,
            namespace: this.namespace,
            podIP: this.podIP,
            images: this.images,
            commands: this.commands,
        });
    }
}

/** How the inputs of the parts are called among ours. */
const PATHS: [RegExp, string][] = [
    [/^containers\[0\]\.mounts\[0\]\.path/, "logs.path"],
    [/^(containers|sidecars)\[0\]\.mounts\[0\]\.volume\.name/, "logs.name"],
    [/^logReader\.logs\.path/, "logs.path"],
    [/^logReader\.files/, "logs.files"],
    [/^volumes\[.*\]/, "logs"],
    [/^(logReader|sidecars\[0\])\./, "reader."],
    [/^containers\[0\]\./, "nginx."],
    [/^metadata\./, ""],
];

function ownPath(path: string): string {
    const [pattern, replacement] = PATHS.find(([candidate]) => candidate.test(path)) ?? [/^/, ""];
    return path.replace(pattern, replacement);
}

/**
 * Everything that can be checked before anything is registered.
 *
 * @throws InvalidInputError with the property path of each mistake.
 */
export function checkedArgs(name: string, args: WebserverArgs): SidecarPodArgs {
    return renamingPaths(ownPath, () => {
        const podArgs = sidecarPodArgs(name, args);
        checkedPodSpec(args.name ?? name, podArgs);
        return podArgs;
    });
}

function sidecarPodArgs(name: string, args: WebserverArgs): SidecarPodArgs {
    const { nginx = {}, reader = {}, service } = args;
    const { name: volume = "shared-logs", path = "/var/log/nginx", sizeLimit, files } = args.logs ?? {};
    const logs = emptyDir(volume, { sizeLimit });
    return {
        metadata: {
            name: args.name ?? name,
            namespace: args.namespace,
            labels: { app: "nginx", ...args.labels },
            annotations: args.annotations,
        },
        containers: [
            {
                name: nginx.name ?? "nginx-container",
                image: nginx.image ?? "nginx:latest",
                resources: nginx.resources,
                ports: [{ name: "http", containerPort: HTTP_PORT }],
                mounts: [logs.at(path)],
                // Connections only: an HTTP probe would write a line into the very log that is to be read.
                readinessProbe: { tcpSocket: { port: "http" }, periodSeconds: 5 },
                livenessProbe: { tcpSocket: { port: "http" }, periodSeconds: 20 },
                securityContext: {
                    allowPrivilegeEscalation: false,
                    // Root opens port 80, gives the workers another user, hands them their directories and logs, and
                    // opens the logs again when they are the workers'.
                    capabilities: {
                        drop: ["ALL"],
                        add: ["CHOWN", "DAC_OVERRIDE", "NET_BIND_SERVICE", "SETGID", "SETUID"],
                    },
                    seccompProfile: { type: "RuntimeDefault" },
                },
            },
        ],
        sidecars: [
            logReader({
                ...reader,
                name: reader.name ?? "sidecar-container",
                logs: logs.readOnlyAt(path),
                files: files ?? ["access.log", "error.log"],
            }),
        ],
        workload: args.workload,
        replicas: args.replicas,
        service: service && { type: service.type, port: service.port ?? HTTP_PORT, targetPort: "http" },
        cluster: args.cluster,
        readiness: args.readiness,
        transforms: args.transforms,
    };
}

function commands(args: WebserverArgs, podName: string, namespace: string): WebserverCommands {
    const context = args.cluster === undefined ? "" : ` --context ${shellWord(args.cluster.context)}`;
    const kubectl = `kubectl${context} -n ${namespace}`;
    const target = args.workload === "Deployment" ? `deployment/${podName}` : podName;
    return {
        logs: `${kubectl} logs -f ${target} -c ${args.reader?.name ?? "sidecar-container"}`,
        exec: `${kubectl} exec -it ${target} -c ${args.nginx?.name ?? "nginx-container"} -- sh`,
        portForward: `${kubectl} port-forward ${args.workload === "Deployment" ? target : `pod/${podName}`} 8080:${HTTP_PORT}`,
    };
}
