import { execFile, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { cp, link, lstat, mkdir, mkdtemp, open, readdir, readFile, rm, statfs, writeFile } from "node:fs/promises";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { cacheDirectory, checkout, runtimeDirectoryOf } from "../../cluster/directories";
import { linkDirectory } from "../../cluster/tools";

const run = promisify(execFile);

/** A `make` at work, or ended. */
export interface Made {
    /** 0 where it succeeded; undefined where it was killed. */
    readonly code: number | undefined;
    /** What the user saw of it. */
    readonly output: string;
    /** How long it took, in seconds. */
    readonly seconds: number;
}

interface Process {
    readonly pid: number;
    /** The words of its command line, with spaces between them. */
    readonly command: string;
}

/** What is said to `make` about where its things are, or by a `make` above it. */
const ofAnother = /^(XDG_|PULUMI_|DOCKER_|MAKE|MFLAGS$|KUBECONFIG$|NODES$|TEST_TOTALS$|SANDBOX$)/;

/** Copies a folder's files without copying what they hold, where that is possible. */
async function copyByLinks(from: string, to: string): Promise<void> {
    await mkdir(to, { recursive: true });
    for (const name of await readdir(from)) {
        const [source, target] = [join(from, name), join(to, name)];
        const found = await lstat(source);
        if (found.isDirectory()) {
            await copyByLinks(source, target);
        } else if (found.isFile()) {
            // Links would lead back to where they were made.
            await link(source, target).catch(() => cp(source, target, { preserveTimestamps: true }));
        }
    }
}

/**
 * Everything that `make` sets up, in folders of its own, beside what the user has: another cache, another state, another engine with
 * another cluster. The tools are the user's own, so that none has to be built.
 */
export class Sandbox {
    public readonly cache: string;
    public readonly state: string;
    public readonly runtime: string;
    private readonly env: NodeJS.ProcessEnv;
    /** The engine's containers and networks, all that were ever seen. */
    private readonly containers = new Set<string>();
    private readonly networks = new Set<string>();
    private runs = 0;

    private constructor(
        public readonly folder: string,
        private readonly hasDisk: boolean,
    ) {
        this.cache = join(folder, "cache", "sidecars");
        this.state = join(folder, "state", "sidecars");
        this.runtime = runtimeDirectoryOf(this.cache);
        this.env = {
            ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !ofAnother.test(name))),
            PATH: (process.env.PATH ?? "")
                .split(delimiter)
                .filter((directory) => directory !== linkDirectory)
                .join(delimiter),
            XDG_CACHE_HOME: join(folder, "cache"),
            XDG_STATE_HOME: join(folder, "state"),
            KUBECONFIG: join(folder, "kubeconfig"),
        };
    }

    /**
     * @param disk of how many GiB the cache's own disk is; it lies on that of the temporary folder by default
     */
    public static async create(disk?: number): Promise<Sandbox> {
        const sandbox = new Sandbox(await mkdtemp(join(tmpdir(), "sidecars-")), disk !== undefined);
        if (disk !== undefined) {
            const image = join(sandbox.folder, "disk");
            await mkdir(sandbox.env.XDG_CACHE_HOME!);
            await run("truncate", ["--size", `${disk}G`, image]);
            await run("mkfs.ext4", ["-q", "-m", "0", image]);
            await run("mount", ["-o", "loop", image, sandbox.env.XDG_CACHE_HOME!]);
        }
        if (!existsSync(join(sandbox.cache, "tools"))) {
            await copyByLinks(join(cacheDirectory, "tools"), join(sandbox.cache, "tools"));
        }
        return sandbox;
    }

    /** Takes everything down and removes it. */
    public async remove(): Promise<void> {
        await this.reset();
        if (this.hasDisk) {
            await run("umount", [this.env.XDG_CACHE_HOME!]);
        }
        await rm(this.folder, { recursive: true, force: true });
    }

    /** Fills the cache's disk until so many GiB are left. */
    public async fillDisk(left: number): Promise<void> {
        await this.freeDisk();
        const { bavail, bsize } = await statfs(this.cache);
        // The filling's own description takes some.
        const size = Math.floor(bavail * bsize - Math.max(left, 0.02) * 2 ** 30);
        await run("fallocate", ["--length", String(size), join(this.env.XDG_CACHE_HOME!, "filling")]);
        if (left === 0) {
            await run("sh", ["-c", `cat /dev/zero > '${join(this.env.XDG_CACHE_HOME!, "rest")}' 2> /dev/null || true`]);
        }
    }

    public async freeDisk(): Promise<void> {
        for (const name of ["filling", "rest"]) {
            await rm(join(this.env.XDG_CACHE_HOME!, name), { force: true });
        }
    }

    /**
     * Runs `make`.
     *
     * @param due when it is interrupted: after so many seconds, or once its output or a log has something; never by default
     * @param interrupt does it; by default it kills the process group
     */
    public async make(
        target: string,
        due?: number | RegExp,
        interrupt: (group: number) => unknown = (group) => process.kill(-group, "SIGKILL"),
    ): Promise<Made> {
        const file = join(this.folder, `make-${String(++this.runs).padStart(3, "0")}-${target}.log`);
        if (due !== undefined) {
            // What an earlier run logged is not this one's.
            await rm(this.logs, { recursive: true, force: true });
        }
        const log = await open(file, "w");
        const started = Date.now();
        const child = spawn("make", [target], {
            cwd: checkout,
            env: this.env,
            // A file, because what outlives a kill would keep a pipe open.
            stdio: ["ignore", log.fd, log.fd],
            detached: true,
        });
        await log.close();
        let ended = false;
        const end = once(child, "exit").then((result) => {
            ended = true;
            return result as [number | null, NodeJS.Signals | null];
        });
        const isDue = async (): Promise<boolean> =>
            typeof due === "number" ? Date.now() - started > due * 1000 : due?.test(await this.told(file)) === true;
        while (due !== undefined && !ended) {
            if (await isDue()) {
                await interrupt(child.pid!);
                break;
            }
            await Promise.race([end, sleep(50)]);
        }
        const [code] = await end;
        const seconds = (Date.now() - started) / 1000;
        await this.look();
        return { code: code ?? undefined, output: await readFile(file, "utf8"), seconds };
    }

    private get logs(): string {
        return join(this.cache, "logs");
    }

    /** All that was printed and logged. */
    private async told(output: string): Promise<string> {
        const logs = await readdir(this.logs).catch(() => []);
        const files = [output, ...logs.map((name) => join(this.logs, name))];
        return (await Promise.all(files.map((file) => readFile(file, "utf8").catch(() => "")))).join("\n");
    }

    /** A tool's binary in the cache. */
    public async toolOf(name: string): Promise<string> {
        const folders = await readdir(join(this.cache, "tools"));
        const folder = folders.find((one) => new RegExp(`^${name}-v\\d`).test(one));
        return join(this.cache, "tools", folder ?? "", name);
    }

    /** Removes what can be removed of the cache: all but the tools, which would take long to build, and what is mounted. */
    public async removeCache(): Promise<void> {
        for (const name of (await readdir(this.cache)).filter((one) => one !== "tools")) {
            await run("rm", ["-rf", "--one-file-system", join(this.cache, name)]).catch(() => undefined);
        }
    }

    /** A command with the sandbox's tools and engine. */
    public async command(name: string, ...args: readonly string[]): Promise<string> {
        const env = {
            ...this.env,
            PATH: [join(this.cache, "bin"), this.env.PATH].join(delimiter),
            DOCKER_HOST: `unix://${join(this.runtime, "docker.sock")}`,
        };
        return (await run(name, args, { env, timeout: 60_000 })).stdout.trimEnd();
    }

    /** Kills the engine, and leaves what it started. */
    public async killEngine(): Promise<void> {
        await this.kill(({ command }) => command.startsWith("dockerd "));
    }

    /** Kills everything of the sandbox: the engine, its containers, and what watches over them. */
    public async killAll(): Promise<void> {
        await this.kill(() => true);
    }

    private async kill(which: (process: Process) => boolean): Promise<void> {
        for (;;) {
            const found = (await this.processes()).filter(which);
            if (found.length === 0) {
                return;
            }
            for (const { pid } of found) {
                try {
                    process.kill(pid, "SIGKILL");
                } catch {
                    // It has ended by itself.
                }
            }
            await sleep(50);
        }
    }

    /** Takes away whatever is there, so that a failure is not the next state's as well. */
    public async reset(): Promise<void> {
        await this.make("down");
        await this.killAll();
        for (const mount of (await this.mounts()).reverse()) {
            await run("umount", ["--lazy", mount]);
        }
        await rm(this.runtime, { recursive: true, force: true });
        await rm(this.state, { recursive: true, force: true });
    }

    /** Writes down what the engine runs. */
    private async look(): Promise<void> {
        const list = async (...args: readonly string[]): Promise<string[]> =>
            (await this.command("docker", ...args).catch(() => "")).split("\n").filter(Boolean);
        for (const id of await list("ps", "--all", "--quiet", "--no-trunc")) {
            this.containers.add(id);
        }
        for (const id of await list("network", "ls", "--quiet", "--filter", "driver=bridge")) {
            this.networks.add(id);
        }
    }

    /** The processes that belong to the sandbox: by their command, by their environment, or as one of its containers. */
    private async processes(): Promise<Process[]> {
        const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name)).map(Number);
        const read = async (pid: number, file: string): Promise<string> =>
            (await readFile(`/proc/${pid}/${file}`, "utf8").catch(() => "")).replaceAll("\0", " ").trim();
        const all = await Promise.all(
            pids.map(async (pid) => {
                const [command, environ, cgroup] = await Promise.all([
                    read(pid, "cmdline"),
                    read(pid, "environ"),
                    read(pid, "cgroup"),
                ]);
                const ours =
                    [this.folder, this.runtime].some((path) => command.includes(`${path}/`)) ||
                    environ.includes(`XDG_CACHE_HOME=${this.folder}/`) ||
                    [...this.containers].some((id) => cgroup.includes(id));
                return ours && pid !== process.pid ? [{ pid, command }] : [];
            }),
        );
        return all.flat();
    }

    private async mounts(): Promise<string[]> {
        return (await readFile("/proc/self/mountinfo", "utf8"))
            .split("\n")
            .map((line) => line.split(" ")[4] ?? "")
            .filter((path) => path.startsWith(`${this.cache}/`) || path.startsWith(this.runtime));
    }

    /** Changes what is written down about the cluster. */
    public async changeMarker(by: object): Promise<void> {
        const file = join(this.state, "cluster.json");
        const marker = JSON.parse(await readFile(file, "utf8")) as object;
        await writeFile(file, JSON.stringify({ ...marker, ...by }));
    }

    /** What a run left unfinished: work, binaries without a receipt, a cluster that is marked. */
    public async unfinished(): Promise<string[]> {
        const tools = await readdir(join(this.cache, "tools"), { recursive: true, withFileTypes: true });
        const names = tools.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
        const binaries = names.filter((name) => !name.endsWith(".json") && !names.includes(`${name}.json`));
        return [...binaries, ...[join(this.state, "cluster.json")].filter((file) => existsSync(file))];
    }

    /** What is there although `make down` has ended: processes, mounts, bridges, containers, files that only a run has. */
    public async leftovers(): Promise<string[]> {
        const processes = (await this.processes()).map(
            ({ pid, command }) => `process ${pid}: ${command.slice(0, 120)}`,
        );
        const bridges = [...this.networks]
            .map((id) => `br-${id}`)
            .filter((name) => existsSync(`/sys/class/net/${name}`));
        const containers = await readdir(join(this.cache, "engine", "containers")).catch(() => []);
        const files = [
            this.runtime,
            join(this.state, "lock"),
            join(this.state, "cluster.json"),
            `${this.env.KUBECONFIG}.lock`,
        ];
        return [
            ...processes,
            ...(await this.mounts()).map((path) => `mount ${path}`),
            ...bridges.map((name) => `bridge ${name}`),
            ...containers.map((id) => `container ${id}`),
            ...files.filter((file) => existsSync(file)),
        ];
    }
}
