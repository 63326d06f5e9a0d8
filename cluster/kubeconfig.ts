import { KubeConfig } from "@kubernetes/client-node";
import { request } from "node:https";

/** Context names that local clusters give themselves. */
const localContext = /^(kind-.+|minikube|k3d-.+|docker-desktop|rancher-desktop|orbstack|colima(-.+)?|microk8s)$/;

/** The kubeconfig as kubectl reads it. */
export function loadKubeConfig(): KubeConfig {
    const config = new KubeConfig();
    config.loadFromDefault();
    return config;
}

/** Whether the API server behind a context answers with good health within some seconds. */
export async function ready(context: string, seconds = 5): Promise<boolean> {
    const config = loadKubeConfig();
    config.setCurrentContext(context);
    const server = config.getCurrentCluster()?.server;
    if (server === undefined) {
        return false;
    }
    const options = { signal: AbortSignal.timeout(seconds * 1000) };
    await config.applyToHTTPSOptions(options);
    return new Promise((resolve) => {
        const probe = request(`${server}/readyz`, options, (response) => {
            response.resume();
            resolve(response.statusCode === 200);
        });
        probe.on("error", () => {
            resolve(false);
        });
        probe.end();
    });
}

/** The current context if it is a local cluster's that answers. */
export async function currentLocalContext(): Promise<string | undefined> {
    const context = loadKubeConfig().getCurrentContext();
    return context !== undefined && localContext.test(context) && (await ready(context)) ? context : undefined;
}
