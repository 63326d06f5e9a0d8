import { CommandError, type EngineEvent, LocalWorkspace, type OpType, type Stack } from "@pulumi/pulumi/automation";
import { KubeConfig } from "@kubernetes/client-node";
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { copyFile, cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { parse, stringify } from "yaml";
import { checkout } from "../../cluster/directories";
import type { Namespace } from "./namespace";

/** The policy pack, for the options of `up` and `preview`. */
export const policyPack = join(checkout, "policy");

const stackName = "live";

/** How a project is made. */
export interface ProjectOptions {
    /** The program, a file below this folder; the project's own by default. */
    readonly program?: string;
    /** Instead of a program of ours: folders below this one whose files are somebody else's project. */
    readonly folders?: readonly string[];
    /** The stack's configuration, without its project's name. */
    readonly config?: Record<string, unknown>;
    /** The kubeconfig; the cluster under test, with the namespace of the test, by default. */
    readonly kubeconfig?: string;
}

/** What a preview or an update does to each resource: `Pod replace`, for instance, leaving out what stays the same. */
export type Changes = readonly string[];

/** What a Pulumi command said, and what it did. */
export interface Run {
    /** All that the user sees. */
    readonly output: string;
    readonly changes: Changes;
}

/** The options of a command that the tests use. */
export interface RunOptions {
    readonly policyPacks?: string[];
    /** The packs' configs, as files in the same order. */
    readonly policyPackConfigs?: string[];
    readonly refresh?: boolean;
}

/** The kubeconfig of the cluster under test, in which a namespace is the default one. */
function kubeconfigFor(namespace: Namespace): string {
    const config = new KubeConfig();
    config.loadFromString(namespace.config.exportConfig());
    config.contexts = config.contexts
        .filter(({ name }) => name === config.getCurrentContext())
        .map((context) => ({ ...context, namespace: namespace.name }));
    return config.exportConfig();
}

/** Makes a folder a project of ours, with its own program or another one. */
async function ourProject(directory: string, program: string | undefined): Promise<void> {
    await copyFile(join(checkout, "Pulumi.yaml"), join(directory, "Pulumi.yaml"));
    await symlink(
        program === undefined ? join(checkout, "index.ts") : join(__dirname, program),
        join(directory, "index.ts"),
    );
    for (const entry of ["components", "start.cjs", "package.json", "tsconfig.json"]) {
        await symlink(join(checkout, entry), join(directory, entry));
    }
}

/** A Pulumi program in a folder of its own, with one stack whose state is there as well. */
export class Project {
    private constructor(
        private readonly directory: string,
        private readonly stack: Stack,
        private readonly env: Record<string, string>,
    ) {}

    public static async create(namespace: Namespace, options: ProjectOptions = {}): Promise<Project> {
        const directory = await mkdtemp(join(tmpdir(), "sidecars-live-"));
        try {
            return await Project.createIn(directory, namespace, options);
        } catch (error) {
            await rm(directory, { recursive: true });
            throw error;
        }
    }

    private static async createIn(directory: string, namespace: Namespace, options: ProjectOptions): Promise<Project> {
        await mkdir(join(directory, "state"));
        await writeFile(join(directory, "kubeconfig"), options.kubeconfig ?? kubeconfigFor(namespace), { mode: 0o600 });
        await symlink(join(checkout, "node_modules"), join(directory, "node_modules"));
        if (options.folders === undefined) {
            await ourProject(directory, options.program);
            await writeConfig(directory, { namespace: namespace.name, ...options.config });
        } else {
            for (const folder of options.folders) {
                await cp(join(__dirname, folder), directory, { recursive: true });
            }
        }
        const env = {
            KUBECONFIG: join(directory, "kubeconfig"),
            PULUMI_BACKEND_URL: `file://${join(directory, "state")}`,
            PULUMI_CONFIG_PASSPHRASE: "",
            PULUMI_SKIP_UPDATE_CHECK: "true",
        };
        const stack = await LocalWorkspace.createStack({ stackName, workDir: directory }, { envVars: env });
        return new Project(directory, stack, env);
    }

    /** Where its stack's state is. */
    public get backend(): string {
        return this.env.PULUMI_BACKEND_URL ?? "";
    }

    /** Changes the stack's configuration; a value that is undefined goes back to its default. */
    public configure(config: Record<string, unknown>): Promise<void> {
        return writeConfig(this.directory, config);
    }

    public up(options: RunOptions = {}): Promise<Run> {
        return run((watch) => this.stack.up({ ...options, ...watch }));
    }

    public preview(options: RunOptions = {}): Promise<Run> {
        return run((watch) => this.stack.preview({ ...options, ...watch }));
    }

    public refresh(): Promise<Run> {
        return run((watch) => this.stack.refresh(watch));
    }

    public destroy(): Promise<Run> {
        return run((watch) => this.stack.destroy(watch));
    }

    /** A file in its folder. */
    public async file(name: string, content: string): Promise<string> {
        const path = join(this.directory, name);
        await writeFile(path, content);
        return path;
    }

    /** The stack's state as its backend keeps it. */
    public keptState(): Promise<string> {
        return readFile(join(this.directory, "state", ".pulumi", "stacks", "sidecars", `${stackName}.json`), "utf8");
    }

    /** The stack as `pulumi stack export --show-secrets` prints it. */
    public async state(): Promise<string> {
        return JSON.stringify(await this.stack.exportStack());
    }

    /** Starts a Pulumi command as a user does, without waiting for it; a process group of its own. */
    public spawn(...args: string[]): ChildProcess {
        return spawn("pulumi", [...args, "--stack", stackName, "--non-interactive"], {
            cwd: this.directory,
            env: { ...process.env, ...this.env },
            stdio: "ignore",
            detached: true,
        });
    }

    /** Forgets the stack. What it deployed goes with its namespace. */
    public async remove(): Promise<void> {
        await rm(this.directory, { recursive: true, force: true });
    }
}

/** A project for the tests of the suite that this is called in. */
export function projectOfSuite(namespace: Namespace, options: ProjectOptions = {}): { readonly current: Project } {
    let project: Project | undefined;
    before(async () => {
        project = await Project.create(namespace, options);
    });
    after(() => project?.remove());
    return {
        get current() {
            if (project === undefined) {
                throw new Error("the project is made before the suite's tests");
            }
            return project;
        },
    };
}

/** A project for one test. */
export async function withProject<T>(
    namespace: Namespace,
    options: ProjectOptions,
    use: (project: Project) => Promise<T>,
): Promise<T> {
    const project = await Project.create(namespace, options);
    try {
        return await use(project);
    } finally {
        await project.remove();
    }
}

/**
 * What the user sees of a command that fails.
 *
 * @throws if it succeeds
 */
export async function failure(command: Promise<Run>): Promise<string> {
    let output: string;
    try {
        ({ output } = await command);
    } catch (error) {
        if (error instanceof FailedRun) {
            return error.output;
        }
        throw error;
    }
    throw new Error(`it should have failed:\n${output}`);
}

/** Asserts that a failed command shows its user no stack trace. */
export function assertNoStackTrace(output: string): void {
    assert.ok(!/\n\s+at .*:\d+:\d+/.test(output), `there is a stack trace:\n${output}`);
}

/** Asserts that a failed command tells its user one error, and no stack trace. */
export function assertOneError(output: string): void {
    assert.equal(output.match(/^\s*error: /gm)?.length, 1, output);
    assertNoStackTrace(output);
}

/** A Pulumi command that failed. */
export class FailedRun extends Error {
    /** @param output all that the user saw */
    public constructor(public readonly output: string) {
        super(`pulumi failed:\n${output}`);
    }
}

async function writeConfig(directory: string, config: Record<string, unknown>): Promise<void> {
    const file = join(directory, `Pulumi.${stackName}.yaml`);
    const settings = existsSync(file)
        ? (parse(await readFile(file, "utf8")) as { config?: Record<string, unknown> })
        : {};
    const merged: Record<string, unknown> = { ...settings.config };
    for (const [name, value] of Object.entries(config)) {
        merged[`sidecars:${name}`] = value;
    }
    // A key without a value would be an empty one.
    await writeFile(file, stringify({ ...settings, config: JSON.parse(JSON.stringify(merged)) as unknown }));
}

/** How a command is watched. */
interface Watch {
    readonly color: "never";
    onOutput(chunk: string): void;
    onError(chunk: string): void;
    onEvent(event: EngineEvent): void;
}

const unchanged = new Set<OpType>(["same", "refresh", "read"]);

async function run(command: (watch: Watch) => Promise<unknown>): Promise<Run> {
    let output = "";
    const changes: string[] = [];
    const add = (chunk: string): void => {
        output += stripVTControlCharacters(chunk);
    };
    try {
        await command({
            color: "never",
            onOutput: add,
            onError: add,
            onEvent: ({ resourcePreEvent }) => {
                const metadata = resourcePreEvent?.metadata;
                if (metadata !== undefined && !unchanged.has(metadata.op)) {
                    changes.push(`${metadata.type.split(":").pop() ?? ""} ${metadata.op}`);
                }
            },
        });
    } catch (error) {
        if (error instanceof CommandError) {
            throw new FailedRun(output);
        }
        throw error;
    }
    return { output, changes };
}
