import * as http from "node:http";
import * as https from "node:https";
import { isIP } from "node:net";

import type { ClusterAddress } from "./kubeconfig";

/** Contexts as the local clusters name them: kind, minikube, k3d, Docker, Rancher and OrbStack's desktops, and so on. */
const LOCAL_NAMES = [
    /^kind-./,
    /^minikube$/,
    /^k3d-./,
    /^docker-desktop$/,
    /^docker-for-desktop$/,
    /^rancher-desktop$/,
    /^colima(-.+)?$/,
    /^orbstack$/,
    /^microk8s$/,
    /^(lima|podman)-./,
];

/** Names by which a machine or its containers reach the machine itself. */
const LOCAL_HOSTS = [
    /^localhost$/,
    /\.localhost$/,
    /^host\.(docker|k3d|lima|minikube|containers|orb)\.internal$/,
    /^kubernetes\.docker\.internal$/,
    /\.orb\.local$/,
];

/** Whether a context is named as a local cluster's. */
export function isLocalName(context: string): boolean {
    return LOCAL_NAMES.some((pattern) => pattern.test(context));
}

/** Whether a server's URL leads to this machine or a private network (RFC 1918, RFC 4193), as minikube's does. */
export function isLocalAddress(server: string): boolean {
    const host = new URL(server).hostname.toLowerCase().replace(/^\[|\]$/g, "");
    switch (isIP(host)) {
        case 4:
            return isLocalIPv4(host);
        case 6: {
            // The URL parser has turned ::ffff:10.0.0.1 into ::ffff:a00:1.
            const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(host);
            if (mapped !== null) {
                const [high, low] = [parseInt(mapped[1]!, 16), parseInt(mapped[2]!, 16)];
                return isLocalIPv4([high >> 8, high & 255, low >> 8, low & 255].join("."));
            }
            return host === "::1" || host === "::" || /^f[cd][0-9a-f]{2}:/.test(host);
        }
        default:
            return LOCAL_HOSTS.some((pattern) => pattern.test(host));
    }
}

function isLocalIPv4(address: string): boolean {
    const [a = 0, b = 0] = address.split(".").map(Number);
    return (
        address === "0.0.0.0" || a === 127 || a === 10 || (a === 172 && b >= 16 && b < 32) || (a === 192 && b === 168)
    );
}

/**
 * Says why a cluster must not be deployed to, or nothing. It looks at the context's name and at the server's address:
 * a name alone can be given to any cluster, and a private address alone may be a company's.
 *
 * @param allowed the exact name of a context that is allowed although it is not local.
 */
export function refusal({ context, server }: ClusterAddress, allowed: string | undefined): string | undefined {
    if (context === allowed || (isLocalName(context) && isLocalAddress(server))) {
        return undefined;
    }
    const host = new URL(server).host;
    const why = isLocalName(context)
        ? `its server ${host} is neither on this machine nor in a private network`
        : isLocalAddress(server)
          ? `its name is not a local cluster's (kind-..., minikube, k3d-..., docker-desktop and the like), though its server ${host} is near`
          : `its server is ${host}`;
    return (
        `the context "${context}" is not a local cluster: ${why}. Nothing was sent to it. ` +
        `To deploy there all the same: pulumi config set sidecars:allowContext ${shellWord(context)}`
    );
}

/** A word as a shell takes it, quoted where it must be. */
export function shellWord(word: string): string {
    return /^[A-Za-z0-9@%_+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/**
 * Asks the server whether it is there, without credentials. Any HTTP answer will do: even a refusal is a sign of life.
 * A cluster behind a proxy is not asked.
 *
 * @param timeoutMs for everything: connection, TLS and answer.
 * @returns what is wrong, in words for the user, or nothing.
 */
export async function silence(address: ClusterAddress, timeoutMs: number): Promise<string | undefined> {
    if (address.proxyUrl !== undefined) {
        return undefined;
    }
    const url = new URL(address.server);
    url.pathname = `${url.pathname.replace(/\/+$/, "")}/version`;
    const signal = AbortSignal.timeout(timeoutMs);
    const options: https.RequestOptions = {
        agent: false,
        signal,
        ca: address.certificateAuthority,
        rejectUnauthorized: !address.insecureSkipTlsVerify,
        ...(address.tlsServerName === undefined ? {} : { servername: address.tlsServerName }),
    };
    try {
        await new Promise<void>((resolve, reject) => {
            const request = (url.protocol === "https:" ? https : http).get(url, options, (response) => {
                response.destroy();
                resolve();
            });
            request.on("error", reject);
        });
        return undefined;
    } catch (error) {
        const what = signal.aborted
            ? `there was no answer within ${timeoutMs / 1000} s`
            : explain(error as NodeJS.ErrnoException);
        return `the cluster of the context "${address.context}" does not answer at ${url.origin}: ${what}`;
    }
}

function explain(error: NodeJS.ErrnoException): string {
    switch (error.code) {
        case "ECONNREFUSED":
            return "the connection was refused. Is the cluster running?";
        case "ENOTFOUND":
        case "EAI_AGAIN":
            return "its host name is not known";
        case "ECONNRESET":
        case "EPIPE":
            return "the connection was closed. Is something else listening there?";
        case "EPROTO":
        case "ERR_SSL_WRONG_VERSION_NUMBER":
            return "it does not speak TLS. Is something else listening there?";
        case "EHOSTUNREACH":
        case "ENETUNREACH":
            return "there is no way to its network";
        case "DEPTH_ZERO_SELF_SIGNED_CERT":
        case "SELF_SIGNED_CERT_IN_CHAIN":
        case "UNABLE_TO_VERIFY_LEAF_SIGNATURE":
        case "UNABLE_TO_GET_ISSUER_CERT_LOCALLY":
        case "CERT_SIGNATURE_FAILURE":
            return "its certificate does not come from the authority in the kubeconfig. Was the cluster made anew?";
        case "ERR_TLS_CERT_ALTNAME_INVALID":
            return "its certificate is for another host name";
        case "CERT_HAS_EXPIRED":
            return "its certificate has expired";
        default:
            return error.message;
    }
}
