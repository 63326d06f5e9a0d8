import { KubeConfig } from "@kubernetes/client-node";
import { request } from "node:https";
import { isLocalName } from "../components/clusterGuard";
import { StepError } from "./steps";

/**
 * The kubeconfig as kubectl reads it: files that KUBECONFIG names and that are not there count as empty.
 *
 * @throws StepError if it cannot be read
 */
export function loadKubeConfig(): KubeConfig {
    const config = new KubeConfig();
    try {
        config.loadFromDefault();
    } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "ENOENT") {
            const reason = error instanceof Error ? error.message : String(error);
            throw new StepError(
                `The kubeconfig cannot be read: ${reason}`,
                "Mend it, or name another one in KUBECONFIG.",
            );
        }
    }
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
    return context !== undefined && isLocalName(context) && (await ready(context)) ? context : undefined;
}
