import * as https from "node:https";

/** Reads from one cluster's API. */
export interface ClusterReader {
    /** An object, or undefined when there is none. Throws when the cluster does not answer. */
    get<T>(path: string): Promise<T | undefined>;
    /** A log or another plain text, or undefined when there is none. */
    text(path: string): Promise<string | undefined>;
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
 * A reader with the credentials of a kubeconfig context.
 *
 * Loading the Kubernetes client takes about half a second, so it is loaded on first use only.
 *
 * @param context undefined for the current one.
 * @param requestTimeoutMs for each request.
 */
export async function clusterReader(context: string | undefined, requestTimeoutMs = 5000): Promise<ClusterReader> {
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

    const read = async (path: string): Promise<string | undefined> => {
        const options: https.RequestOptions = {};
        await config.applyToHTTPSOptions(options);
        const signal = AbortSignal.timeout(requestTimeoutMs);
        const { status, body } = await request(`${server}${path}`, { ...options, signal });
        if (status === 404) {
            return undefined;
        }
        if (status >= 400) {
            throw new ApiError(status, `${status} from the API server for ${path}: ${body.slice(0, 500)}`);
        }
        return body;
    };
    return {
        async get<T>(path: string) {
            const body = await read(path);
            return body === undefined ? undefined : (JSON.parse(body) as T);
        },
        text: read,
    };
}

function request(url: string, options: https.RequestOptions): Promise<{ status: number; body: string }> {
    return new Promise((resolve, reject) => {
        const sent = https.get(url, options, (response) => {
            let body = "";
            response.setEncoding("utf8");
            response.on("data", (chunk: string) => (body += chunk));
            response.on("error", reject);
            response.on("end", () => {
                resolve({ status: response.statusCode ?? 0, body });
            });
        });
        sent.on("error", reject);
    });
}
