import { KubeConfig } from "@kubernetes/client-node";
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { performance } from "node:perf_hooks";

const checkout = resolve(__dirname, "..");

/** A Pulumi program that is measured, in a namespace of its own. */
export interface Program {
    readonly directory: string;
    readonly namespace: string;
    readonly stack: string;
}

/** This project's program, and what `pulumi new kubernetes-typescript` gives with the documents' pod. */
export const programs = {
    ours: { directory: checkout, namespace: "bench-sidecars", stack: "bench" },
    template: { directory: join(checkout, "bench", "template"), namespace: "bench-template", stack: "bench" },
} satisfies Record<string, Program>;

/** Scratch space of one run: the stacks' state and a kubeconfig for each namespace. */
export const scratch = mkdtempSync(join(tmpdir(), "sidecars-bench-"));

const userConfig = (() => {
    const config = new KubeConfig();
    config.loadFromDefault();
    return config;
})();

function kubeconfig({ namespace }: Program): string {
    return join(scratch, `${namespace}.kubeconfig`);
}

function environmentOf(program: Program, caches: string): NodeJS.ProcessEnv {
    return {
        ...process.env,
        KUBECONFIG: kubeconfig(program),
        PULUMI_BACKEND_URL: `file://${join(scratch, "state")}`,
        PULUMI_CONFIG_PASSPHRASE: "",
        // ts-node keeps what it has compiled in the temporary folder.
        TMPDIR: caches,
    };
}

function folder(name: string): string {
    const path = join(scratch, name);
    mkdirSync(path, { recursive: true });
    return path;
}

let fresh = 0;

/** A folder without anything compiled yet: a fresh machine, a pull request's check, a program just changed. */
export function coldCaches(): string {
    fresh += 1;
    return folder(`cold-${fresh}`);
}

/** A folder where what was compiled in an earlier run is kept. */
export function warmCaches(): string {
    return folder("warm");
}

/** Runs a Pulumi command on a program, and returns how long it took in seconds. */
export async function timed(program: Program, caches: string, ...args: string[]): Promise<number> {
    const started = performance.now();
    const child = spawn("pulumi", [...args, "--stack", program.stack, "--non-interactive"], {
        cwd: program.directory,
        env: environmentOf(program, caches),
        stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()));
    const code = await new Promise<number | null>((done, failed) => {
        child.on("error", failed);
        child.on("close", done);
    });
    if (code !== 0) {
        throw new Error(`pulumi ${args.join(" ")} failed in ${program.directory}:\n${output}`);
    }
    return (performance.now() - started) / 1000;
}

/** kubectl's standard output, in a program's namespace. */
export function kubectl(program: Program, ...args: string[]): string {
    const result = spawnSync("kubectl", ["--kubeconfig", kubeconfig(program), ...args], {
        encoding: "utf8",
        maxBuffer: 64 * 1024 * 1024,
    });
    if (result.status !== 0) {
        throw new Error(`kubectl ${args.join(" ")}: ${result.stderr}`);
    }
    return result.stdout;
}

/** A kubectl command that goes on until it is killed. */
export function kubectlProcess(program: Program, ...args: string[]): ReturnType<typeof spawn> {
    return spawn("kubectl", ["--kubeconfig", kubeconfig(program), ...args], { stdio: ["ignore", "pipe", "inherit"] });
}

/** Makes the namespaces and stacks. */
export async function prepare(): Promise<void> {
    folder("state");
    for (const program of Object.values(programs)) {
        const config = new KubeConfig();
        config.loadFromString(userConfig.exportConfig());
        const current = config.getContextObject(config.getCurrentContext());
        config.contexts = current === null ? [] : [{ ...current, namespace: program.namespace }];
        writeFileSync(kubeconfig(program), config.exportConfig(), { mode: 0o600 });
        spawnSync("kubectl", ["--kubeconfig", kubeconfig(program), "create", "namespace", program.namespace]);
        await timed(program, warmCaches(), "stack", "init");
    }
    await timed(programs.ours, warmCaches(), "config", "set", "namespace", programs.ours.namespace);
}

/** Deploys both programs' pods. */
export async function deploy(): Promise<void> {
    for (const program of Object.values(programs)) {
        await timed(program, warmCaches(), "up", "--yes", "--skip-preview");
    }
}

/** Removes all that `prepare` and the measurements made on the cluster. */
export async function tidy(): Promise<void> {
    for (const program of Object.values(programs)) {
        await timed(program, warmCaches(), "destroy", "--yes", "--skip-preview");
        await timed(program, warmCaches(), "stack", "rm", "--yes");
        kubectl(program, "delete", "namespace", program.namespace, "--timeout=60s");
    }
}

/** Removes the scratch space. */
export function removeScratch(): void {
    rmSync(scratch, { recursive: true });
}
