import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { probe, type RunOptions, StepError } from "./steps";

/** What Pulumi writes into a lock: who holds it. */
interface Lock {
    readonly pid: number;
    readonly hostname: string;
}

function isAlive(pid: number): boolean {
    try {
        process.kill(pid, 0);
        return true;
    } catch (error) {
        return (error as NodeJS.ErrnoException).code !== "ESRCH";
    }
}

/**
 * Removes the locks that Pulumi commands left on their stacks when they were killed. Those of commands that still run stay, and so do
 * those of another machine.
 *
 * @param backend where the stacks' state is; only a folder has locks that can be looked at
 */
async function removeStaleLocks(backend: string): Promise<void> {
    if (!backend.startsWith("file:///")) {
        return;
    }
    const folder = join(fileURLToPath(backend), ".pulumi", "locks");
    const names = await readdir(folder, { recursive: true }).catch(() => []);
    for (const file of names.filter((name) => name.endsWith(".json")).map((name) => join(folder, name))) {
        const lock = await readFile(file, "utf8")
            .then((text) => JSON.parse(text) as Lock)
            .catch(() => undefined);
        if (lock?.hostname === hostname() && !isAlive(lock.pid)) {
            await rm(file, { force: true });
        }
    }
}

interface Resource {
    readonly urn: string;
    readonly type: string;
    /** It is deleted already, and what takes its place is not created yet. */
    readonly pendingReplacement?: boolean;
}

/** An operation that Pulumi had begun and not seen the end of. */
interface PendingOperation {
    readonly type: string;
    readonly resource: Resource & {
        readonly inputs?: { readonly metadata?: { readonly name?: string; readonly namespace?: string } };
    };
}

interface State {
    readonly deployment: { resources?: Resource[]; pending_operations?: PendingOperation[] };
}

/**
 * Takes objects whose creation was interrupted into the stack, under the id that the Kubernetes provider gives them. A refresh then
 * finds out whether they are there. Without this the next update would fail, because it would create them a second time.
 *
 * @returns the state to import; undefined where there is nothing to do
 */
export function withPendingCreations(text: string): string | undefined {
    const state = JSON.parse(text) as State;
    const pending = state.deployment.pending_operations ?? [];
    const adopted = pending.flatMap(({ type, resource }) => {
        const { name, namespace } = resource.inputs?.metadata ?? {};
        const known = type === "creating" && resource.type.startsWith("kubernetes:") && name !== undefined;
        return known ? [{ ...resource, id: namespace === undefined ? name : `${namespace}/${name}` }] : [];
    });
    if (adopted.length === 0) {
        return undefined;
    }
    const place = new Map<string, Resource>(adopted.map((resource) => [resource.urn, resource]));
    // A resource stands before those that depend on it: a replacement has its predecessor's place, a first creation nobody behind it.
    const resources = (state.deployment.resources ?? []).map((resource) => {
        const replacement = resource.pendingReplacement === true ? place.get(resource.urn) : undefined;
        place.delete(replacement?.urn ?? "");
        return replacement ?? resource;
    });
    const deployment = {
        ...state.deployment,
        resources: [...resources, ...place.values()],
        pending_operations: pending.filter(({ type }) => type !== "creating"),
    };
    return JSON.stringify({ ...state, deployment });
}

/**
 * Mends what a Pulumi command left behind that was killed: its lock, and its notes of what it was just creating. The command that
 * follows has to refresh.
 *
 * @param stack the stack's name
 * @param options the folder and the environment of its project
 */
export async function mendInterruption(stack: string, options: RunOptions = {}): Promise<void> {
    await removeStaleLocks(options.env?.PULUMI_BACKEND_URL ?? process.env.PULUMI_BACKEND_URL ?? "");
    const { ok, stdout } = await probe("pulumi", ["stack", "export", "--stack", stack], { timeout: 60, ...options });
    const state = ok ? withPendingCreations(stdout) : undefined;
    if (state === undefined) {
        return;
    }
    const folder = await mkdtemp(join(tmpdir(), "sidecars-"));
    try {
        const file = join(folder, "state.json");
        await writeFile(file, state, { mode: 0o600 });
        const imported = await probe("pulumi", ["stack", "import", "--stack", stack, "--file", file], {
            timeout: 60,
            ...options,
        });
        if (!imported.ok) {
            throw new StepError(
                `The stack ${stack} was interrupted while it created something, and its state cannot be mended`,
                "Delete what it was creating from the cluster and run `pulumi refresh`, then run the same command again.",
            );
        }
    } finally {
        await rm(folder, { recursive: true });
    }
}
