import { Config, secret } from "@pulumi/pulumi";
import { emptyDir, LocalCluster, logReader, SidecarPod } from "../../../components";

/** In what a pod differs from the webserver. */
interface Variation {
    readonly labels?: Record<string, string>;
    readonly image?: string;
    readonly env?: Record<string, string>;
    readonly secretEnv?: Record<string, string>;
    /** A startup probe on the server. */
    readonly startupProbe?: boolean;
    /** What the sidecar runs instead of the log reader's script. */
    readonly command?: string[];
    readonly sidecarImage?: string;
    readonly native?: boolean;
    /** How long its containers must have been up. */
    readonly graceSeconds?: number;
    readonly withoutSidecar?: boolean;
    readonly withoutLimits?: boolean;
}

/** The webserver's pod, in a variation that the stack's configuration asks for. */
export = async () => {
    const config = new Config();
    const variation = config.getObject<Variation>("variation") ?? {};
    const cluster = await LocalCluster.connect("cluster");
    const logs = emptyDir("shared-logs", { sizeLimit: "64Mi" });
    const path = "/var/log/nginx";
    new SidecarPod("webserver", {
        cluster,
        readiness: { graceSeconds: variation.graceSeconds },
        metadata: {
            name: "webserver",
            namespace: config.require("namespace"),
            labels: { app: "nginx", ...variation.labels },
        },
        containers: [
            {
                name: "nginx-container",
                image: variation.image ?? "nginx:latest",
                imagePullPolicy: "IfNotPresent",
                env: [
                    ...Object.entries(variation.env ?? {}).map(([name, value]) => ({ name, value })),
                    ...Object.entries(variation.secretEnv ?? {}).map(([name, value]) => ({
                        name,
                        value: secret(value),
                    })),
                ],
                mounts: [logs.at(path)],
                ...(variation.startupProbe && { startupProbe: { httpGet: { path: "/", port: 80 }, periodSeconds: 1 } }),
                ...(variation.withoutLimits && { resources: {} }),
            },
        ],
        sidecars: variation.withoutSidecar
            ? []
            : [
                  logReader({
                      name: "sidecar-container",
                      image: variation.sidecarImage,
                      imagePullPolicy: "IfNotPresent",
                      logs: logs.readOnlyAt(path),
                      files: ["access.log", "error.log"],
                      command: variation.command,
                      native: variation.native,
                  }),
              ],
    });
};
