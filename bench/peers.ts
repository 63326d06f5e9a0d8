import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { debianPackages } from "../cluster/debianPackages";
import { cacheDirectory } from "../cluster/directories";
import { step } from "../cluster/steps";
import { podManifest } from "./pods";
import { programs, scratch } from "./programs";
import type { Row } from "./row";
import { median } from "./statistics";

const rounds = 5;
const podCount = 10_000;

const folder = join(__dirname, "peers");

/** A tool that checks manifests, and how it is asked for its rule on memory limits, and for that alone. */
interface Peer {
    readonly package: string;
    readonly args: (manifests: string) => string[];
}

const peers: Record<string, Peer> = {
    "kube-score": {
        package: "github.com/zegl/kube-score/cmd/kube-score",
        // It knows no smaller set: this check looks at limits and requests alike.
        args: (manifests) => ["score", ...otherScores().flatMap((test) => ["--ignore-test", test]), manifests],
    },
    gator: {
        package: "github.com/open-policy-agent/gatekeeper/v3/cmd/gator",
        args: (manifests) => [
            "test",
            "--filename",
            join(folder, "gator", "memory-limit.yaml"),
            "--filename",
            manifests,
        ],
    },
    conftest: {
        package: "github.com/open-policy-agent/conftest",
        args: (manifests) => ["test", "--policy", join(folder, "conftest", "policy.rego"), manifests],
    },
};

/** The checks of kube-score that are not about resources. */
function otherScores(): string[] {
    const { stdout } = spawnSync(binaryOf("kube-score"), ["list"], { encoding: "utf8" });
    return stdout
        .split("\n")
        .map((line) => line.split(",")[0] ?? "")
        .filter((test) => test !== "" && test !== "container-resources");
}

/** Where a peer is built, by its version. */
function binaryOf(name: string): string {
    const required = new RegExp(`^\\s*${peers[name]!.package.replace(/\/cmd\/.*$/, "")} (v\\S+)`, "m");
    const version = required.exec(readFileSync(join(folder, name, "go.mod"), "utf8"))?.[1] ?? "";
    return join(cacheDirectory, "peers", `${name}-${version}`);
}

async function build(name: string): Promise<void> {
    await step(
        `${name}, built from its Go module`,
        (current) =>
            current.run("go", ["build", "-trimpath", "-ldflags", "-s -w", "-o", binaryOf(name), peers[name]!.package], {
                cwd: join(folder, name),
                env: { CGO_ENABLED: "0", GOFLAGS: "-mod=readonly" },
            }),
        "3 min",
    );
}

function manifestsOf(count: number): string {
    const file = join(scratch, `pods-${count}.yaml`);
    writeFileSync(file, Array.from({ length: count }, (_, number) => stringify(podManifest(number))).join("---\n"));
    return file;
}

/** What a command took: seconds on the clock and of the processors, and its peak memory in MiB. */
interface Cost {
    readonly wall: number;
    readonly cpu: number;
    readonly memory: number;
}

/** Runs a check, which has to find something, so that it is seen to have looked. */
function costOf(command: string, args: readonly string[]): Cost {
    const { status, stderr } = spawnSync("/usr/bin/time", ["--format", "%e %U %S %M", command, ...args], {
        encoding: "utf8",
        stdio: ["ignore", "ignore", "pipe"],
        maxBuffer: 256 * 1024 * 1024,
    });
    if (status !== 1) {
        throw new Error(
            `${command} ${args.join(" ")} ended with ${status}, and not with violations:\n${stderr.slice(-2000)}`,
        );
    }
    const [wall = NaN, user = NaN, system = NaN, memory = NaN] = stderr
        .trim()
        .split("\n")
        .pop()!
        .split(" ")
        .map(Number);
    return { wall, cpu: user + system, memory: memory / 1024 };
}

function ours(manifests: string): Cost {
    return costOf(process.execPath, [join(programs.ours.directory, "policy", "bin", "cli.js"), "check", manifests]);
}

/** All rules of the pack over 10,000 pods, against each peer's one on memory limits. */
async function peerRows(): Promise<Row[]> {
    await debianPackages({ time: "time" });
    mkdirSync(join(cacheDirectory, "peers"), { recursive: true });
    for (const name of Object.keys(peers)) {
        await build(name);
    }
    const manifests = manifestsOf(podCount);
    const costs: Record<string, Cost[]> = { ours: [] };
    for (let round = 0; round < rounds; round += 1) {
        costs.ours!.push(ours(manifests));
        for (const [name, { args }] of Object.entries(peers)) {
            (costs[name] ??= []).push(costOf(binaryOf(name), args(manifests)));
        }
    }
    return (["wall", "cpu", "memory"] as const).map((key) => {
        const samples = Object.fromEntries(
            Object.entries(costs).map(([name, of]) => [name, of.map((cost) => cost[key])]),
        );
        const [best, theirs] = Object.keys(peers)
            .map((name) => [name, median(samples[name] ?? [])] as const)
            .reduce((one, other) => (other[1] < one[1] ? other : one));
        return {
            name: `check of ${podCount} pods, ${{ wall: "time", cpu: "processor time", memory: "peak memory" }[key]}`,
            unit: key === "memory" ? "MiB" : "s",
            ours: median(samples.ours ?? []),
            theirs,
            against: best,
            goal: 1,
            samples,
        };
    });
}

/** What each further pod costs `check` in processor time: from 10,000 to 100,000 against from 1,000 to 10,000. */
function linearRow(): Row {
    const [few, some, many] = [1_000, podCount, 100_000].map((count) => ours(manifestsOf(count)).cpu);
    const further = (many! - some!) / 90_000;
    const first = (some! - few!) / 9_000;
    return {
        name: "check, processor time for a further pod of 100,000",
        unit: "ms",
        ours: further * 1000,
        theirs: first * 1000,
        against: "of 10,000",
        goal: 1.2,
        samples: { "1,000": [few!], "10,000": [some!], "100,000": [many!] },
    };
}

/** The rules alone, on pods that are read already: microseconds a pod, after a while. */
function steadyRow(): Row {
    // Not with tsx, which gives every function its name when it is made: that takes as long again.
    const args = ["--require", join(programs.ours.directory, "start.cjs"), join(__dirname, "evaluation.ts")];
    const samples = Array.from({ length: rounds }, () =>
        Number(spawnSync(process.execPath, args, { encoding: "utf8" }).stdout),
    );
    return { name: "all rules on one pod", unit: "µs", ours: median(samples), goal: 20, samples: { ours: samples } };
}

/** The policy pack's check, alone and against other tools. */
export async function* policyRows(): AsyncGenerator<Row> {
    yield steadyRow();
    yield* await peerRows();
    yield linearRow();
}
