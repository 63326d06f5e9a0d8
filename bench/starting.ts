import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { programs, scratch } from "./programs";
import type { Row } from "./row";
import { median } from "./statistics";

const rounds = 5;

/** Loads what a program loads before its first resource, in a process of its own: milliseconds and peak MiB. */
function load(args: readonly string[]): { time: number; memory: number } {
    const script = `
        const started = performance.now();
        require(process.argv[1]);
        console.log(JSON.stringify({ time: performance.now() - started, memory: process.resourceUsage().maxRSS / 1024 }));`;
    const { stdout, stderr } = spawnSync(process.execPath, [...args.slice(1), "--eval", script, args[0] ?? ""], {
        cwd: programs.ours.directory,
        encoding: "utf8",
    });
    try {
        return JSON.parse(stdout) as { time: number; memory: number };
    } catch {
        throw new Error(`${args.join(" ")} could not be loaded:\n${stderr}`);
    }
}

/** How long the components take to load, against the whole SDK that a template imports. */
export function loadRows(): Row[] {
    const measured = {
        ours: [] as { time: number; memory: number }[],
        theirs: [] as { time: number; memory: number }[],
    };
    for (let round = 0; round < rounds; round += 1) {
        measured.theirs.push(load(["@pulumi/kubernetes"]));
        measured.ours.push(load([join(programs.ours.directory, "components", "index.ts"), "--require", "./start.cjs"]));
    }
    return (["time", "memory"] as const).map((key) => {
        const samples = { ours: measured.ours.map((one) => one[key]), theirs: measured.theirs.map((one) => one[key]) };
        return {
            name: key === "time" ? "loading the components" : "peak memory after loading",
            unit: key === "time" ? "ms" : "MiB",
            ours: median(samples.ours),
            theirs: median(samples.theirs),
            samples,
        };
    });
}

function seconds(command: string, args: readonly string[], env: NodeJS.ProcessEnv): number {
    const started = performance.now();
    const { status, stdout, stderr } = spawnSync(command, args, {
        cwd: programs.ours.directory,
        env: { ...process.env, ...env },
        encoding: "utf8",
        maxBuffer: 64 * 1024 * 1024,
    });
    if (status !== 0) {
        throw new Error(`${command} ${args.join(" ")} failed:\n${stdout}${stderr}`);
    }
    return (performance.now() - started) / 1000;
}

/** `make up` where nothing has changed since the last one. */
function secondUpRow(): Row {
    const env = { PULUMI_BACKEND_URL: "" };
    seconds("make", ["up"], env);
    const samples = Array.from({ length: rounds }, () => seconds("make", ["up"], env));
    return { name: "make up, nothing changed", unit: "s", ours: median(samples), goal: 15, samples: { ours: samples } };
}

/** `make up` where nothing has been downloaded, built or created: it builds into empty caches, beside the ones in use. */
function firstUpRow(): Row {
    const folder = join(scratch, "first");
    const env: NodeJS.ProcessEnv = { PULUMI_BACKEND_URL: "", KUBECONFIG: join(folder, "kubeconfig") };
    for (const [name, path] of Object.entries({
        XDG_CACHE_HOME: "cache",
        XDG_STATE_HOME: "state",
        GOCACHE: "go-build",
        GOMODCACHE: "go-mod",
    })) {
        env[name] = join(folder, path);
        mkdirSync(env[name], { recursive: true });
    }
    const taken = seconds("make", ["up"], env);
    seconds("make", ["clean"], env);
    return { name: "make up, empty caches", unit: "s", ours: taken, samples: { ours: [taken] } };
}

/** `make up`; the first one, which takes as long as all the builds, only where FIRST_UP asks for it. */
export function* upRows(): Generator<Row> {
    yield secondUpRow();
    if (process.env.FIRST_UP !== undefined) {
        yield firstUpRow();
    }
}
