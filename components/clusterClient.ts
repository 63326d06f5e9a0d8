import * as https from "node:https";

/** Reads from one cluster's API. */
export interface ClusterReader {
    /** An object, or undefined when there is none. Throws when the cluster does not answer. */
    get<T>(path: string): Promise<T | undefined>;
    /** A log or another plain text, or undefined when there is none. */
    text(path: string): Promise<string | undefined>;
}

/** Also changes what is there. */
export interface ClusterClient extends ClusterReader {
    /** Has an object deleted, which takes its time. It is no mistake when there is none. */
    remove(path: string): Promise<void>;
}

/** The API server's answer to a request that it did not grant. */
export class ApiError extends Error {
    constructor(
        readonly status: number,
        message: string,
    ) {
        super(message);
    }
}

/**
 * A client with the credentials of a kubeconfig context.
 *
 * Loading the Kubernetes client takes about half a second, so it is loaded on first use only.
 *
 * @param context undefined for the current one.
 * @param requestTimeoutMs for each request.
 */
export async function clusterClient(context: string | undefined, requestTimeoutMs = 5000): Promise<ClusterClient> {
    const { KubeConfig } = await import("@kubernetes/client-node");
    const config = new KubeConfig();
    config.loadFromDefault();
    if (context !== undefined) {
        config.setCurrentContext(context);
    }
    const server = config.getCurrentCluster()?.server.replace(/\/+$/, "");
    if (server === undefined) {
        throw new Error(`the context "${context}" has no cluster`);
    }

    const send = async (method: "GET" | "DELETE", path: string): Promise<string | undefined> => {
        const options: https.RequestOptions = { method };
        await config.applyToHTTPSOptions(options);
        const signal = AbortSignal.timeout(requestTimeoutMs);
        const { status, body } = await request(`${server}${path}`, { ...options, signal });
        if (status === 404) {
            return undefined;
        }
        if (status >= 400) {
            throw new ApiError(status, `${status} from the API server for ${method} ${path}: ${body.slice(0, 500)}`);
        }
        return body;
    };
    return {
        async get<T>(path: string) {
            const body = await send("GET", path);
            return body === undefined ? undefined : (JSON.parse(body) as T);
        },
        text: (path) => send("GET", path),
        async remove(path) {
            await send("DELETE", path);
        },
    };
}

function request(url: string, options: https.RequestOptions): Promise<{ status: number; body: string }> {
    return new Promise((resolve, reject) => {
        const sent = https.request(url, options, (response) => {
            let body = "";
            response.setEncoding("utf8");
            response.on("data", (chunk: string) => (body += chunk));
            response.on("error", reject);
            response.on("end", () => {
                resolve({ status: response.statusCode ?? 0, body });
            });
        });
        sent.on("error", reject);
        sent.end();
    });
}
