import { ApiException, CoreV1Api, Exec, type KubeConfig, Log, type V1Pod, Watch } from "@kubernetes/client-node";
import { Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";

/** Where a live webserver is, and the names of its parts. */
export interface WebserverAddress {
    readonly namespace: string;
    readonly pod: string;
    /** The container that serves. */
    readonly server: string;
    /** The container that reads the server's log. */
    readonly reader: string;
    /** The volume that both share. */
    readonly volume: string;
    /** Where both mount it. */
    readonly path: string;
    /** The port that the server listens on. */
    readonly port: number;
}

/** What the documents call everything. */
export const documented: WebserverAddress = {
    namespace: "default",
    pod: "webserver",
    server: "nginx-container",
    reader: "sidecar-container",
    volume: "shared-logs",
    path: "/var/log/nginx",
    port: 80,
};

/** What a command in a container printed. */
export interface ExecResult {
    /** 0 where it succeeded. */
    readonly code: number;
    /** Standard output and standard error, in the order in which they came. */
    readonly output: string;
}

/** What an error of the Kubernetes API, or of a connection to it, says in one line. */
export function reason(error: unknown): string {
    if (error instanceof ApiException) {
        const body: unknown = error.body;
        try {
            return (JSON.parse(String(body)) as { message: string }).message;
        } catch {
            return `the API server answered ${error.code}`;
        }
    }
    // A web socket reports an event, which has a message and is no Error.
    const { message, cause } = error as { message?: string; cause?: unknown };
    const text = message ?? String(error);
    return (cause instanceof Error ? `${text}: ${cause.message}` : text).split("\n")[0] ?? "";
}

/** A live webserver's pod, as Kubernetes knows it. */
export class LiveWebserver {
    public constructor(
        public readonly config: KubeConfig,
        public readonly address: WebserverAddress,
    ) {}

    private get core(): CoreV1Api {
        return this.config.makeApiClient(CoreV1Api);
    }

    /** The pod as it is now. */
    public read(): Promise<V1Pod> {
        return this.core.readNamespacedPod({ name: this.address.pod, namespace: this.address.namespace });
    }

    /**
     * Waits until the pod is as it should be.
     *
     * @returns the pod as it was last seen; undefined if there was none
     */
    public async awaitPod(is: (pod: V1Pod) => boolean, seconds: number): Promise<V1Pod | undefined> {
        const { namespace, pod } = this.address;
        let seen: V1Pod | undefined;
        let ended: () => void = () => undefined;
        const end = new Promise<void>((resolve) => {
            ended = resolve;
        });
        const watch = await new Watch(this.config).watch(
            `/api/v1/namespaces/${namespace}/pods`,
            { fieldSelector: `metadata.name=${pod}` },
            (phase, object: V1Pod) => {
                seen = phase === "DELETED" ? undefined : object;
                if (seen !== undefined && is(seen)) {
                    ended();
                }
            },
            ended,
        );
        const deadline = setTimeout(ended, seconds * 1000);
        await end;
        clearTimeout(deadline);
        watch.abort();
        return seen;
    }

    /** Runs a command in a container, and waits for its end. */
    public async exec(container: string, command: readonly string[]): Promise<ExecResult> {
        let output = "";
        const collect = (): Writable =>
            new Writable({
                write(chunk: Buffer, _encoding, done) {
                    output += chunk.toString();
                    done();
                },
            });
        const code = await new Promise<number>((resolve, reject) => {
            new Exec(this.config)
                .exec(
                    this.address.namespace,
                    this.address.pod,
                    container,
                    [...command],
                    collect(),
                    collect(),
                    null,
                    false,
                    (status) => {
                        const cause = status.details?.causes?.find(({ reason }) => reason === "ExitCode");
                        if (status.status === "Success") {
                            resolve(0);
                        } else if (cause?.message !== undefined) {
                            resolve(Number(cause.message));
                        } else {
                            reject(new Error(status.message ?? `${command[0] ?? ""} did not run`));
                        }
                    },
                )
                .then((connection: { onclose: unknown }) => {
                    connection.onclose = () => {
                        reject(new Error(`the connection to ${container} ended before its command did`));
                    };
                }, reject);
        });
        return { code, output: output.trimEnd() };
    }

    /** All that a container has printed since it started, line by line. */
    public async log(container = this.address.reader): Promise<string[]> {
        const { namespace, pod } = this.address;
        const text = await this.core.readNamespacedPodLog({ name: pod, namespace, container });
        // An empty log comes as nothing at all.
        return (text as string | undefined)?.split("\n").filter((line) => line !== "") ?? [];
    }

    /**
     * Waits for a line in a container's output: from its first line on, and then as they come.
     *
     * @returns the milliseconds that it took; undefined if it did not come in time
     */
    public async awaitLine(
        matches: (line: string) => boolean,
        seconds: number,
        container = this.address.reader,
    ): Promise<number | undefined> {
        const started = Date.now();
        const { namespace, pod } = this.address;
        let found: () => void = () => undefined;
        const line = new Promise<true>((resolve) => {
            found = () => {
                resolve(true);
            };
        });
        let rest = "";
        const stream = new Writable({
            write(chunk: Buffer, _encoding, done) {
                const lines = (rest + chunk.toString()).split("\n");
                rest = lines.pop() ?? "";
                if (lines.some(matches)) {
                    found();
                }
                done();
            },
        });
        // Ending the request early is an error to the stream, and our own doing.
        stream.on("error", () => undefined);
        const deadline = new AbortController();
        const request = await new Log(this.config).log(namespace, pod, container, stream, { follow: true });
        const came = await Promise.race([
            line,
            sleep(seconds * 1000, false, { signal: deadline.signal }).catch(() => false),
        ]);
        deadline.abort();
        request.abort();
        return came ? Date.now() - started : undefined;
    }
}
