import { createServer } from "node:net";
import { createInterface } from "node:readline";
import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { deploy, kubectl, kubectlProcess, programs, type Program } from "./programs";
import type { Row } from "./row";
import { median, quantile } from "./statistics";

/** One request a second for two rounds of the documents' loop, which sleeps 30 s. */
const requests = 60;

const container = "sidecar-container";

async function freePort(): Promise<number> {
    return new Promise((resolve) => {
        const server = createServer().listen(0, "127.0.0.1", () => {
            const address = server.address();
            server.close(() => {
                resolve(typeof address === "object" && address !== null ? address.port : 0);
            });
        });
    });
}

/** Requests a page of a program's pod once a second, and returns how long each took to appear in the sidecar's output, in ms. */
async function latencies(program: Program): Promise<number[]> {
    const port = await freePort();
    const forward = kubectlProcess(program, "port-forward", "--address=127.0.0.1", "pod/webserver", `${port}:80`);
    const logs = kubectlProcess(program, "logs", "--follow", "--tail=0", "webserver", "--container", container);
    const sent = new Map<string, number>();
    const seen = new Map<string, number>();
    try {
        await new Promise((resolve) => forward.stdout?.once("data", resolve));
        if (logs.stdout !== null) {
            createInterface(logs.stdout).on("line", (line) => {
                const id = /GET \/\?bench=(\S+) /.exec(line)?.[1];
                const at = id === undefined ? undefined : sent.get(id);
                if (id !== undefined && at !== undefined && !seen.has(id)) {
                    seen.set(id, performance.now() - at);
                }
            });
        }
        const request = async (id: string): Promise<void> => {
            const response = await fetch(`http://127.0.0.1:${port}/?bench=${id}`);
            await response.text();
            // nginx writes the line when it has answered.
            sent.set(id, performance.now());
            await sleep(1_000);
        };
        // kubectl logs shows what is printed after it has connected, and does not tell when that is.
        for (let attempt = 0; seen.size === 0 && attempt < 60; attempt += 1) {
            await request(`${program.namespace}-first-${attempt}`);
        }
        sent.clear();
        seen.clear();
        for (let number = 0; number < requests; number += 1) {
            await request(`${program.namespace}-${number}`);
        }
        const deadline = Date.now() + 35_000;
        while (seen.size < requests && Date.now() < deadline) {
            await sleep(100);
        }
    } finally {
        forward.kill();
        logs.kill();
    }
    if (seen.size < requests) {
        throw new Error(`${requests - seen.size} of ${requests} requests never appeared in the sidecar's output`);
    }
    return [...seen.values()];
}

/** What the sidecar has printed, for each byte that nginx has logged. */
function printedPerLogged(program: Program): number {
    const printed = Buffer.byteLength(kubectl(program, "logs", "webserver", "--container", container));
    const files = ["/var/log/nginx/access.log", "/var/log/nginx/error.log"];
    const logged = kubectl(program, "exec", "webserver", "--container", "nginx-container", "--", "cat", ...files);
    return printed / Buffer.byteLength(logged);
}

/** The log reader against the documents' loop, side by side, both pods under the same requests. */
export async function* logReaderRows(): AsyncGenerator<Row> {
    await deploy();
    const [theirs, ours] = await Promise.all([latencies(programs.template), latencies(programs.ours)]);
    const samples = { ours, theirs };
    yield { name: "log latency, median", unit: "ms", ours: median(ours), theirs: median(theirs), samples };
    yield { name: "log latency, p99", unit: "ms", ours: quantile(ours, 0.99), theirs: quantile(theirs, 0.99), samples };
    const printed = { ours: [printedPerLogged(programs.ours)], theirs: [printedPerLogged(programs.template)] };
    yield {
        name: "bytes printed per byte logged, after a minute",
        unit: "",
        ours: printed.ours[0] ?? NaN,
        theirs: printed.theirs[0] ?? NaN,
        samples: printed,
    };
}
