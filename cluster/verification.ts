import type { V1Pod } from "@kubernetes/client-node";
import { randomUUID } from "node:crypto";
import { forwardPort } from "./portForward";
import { type LiveWebserver, reason } from "./webserver";

/** What one of the documents' verification steps found. */
export interface Finding {
    /** The step, as a fact that should hold. */
    readonly fact: string;
    readonly holds: boolean;
    /** What was seen. */
    readonly seen: string;
}

/** How a verification may be set. */
export interface VerificationOptions {
    /** Seconds that the pod has to become ready; 30 by default. */
    readonly readyWithin?: number;
    /** Seconds after which a request must stand in the reader's output; 40 by default, because the documents' loop looks every 30. */
    readonly loggedWithin?: number;
    /** The local port to forward; 8080 or the next free one by default. */
    readonly localPort?: number;
}

interface Outcome {
    readonly holds: boolean;
    readonly seen: string;
}

/** All statuses of the containers that run beside each other: ordinary ones, and native sidecars. */
function statuses(pod: V1Pod): { name: string; ready: boolean; restarts: number; state: string }[] {
    const native = new Set(
        (pod.spec?.initContainers ?? [])
            .filter(({ restartPolicy }) => restartPolicy === "Always")
            .map(({ name }) => name),
    );
    return [
        ...(pod.status?.containerStatuses ?? []),
        ...(pod.status?.initContainerStatuses ?? []).filter(({ name }) => native.has(name)),
    ].map(({ name, ready, restartCount, state }) => ({
        name,
        ready,
        restarts: restartCount,
        state:
            state?.waiting?.reason ??
            state?.terminated?.reason ??
            (state?.running === undefined ? "unknown" : "Running"),
    }));
}

/** Every container of the pod, the ones that kubectl counts in its READY column. */
function containers(pod: V1Pod): { name: string; mounts: { name: string; mountPath: string }[] }[] {
    return [
        ...(pod.spec?.containers ?? []),
        ...(pod.spec?.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === "Always"),
    ].map(({ name, volumeMounts }) => ({ name, mounts: volumeMounts ?? [] }));
}

function readiness(pod: V1Pod): Outcome {
    const all = statuses(pod);
    const ready = all.filter((container) => container.ready).length;
    const count = containers(pod).length;
    const others = all.filter((container) => !container.ready).map(({ name, state }) => `, ${name}: ${state}`);
    return {
        holds: pod.status?.phase === "Running" && count >= 2 && ready === count,
        seen: `${ready}/${count} ${pod.status?.phase ?? "unknown"}${others.join("")}`,
    };
}

async function ready(webserver: LiveWebserver, seconds: number): Promise<Outcome> {
    const pod = await webserver.awaitPod((seen) => readiness(seen).holds, seconds);
    return pod === undefined ? { holds: false, seen: `there is no pod ${webserver.address.pod}` } : readiness(pod);
}

async function hasBothContainers(webserver: LiveWebserver): Promise<Outcome> {
    const names = containers(await webserver.read()).map(({ name }) => name);
    const { server, reader } = webserver.address;
    return { holds: names.includes(server) && names.includes(reader), seen: names.join(", ") };
}

async function hasVolume(webserver: LiveWebserver): Promise<Outcome> {
    const volume = (await webserver.read()).spec?.volumes?.find(({ name }) => name === webserver.address.volume);
    const type = Object.entries(volume ?? {}).find(([key, value]) => key !== "name" && value !== undefined)?.[0];
    return {
        holds: type === "emptyDir",
        seen: volume === undefined ? "no volume of that name" : `its type is ${type ?? "unknown"}`,
    };
}

async function hasMounts(webserver: LiveWebserver): Promise<Outcome> {
    const { server, reader, volume, path } = webserver.address;
    const all = containers(await webserver.read());
    const seen = [server, reader].map((name) => {
        const mount = all
            .find((container) => container.name === name)
            ?.mounts.find((candidate) => candidate.name === volume);
        return { name, path: mount?.mountPath };
    });
    return {
        holds: seen.every((mount) => mount.path === path),
        seen: seen.map((mount) => `${mount.name}: ${mount.path ?? "not mounted"}`).join(", "),
    };
}

async function servesInside(webserver: LiveWebserver, query: string): Promise<Outcome> {
    const { server, port } = webserver.address;
    const url = `http://localhost:${port}/?${query}`;
    const command = [
        "curl",
        "--silent",
        "--show-error",
        "--max-time",
        "10",
        "--output",
        "/dev/null",
        "--write-out",
        "%{http_code}",
        url,
    ];
    const { output } = await webserver.exec(server, command);
    return { holds: output === "200", seen: output };
}

async function servesOutside(webserver: LiveWebserver, query: string, localPort: number): Promise<Outcome> {
    const { namespace, pod, port } = webserver.address;
    const forwarded = await forwardPort(webserver.config, { namespace, pod, port }, localPort);
    try {
        const response = await fetch(`${forwarded.url}/?${query}`, {
            headers: { connection: "close" },
            signal: AbortSignal.timeout(10_000),
        });
        await response.text();
        return { holds: response.status === 200, seen: `${response.status} at ${forwarded.url}` };
    } finally {
        await forwarded.close();
    }
}

/** The files under the shared path as a container sees them: path, and what tells two files apart. Sizes change while requests come in. */
async function files(webserver: LiveWebserver, container: string): Promise<Map<string, string>> {
    const { code, output } = await webserver.exec(container, [
        "sh",
        "-c",
        `cd '${webserver.address.path}' && stat -c '%n %d:%i' *`,
    ]);
    if (code !== 0) {
        throw new Error(output);
    }
    return new Map(
        output.split("\n").map((line) => [line.slice(0, line.lastIndexOf(" ")), line.slice(line.lastIndexOf(" ") + 1)]),
    );
}

async function seeSameFiles(webserver: LiveWebserver): Promise<Outcome> {
    const { server, reader } = webserver.address;
    const [inServer, inReader] = await Promise.all([files(webserver, server), files(webserver, reader)]);
    const differing = [...new Set([...inServer.keys(), ...inReader.keys()])].filter(
        (name) => inServer.get(name) !== inReader.get(name),
    );
    return {
        holds: inServer.size > 0 && differing.length === 0,
        seen: differing.length > 0 ? `not the same: ${differing.join(", ")}` : [...inServer.keys()].join(", "),
    };
}

async function logged(webserver: LiveWebserver, queries: readonly string[], seconds: number): Promise<Outcome> {
    const missing = new Set(queries);
    const took = await webserver.awaitLine((line) => {
        for (const query of missing) {
            if (line.includes(query)) {
                missing.delete(query);
            }
        }
        return missing.size === 0;
    }, seconds);
    const found = `${queries.length - missing.size} of ${queries.length} requests`;
    return { holds: took !== undefined, seen: took === undefined ? `${found} after ${seconds} s` : found };
}

async function noRestarts(webserver: LiveWebserver): Promise<Outcome> {
    const all = statuses(await webserver.read());
    return {
        holds: all.length > 0 && all.every(({ restarts }) => restarts === 0),
        seen: all.map(({ name, restarts }) => `${name}: ${restarts}`).join(", "),
    };
}

/**
 * Goes through the documents' own verification steps against a live webserver. A step that cannot be done does not hold; the
 * others are done all the same.
 *
 * @param found is told each finding as it is made
 */
export async function verification(
    webserver: LiveWebserver,
    found: (finding: Finding) => void = () => undefined,
    options: VerificationOptions = {},
): Promise<Finding[]> {
    const { server, reader, volume, path, port } = webserver.address;
    const [inside, outside] = [`inside-${randomUUID()}`, `outside-${randomUUID()}`];
    const localPort = options.localPort ?? 8080;
    const steps: [string, () => Promise<Outcome>][] = [
        ["all containers run and are ready", () => ready(webserver, options.readyWithin ?? 30)],
        [`the pod has the containers ${server} and ${reader}`, () => hasBothContainers(webserver)],
        [`the volume ${volume} is an emptyDir`, () => hasVolume(webserver)],
        [`both containers mount it at ${path}`, () => hasMounts(webserver)],
        [`curl localhost in ${server} gives 200`, () => servesInside(webserver, inside)],
        [`a request from outside to port ${port} gives 200`, () => servesOutside(webserver, outside, localPort)],
        ["both containers see the same files", () => seeSameFiles(webserver)],
        [
            `the log of ${reader} shows those requests`,
            () => logged(webserver, [inside, outside], options.loggedWithin ?? 40),
        ],
        ["no container was restarted", () => noRestarts(webserver)],
    ];
    const findings: Finding[] = [];
    for (const [fact, look] of steps) {
        const outcome = await look().catch((error: unknown): Outcome => ({ holds: false, seen: reason(error) }));
        const finding = { fact, ...outcome };
        findings.push(finding);
        found(finding);
    }
    return findings;
}
