import { spawn } from "node:child_process";
import { closeSync, existsSync, openSync } from "node:fs";
import { cp, mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { debianPackages } from "./debianPackages";
import { cacheDirectory, checkout, logDirectory, runtimeDirectory } from "./directories";
import { probe, type Step, StepError, step } from "./steps";

const socket = join(runtimeDirectory, "docker.sock");
const dataDirectory = join(cacheDirectory, "engine");
const pidFile = join(runtimeDirectory, "docker.pid");

/** How long an engine may take to answer after it was started, in seconds. */
const startTimeout = 60;

async function answers(): Promise<boolean> {
    return (await probe("docker", ["version", "--format", "{{.Server.Version}}"])).ok;
}

/** The process id of the engine that we started, if it still runs. While it starts, it has not yet written it down. */
async function ourEngine(): Promise<number | undefined> {
    for (const pid of (await readdir("/proc").catch(() => [])).filter((name) => /^\d+$/.test(name))) {
        const command = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
        if (command.startsWith(`dockerd\0--host\0unix://${socket}\0`)) {
            return Number(pid);
        }
    }
    return undefined;
}

/** Whether this machine may grant CAP_SYS_RESOURCE (bit 24), which privileged containers ask for. */
async function grantsSysResource(): Promise<boolean> {
    const bounds = /^CapBnd:\s*([0-9a-f]+)$/m.exec(await readFile("/proc/self/status", "utf8"))?.[1] ?? "0";
    return (BigInt(`0x${bounds}`) & (1n << 24n)) !== 0n;
}

/** Starts an engine of our own from Debian's docker.io: on a unix socket only, with nothing in common with another engine. */
async function start(current: Step): Promise<void> {
    await mkdir(runtimeDirectory, { recursive: true, mode: 0o700 });
    await mkdir(logDirectory, { recursive: true });
    // Of an engine that was killed. What else it left, its successor takes over.
    await rm(pidFile, { force: true });
    const logFile = join(logDirectory, "dockerd.log");
    const args = ["--host", `unix://${socket}`, "--pidfile", pidFile, "--bridge", "none"];
    args.push("--data-root", dataDirectory, "--exec-root", join(runtimeDirectory, "exec"));
    if (!(await grantsSysResource())) {
        // A copy, because the checkout may move while the engine runs.
        const runtime = join(runtimeDirectory, "runc-within-bounds");
        await cp(join(checkout, "cluster", "runc-within-bounds"), runtime);
        args.push("--add-runtime", `within-bounds=${runtime}`, "--default-runtime", "within-bounds");
    }
    const log = openSync(logFile, "w");
    const daemon = spawn("dockerd", args, { detached: true, stdio: ["ignore", log, log] });
    closeSync(log);
    let ended = false;
    daemon.on("exit", () => (ended = true));
    daemon.on("error", () => (ended = true));
    daemon.unref();
    const deadline = Date.now() + startTimeout * 1000;
    while (!(await current.tries("docker", ["info"], { env: { DOCKER_HOST: `unix://${socket}` }, timeout: 10 })).ok) {
        if (ended || Date.now() > deadline) {
            await current.tries("tail", ["-n", "15", logFile]);
            throw new StepError("dockerd did not start", `  What it says: ${logFile}`);
        }
        await sleep(200);
    }
}

/**
 * Finds the container engine, or starts one, and lets every later command use it by DOCKER_HOST. Returns whether it was started.
 *
 * @throws StepError if there is none and none can be started
 */
export async function engine(): Promise<boolean> {
    const isOurs = (await ourEngine()) !== undefined;
    const hasData = existsSync(join(dataDirectory, "image"));
    if (isOurs) {
        process.env.DOCKER_HOST = `unix://${socket}`;
    }
    if ((!isOurs || hasData) && (await answers())) {
        return false;
    }
    delete process.env.DOCKER_HOST;
    if (await answers()) {
        return false;
    }
    const running = await ourEngine();
    if (running !== undefined) {
        const why = hasData ? "does not answer" : "has lost its data";
        console.log(`  The container engine ${why}: it is started again.`);
        await end(running);
    }
    await debianPackages({ dockerd: "docker.io", iptables: "iptables", jq: "jq" });
    await step("container engine", async (current) => {
        await start(current);
        current.says(`started, on ${socket}`);
    });
    process.env.DOCKER_HOST = `unix://${socket}`;
    return true;
}

/** Where the engine that we started listens, if it runs. */
export async function engineHost(): Promise<string | undefined> {
    return (await ourEngine()) === undefined ? undefined : `unix://${socket}`;
}

/** Unmounts what an engine that was killed left mounted. */
async function unmountLeftovers(current: Step): Promise<void> {
    const mounts = (await readFile("/proc/self/mountinfo", "utf8")).split("\n").map((line) => line.split(" ")[4] ?? "");
    const isOurs = (path: string): boolean =>
        [dataDirectory, runtimeDirectory].some((folder) => path === folder || path.startsWith(`${folder}/`));
    for (const mount of mounts.filter(isOurs).reverse()) {
        await current.tries("umount", [mount]);
    }
}

/** Ends the engine's process; its containers end with it. */
async function end(pid: number): Promise<void> {
    const started = Date.now();
    process.kill(pid, "SIGTERM");
    while ((await ourEngine()) === pid) {
        if (Date.now() - started > 30_000) {
            process.kill(pid, "SIGKILL");
        }
        await sleep(100);
    }
}

/**
 * Stops the engine that we started, and removes what it keeps outside the cache. One that was found is left alone. If it was killed,
 * its containers may still run: then a successor takes them over, and them down.
 */
export async function stopEngine(): Promise<void> {
    if ((await ourEngine()) === undefined && !existsSync(runtimeDirectory)) {
        return;
    }
    await step("container engine", async (current) => {
        const running = await ourEngine();
        if (running === undefined) {
            await start(current);
        }
        const options = { env: { DOCKER_HOST: `unix://${socket}` }, timeout: 30 };
        const list = async (...args: string[]): Promise<string[]> =>
            (await current.tries("docker", [...args, "--quiet"], options)).stdout.split("\n").filter(Boolean);
        // An image that was not finished has containers. A network's bridge would stay when the engine stops.
        for (const id of await list("ps", "--all")) {
            await current.tries("docker", ["rm", "--force", "--volumes", id], options);
        }
        for (const id of await list("network", "ls", "--filter", "type=custom")) {
            await current.tries("docker", ["network", "rm", id], options);
        }
        const pid = await ourEngine();
        if (pid !== undefined) {
            await end(pid);
        }
        await unmountLeftovers(current);
        await rm(runtimeDirectory, { recursive: true, force: true });
        current.says("stopped");
    });
}
