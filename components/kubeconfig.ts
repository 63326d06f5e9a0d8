import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";

import { load } from "js-yaml";

/** What a kubeconfig says about the server behind a context. No credentials. */
export interface ClusterAddress {
    readonly context: string;
    /** The server's URL. */
    readonly server: string;
    /** The certificate authority that its certificate must come from, in PEM. */
    readonly certificateAuthority?: Buffer;
    /** The host name in its certificate, where it is not the URL's. */
    readonly tlsServerName?: string;
    readonly insecureSkipTlsVerify: boolean;
    /** The proxy through which it is reached. */
    readonly proxyUrl?: string;
}

/** A kubeconfig without the context that was asked for, or one that cannot be read. */
export class KubeconfigError extends Error {}

interface Named<T> {
    readonly value: T;
    /** Relative paths in the value are relative to it. */
    readonly directory: string;
}

type Fields = Record<string, unknown>;

/** The contexts and clusters of all kubeconfig files together, as kubectl merges them: the first to set a thing wins. */
interface Merged {
    currentContext?: string;
    readonly contexts: Map<string, Named<Fields>>;
    readonly clusters: Map<string, Named<Fields>>;
}

/** The files that kubectl would read: those in the list KUBECONFIG, or `~/.kube/config`. */
export function kubeconfigFiles(env: NodeJS.ProcessEnv = process.env): string[] {
    const listed = (env.KUBECONFIG ?? "").split(delimiter).filter((file) => file !== "");
    return listed.length > 0 ? [...new Set(listed)] : [join(env.HOME ?? homedir(), ".kube", "config")];
}

/**
 * Finds the server of a context without asking anybody and without reading credentials.
 *
 * @param context the context's name; undefined for the current one.
 * @throws KubeconfigError in words for the user.
 */
export function clusterAddress(context: string | undefined, files: string[] = kubeconfigFiles()): ClusterAddress {
    const merged = merge(files);
    const where = files.join(", ");
    const name = context ?? merged.currentContext;
    const known = [...merged.contexts.keys()];
    if (known.length === 0) {
        throw new KubeconfigError(`no Kubernetes context is known: there is none in ${where}`);
    }
    if (name === undefined) {
        throw new KubeconfigError(
            `no context is given, and none is the current one in ${where} (it has ${known.join(", ")})`,
        );
    }
    const found = merged.contexts.get(name);
    if (found === undefined) {
        throw new KubeconfigError(`there is no context "${name}" in ${where} (it has ${known.join(", ")})`);
    }
    const clusterName = text(found.value.cluster) ?? "";
    const cluster = merged.clusters.get(clusterName);
    const server = cluster && text(cluster.value.server);
    if (cluster === undefined || server === undefined || !URL.canParse(server)) {
        throw new KubeconfigError(
            `the context "${name}" names the cluster "${clusterName}", which has no server URL in ${where}`,
        );
    }
    return {
        context: name,
        server,
        certificateAuthority: authority(cluster, name),
        tlsServerName: text(cluster.value["tls-server-name"]),
        insecureSkipTlsVerify: cluster.value["insecure-skip-tls-verify"] === true,
        proxyUrl: text(cluster.value["proxy-url"]),
    };
}

function authority({ value, directory }: Named<Fields>, context: string): Buffer | undefined {
    const data = text(value["certificate-authority-data"]);
    if (data !== undefined) {
        return Buffer.from(data, "base64");
    }
    const file = text(value["certificate-authority"]);
    if (file === undefined) {
        return undefined;
    }
    try {
        return readFileSync(resolve(directory, file));
    } catch (error) {
        throw new KubeconfigError(
            `the certificate authority of the context "${context}" cannot be read: ${reason(error)}`,
        );
    }
}

function merge(files: string[]): Merged {
    const merged: Merged = { contexts: new Map(), clusters: new Map() };
    for (const file of files) {
        const content = read(file);
        const directory = dirname(resolve(file));
        merged.currentContext ??= text(content["current-context"]);
        collect(merged.contexts, content.contexts, "context", directory);
        collect(merged.clusters, content.clusters, "cluster", directory);
    }
    return merged;
}

function read(file: string): Fields {
    let content: string;
    try {
        content = readFileSync(file, "utf8");
    } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") {
            return {};
        }
        throw new KubeconfigError(`the kubeconfig cannot be read: ${reason(error)}`);
    }
    try {
        return fields(load(content));
    } catch {
        // The parser's message quotes the lines around the mistake, which may be a credential.
        throw new KubeconfigError(`the kubeconfig ${file} is not YAML`);
    }
}

function collect(into: Map<string, Named<Fields>>, list: unknown, kind: string, directory: string): void {
    for (const entry of Array.isArray(list) ? (list as unknown[]) : []) {
        const name = text(fields(entry).name);
        if (name !== undefined && !into.has(name)) {
            into.set(name, { value: fields(fields(entry)[kind]), directory });
        }
    }
}

function fields(value: unknown): Fields {
    return typeof value === "object" && value !== null ? (value as Fields) : {};
}

function text(value: unknown): string | undefined {
    return typeof value === "string" && value !== "" ? value : undefined;
}

function reason(error: unknown): string {
    return error instanceof Error ? error.message : String(error);
}
