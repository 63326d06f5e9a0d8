import { existsSync } from "node:fs";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { checkout, stateDirectory } from "./directories";
import { engine, engineHost } from "./engine";
import { hasImage, nodeImage, nodeImageName, podImage, registryInReach } from "./images";
import { currentLocalContext, ready } from "./kubeconfig";
import { kindConfig, nodesAskedFor } from "./kindConfig";
import { probe, requireSpace, type Step, StepError, step } from "./steps";
import { kind, kubectl } from "./toolchain";

/** The name of the cluster that is ours. */
export const clusterName = "sidecars";

/** The context by which kubectl and Pulumi know it. */
export const clusterContext = `kind-${clusterName}`;

const markerFile = join(stateDirectory, "cluster.json");

/** How long an existing node may take to answer after it was started, in seconds. */
const restartTimeout = 90;

/** How long a restarted API server must answer without a break, in seconds: on a busy machine its first instances come and go. */
const steadyTime = 5;

/** What a node with its images takes of the disk, in GiB. */
const nodeSpace = 2;

/** What the images in the engine's store take while they are built, in GiB. */
const imagesSpace = 3;

/** What is written down about our cluster: `created` is false while it is being made. */
interface Marker {
    readonly created: boolean;
    readonly nodes?: number;
    /** What its nodes run, where that was built here. */
    readonly image?: string;
}

async function marker(): Promise<Marker | undefined> {
    try {
        return JSON.parse(await readFile(markerFile, "utf8")) as Marker;
    } catch {
        return undefined;
    }
}

async function mark(content: Marker): Promise<void> {
    await mkdir(stateDirectory, { recursive: true });
    await writeFile(`${markerFile}.new`, JSON.stringify(content));
    await rename(`${markerFile}.new`, markerFile);
}

/** Waits until the cluster answers, and has done so for a while. */
async function waitUntilReady(seconds: number, steady = 0): Promise<boolean> {
    const deadline = Date.now() + seconds * 1000;
    let since: number | undefined;
    while (Date.now() < deadline) {
        since = (await ready(clusterContext)) ? (since ?? Date.now()) : undefined;
        if (since !== undefined && Date.now() - since >= steady * 1000) {
            return true;
        }
        await sleep(250);
    }
    return false;
}

/** The nodes of our cluster, which are containers of the engine. */
async function nodes(): Promise<string[]> {
    const { stdout } = await probe("kind", ["get", "nodes", "--name", clusterName]);
    return stdout.split("\n").filter(Boolean);
}

/** The state of a node's container: `running`, `exited`, `paused` … */
async function nodeState(node: string): Promise<string> {
    return (await probe("docker", ["inspect", "--format", "{{.State.Status}}", node])).stdout;
}

/**
 * Brings our cluster's nodes back after a reboot, or after they were stopped. Returns whether the cluster answers.
 *
 * @param restarted whether the engine was started a moment ago, which then starts nodes by itself
 */
async function revive(restarted: boolean): Promise<boolean> {
    await kind();
    await kubectl();
    const found = await Promise.all((await nodes()).map(async (name) => ({ name, state: await nodeState(name) })));
    if (found.length === 0) {
        return false;
    }
    const down = found.filter(({ state }) => state !== "running");
    if (down.length === 0 && !restarted) {
        return waitUntilReady(10);
    }
    return step("cluster", async (current) => {
        for (const { name, state } of down) {
            await current.tries("docker", [state === "paused" ? "unpause" : "start", name]);
        }
        // The engine may have given the API server another port.
        await current.tries("kind", ["export", "kubeconfig", "--name", clusterName]);
        const answers = await waitUntilReady(restartTimeout, steadyTime);
        const states = new Set(restarted ? ["stopped with its engine"] : down.map(({ state }) => state));
        const was = `was ${[...states].join(" and ")}`;
        current.says(answers ? `${was}, started again` : `${was} and does not come back`);
        return answers;
    });
}

/** A lock that a killed kind left beside the kubeconfig would make every later one fail. */
async function removeStaleLock(current: Step): Promise<void> {
    const file = (process.env.KUBECONFIG ?? "").split(delimiter).find(Boolean) ?? join(homedir(), ".kube", "config");
    const deadline = Date.now() + 2_000;
    while (existsSync(`${file}.lock`)) {
        if (Date.now() > deadline) {
            await rm(`${file}.lock`, { force: true });
            current.says("a lock that an interrupted run left on the kubeconfig was removed");
        }
        await sleep(100);
    }
}

/** Makes the cluster. Its nodes load the images of the pods while Kubernetes starts on them. */
async function create(count: number, images: readonly string[]): Promise<void> {
    const hasNodeImage = await hasImage(await nodeImageName());
    // Another engine keeps its data on a disk of its own, and an unfinished cluster has its space already.
    if ((await engineHost()) !== undefined && (await marker()) === undefined) {
        requireSpace(count * nodeSpace + (hasNodeImage ? 0 : imagesSpace));
    }
    // The images of the pods tell whether a registry is in reach; the official node image comes from there too.
    for (const image of new Set(["nginx:latest", ...images])) {
        await podImage(image);
    }
    const own = hasNodeImage || !registryInReach();
    const [image] = await Promise.all([own ? nodeImage() : undefined, kind()]);
    await kubectl();
    await step(
        "cluster",
        async (current) => {
            await removeStaleLock(current);
            await mark({ created: false, nodes: count, image });
            await current.tries("kind", ["delete", "cluster", "--name", clusterName]);
            const config = join(stateDirectory, "kind.yaml");
            await writeFile(config, kindConfig(count, image !== undefined));
            const args = ["create", "cluster", "--name", clusterName, "--wait", "90s", "--config", config];
            const creation = current.run("kind", image === undefined ? args : [...args, "--image", image]);
            await Promise.all([creation, loadIntoStarting(count, images, creation)]);
            const kubectl = (...words: string[]): Promise<string> =>
                current.run("kubectl", ["--context", clusterContext, ...words]);
            await kubectl("apply", "--filename", join(checkout, "cluster", "metrics-server.yaml"));
            // kind waits for the control plane alone.
            await kubectl("wait", "--for=condition=Ready", "nodes", "--all", "--timeout=60s");
            await mark({ created: true, nodes: count, image });
            current.says(`created, context ${clusterContext}`);
        },
        "20 s",
    );
}

/** Loads images as soon as every node's store answers, unless the creation of the cluster has ended before. */
async function loadIntoStarting(count: number, images: readonly string[], creation: Promise<unknown>): Promise<void> {
    let ended = false;
    const end = (): void => {
        ended = true;
    };
    creation.then(end, end);
    while (!ended) {
        const stores = await Promise.all((await nodes()).map(imagesOn));
        if (stores.length === count && stores.every((store) => store !== undefined)) {
            await loadImages(images);
            return;
        }
        await sleep(250);
    }
}

/** The images in a node's store; undefined while the store does not answer. */
async function imagesOn(node: string): Promise<Set<string> | undefined> {
    const list = ["ctr", "--namespace=k8s.io", "images", "list", "--quiet"];
    const { ok, stdout } = await probe("docker", ["exec", node, ...list]);
    return ok ? new Set(stdout.split("\n")) : undefined;
}

/** The name by which a node knows an image. */
function fullName(image: string): string {
    return image.includes("/") ? image : `docker.io/library/${image}`;
}

/** Loads images into our nodes, those that one of them lacks. */
export async function loadImages(images: readonly string[]): Promise<void> {
    const present = await Promise.all((await nodes()).map(imagesOn));
    const missing = images.filter((image) => !present.every((store) => store?.has(fullName(image))));
    if (missing.length === 0) {
        return;
    }
    for (const image of missing) {
        await podImage(image);
    }
    const names = missing.length > 4 ? `${missing.length} images` : `images ${missing.join(", ")}`;
    await step(names, async (current) => {
        await current.run("kind", ["load", "docker-image", "--name", clusterName, ...missing]);
        current.says(present.length === 1 ? "loaded into the node" : "loaded into every node");
    });
}

/** The cluster that is used, and whether it is ours. */
export interface Cluster {
    readonly context: string;
    readonly ours: boolean;
}

/**
 * Finds a local cluster, or brings ours up: the current context's where that is local and answers, else a kind cluster of our own,
 * which is created, or started again, or made anew where it is broken.
 *
 * @param images what the pods need; loaded where the cluster is ours, pulled by the cluster itself where it is not
 */
export async function localCluster(images: readonly string[]): Promise<Cluster> {
    const own = await marker();
    const found = await currentLocalContext();
    if (found !== undefined && (found !== clusterContext || own === undefined)) {
        await kubectl();
        console.log(`✓ cluster: found, context ${found}`);
        return { context: found, ours: false };
    }
    const asked = nodesAskedFor();
    const count = own?.nodes ?? 1;
    if (own?.created === true && asked !== undefined && asked !== count) {
        throw new StepError(
            `The cluster has ${count} node${count === 1 ? "" : "s"}, and NODES=${asked} asks for another number`,
            `A cluster keeps its nodes: make down, then make up NODES=${asked}. Or go on with what it has: make up NODES=${count}.`,
        );
    }
    const restarted = await engine();
    const outdated = own?.image !== undefined && own.image !== (await nodeImageName());
    if (own?.created === true && !outdated && (await revive(restarted))) {
        if (found === undefined) {
            // Makes it the current context again.
            await probe("kind", ["export", "kubeconfig", "--name", clusterName]);
        } else {
            console.log(`✓ cluster: runs, context ${clusterContext}`);
        }
    } else {
        if (own !== undefined) {
            const why = outdated ? "was made from another node image" : "is unfinished or broken";
            console.log(`  The cluster ${why}: it is made anew.`);
        }
        await create(asked ?? count, images);
    }
    await loadImages(images);
    return { context: clusterContext, ours: true };
}

/** Whether the current context is that of our cluster, and it answers. */
export async function onOurCluster(): Promise<boolean> {
    return (await marker())?.created === true && (await currentLocalContext()) === clusterContext;
}

/** Deletes the cluster that is ours, if there is one. */
export async function deleteCluster(): Promise<boolean> {
    if ((await marker()) === undefined) {
        return false;
    }
    await kind();
    await engine();
    await step("cluster", async (current) => {
        await removeStaleLock(current);
        await current.run("kind", ["delete", "cluster", "--name", clusterName]);
        await rm(markerFile, { force: true });
        current.says("deleted");
    });
    return true;
}
