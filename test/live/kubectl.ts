import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { promisify } from "node:util";
import { stringify } from "yaml";

const run = promisify(execFile);

/** kubectl on the current context. */
export async function kubectl(...args: readonly string[]): Promise<string> {
    return (await run("kubectl", args, { timeout: 150_000 })).stdout.trimEnd();
}

/** kubectl in a namespace of its own. */
export class Scratch {
    public readonly namespace = `cluster-${randomBytes(4).toString("hex")}`;

    public kubectl(...args: readonly string[]): Promise<string> {
        return kubectl("--namespace", this.namespace, ...args);
    }

    /** Creates or changes resources. */
    public async apply(...resources: readonly object[]): Promise<void> {
        const applied = run("kubectl", ["--namespace", this.namespace, "apply", "--filename", "-"], {
            timeout: 60_000,
        });
        applied.child.stdin?.end(
            resources.map((resource) => stringify(resource, { aliasDuplicateObjects: false })).join("---\n"),
        );
        await applied;
    }

    /** Runs a shell command in a pod. */
    public shell(pod: string, command: string): Promise<string> {
        return this.kubectl("exec", pod, "--", "sh", "-c", command);
    }

    public async create(): Promise<void> {
        await kubectl("create", "namespace", this.namespace);
        await kubectl("wait", "--for=create", "serviceaccount/default", "--namespace", this.namespace, "--timeout=30s");
    }

    public async delete(): Promise<void> {
        await kubectl("delete", "namespace", this.namespace, "--wait=false");
    }
}

/** A pod's specification of one container of the web server's image, with a command of its own or none. */
export function podSpec(command?: string, more: { readonly container?: object; readonly pod?: object } = {}): object {
    return {
        terminationGracePeriodSeconds: 1,
        containers: [
            {
                name: "main",
                image: "nginx:latest",
                imagePullPolicy: "IfNotPresent",
                ...(command === undefined ? {} : { command: ["sh", "-c", command] }),
                resources: { requests: { cpu: "10m", memory: "16Mi" }, limits: { cpu: "100m", memory: "64Mi" } },
                ...more.container,
            },
        ],
        ...more.pod,
    };
}

/** A pod labelled by its name. */
export function pod(name: string, spec: object): object {
    return { apiVersion: "v1", kind: "Pod", metadata: { name, labels: { app: name } }, spec };
}

/** A Service on port 80 in front of the pods that are labelled so. */
export function service(name: string, app: string, spec: object = {}): object {
    return {
        apiVersion: "v1",
        kind: "Service",
        metadata: { name },
        spec: { selector: { app }, ports: [{ port: 80 }], ...spec },
    };
}
