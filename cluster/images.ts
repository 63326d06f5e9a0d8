import { createHash } from "node:crypto";
import { existsSync, readFileSync, readdirSync, statSync } from "node:fs";
import { mkdir, rm, symlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { debianPackages } from "./debianPackages";
import { checkout, workDirectory } from "./directories";
import { probe, type Step, StepError, step } from "./steps";
import { cachePath, isTool, tool, type ToolName, version } from "./tools";

const sources = join(checkout, "cluster", "images");

/** Changes with every file below the given folders of images/. */
function sourceDigest(...names: string[]): string {
    const hash = createHash("sha256");
    const add = (path: string): void => {
        if (statSync(path).isDirectory()) {
            for (const entry of readdirSync(path).sort()) {
                add(join(path, entry));
            }
        } else {
            hash.update(path.slice(sources.length)).update(readFileSync(path));
        }
    };
    for (const name of names) {
        add(join(sources, name));
    }
    return hash.digest("hex").slice(0, 12);
}

/** Whether an image is in the engine's store. */
export async function hasImage(image: string): Promise<boolean> {
    return (await probe("docker", ["image", "inspect", image])).ok;
}

/** The binaries inside the node image. */
const nodeTools = ["kubernetes", "pause", "coredns", "metricsServer", "provisioner"] as const;

/** What each image inside the node image is made of, and the manifests that name them. */
const nodeSources = [
    ...[
        "node",
        "control-plane",
        "kube-proxy",
        "pause",
        "coredns",
        "metrics-server",
        "local-path-provisioner",
        "local-path-helper",
    ],
    ...["../kind.yaml", "../metrics-server.yaml"],
];

/** The node image that is built here; its name changes with what it is made of. */
export async function nodeImageName(): Promise<string> {
    const hash = createHash("sha256").update(sourceDigest(...nodeSources));
    for (const name of nodeTools) {
        hash.update(basename(dirname(await cachePath(name))));
    }
    return `sidecars/node:${version("kubernetes")}-${hash.digest("hex").slice(0, 12)}`;
}

const mmdebstrap = { mmdebstrap: "mmdebstrap" };

/** Builds the image of a node's Debian packages, unless the engine has it. It needs none of the binaries. */
async function nodeBase(): Promise<string> {
    const packages = join(sources, "node", "packages");
    const image = `sidecars/node-base:${createHash("sha256").update(readFileSync(packages)).digest("hex").slice(0, 12)}`;
    if (!(await hasImage(image))) {
        await debianPackages(mmdebstrap);
        await step(
            "Debian packages of a node",
            async (current) => {
                const work = join(workDirectory, "node-base");
                await current.run(join(sources, "debian.sh"), [image, packages, work]);
            },
            "1 min",
        );
    }
    return image;
}

/** Builds the node image from Debian packages and the binaries of a cluster, unless the engine has it. */
export async function nodeImage(): Promise<string> {
    const image = await nodeImageName();
    if (await hasImage(image)) {
        return image;
    }
    const base = await nodeBase();
    const binaries = await Promise.all(nodeTools.map(tool));
    await step(
        "node image",
        async (current) => {
            const toolchain = join(checkout, "cluster", "toolchain", "kind");
            await current.run("go", ["mod", "download", "sigs.k8s.io/kind"], { cwd: toolchain });
            const kind = await current.run("go", ["list", "-m", "-f", "{{.Dir}}", "sigs.k8s.io/kind"], {
                cwd: toolchain,
            });
            const links = join(workDirectory, "node-binaries");
            await rm(links, { recursive: true, force: true });
            await mkdir(links, { recursive: true });
            for (const binary of binaries) {
                await symlink(binary, join(links, basename(binary)));
            }
            await current.run(join(sources, "node", "build.sh"), [
                image,
                base,
                links,
                join(kind, "images", "base", "files"),
                join(workDirectory, "node"),
            ]);
            await rm(links, { recursive: true });
            current.says(image);
        },
        "2 min",
    );
    return image;
}

/** Removes the container in which a killed run was making the node image. */
export async function removeUnfinishedNodeImage(): Promise<void> {
    await probe("docker", ["rm", "--force", "sidecars-node-build"]);
}

/** Whether an image registry was out of reach in this run: then every later pull would only cost its time. */
let registryOutOfReach = false;

/** Whether an image in the engine's store is a stand-in, made when no registry was in reach. */
async function isStandIn(image: string): Promise<boolean> {
    const { stdout } = await probe("docker", ["image", "inspect", "--format", "{{.RepoTags}}", image]);
    return stdout.includes("sidecars/stand-in-");
}

/** The folder of images/ that stands in for an image: of Docker's library, or of those that upstream's tests run. */
function standInFolder(image: string): string | undefined {
    const name = /^(?:registry\.k8s\.io\/e2e-test-images\/)?([^/:]+)(?::[^/]+)?$/.exec(image)?.[1];
    return name !== undefined && existsSync(join(sources, name, "packages")) && name !== "node" ? name : undefined;
}

/** The tools whose binaries a stand-in holds. */
function standInTools(folder: string): ToolName[] {
    const file = join(sources, folder, "binaries");
    return existsSync(file) ? readFileSync(file, "utf8").split(/\s+/).filter(isTool) : [];
}

/** The files of the Kubernetes module that a stand-in holds. */
async function standInModuleFiles(current: Step, folder: string): Promise<string[]> {
    const file = join(sources, folder, "module-files");
    if (!existsSync(file)) {
        return [];
    }
    const cwd = join(checkout, "cluster", "toolchain", "conformance");
    await current.run("go", ["mod", "download", "k8s.io/kubernetes"], { cwd });
    const module = await current.run("go", ["list", "-m", "-f", "{{.Dir}}", "k8s.io/kubernetes"], { cwd });
    return readFileSync(file, "utf8")
        .split("\n")
        .filter(Boolean)
        .map((path) => join(module, path));
}

/** Builds a stand-in, unless the engine has it; those with the same packages share them. Returns its name, which changes with what it is made of. */
async function builtStandIn(current: Step, folder: string, binaries: readonly string[]): Promise<string> {
    const hash = createHash("sha256").update(sourceDigest(folder, "stand-in.sh", "debian.sh"));
    for (const binary of binaries) {
        hash.update(basename(dirname(binary)));
    }
    const standIn = `sidecars/stand-in-${folder}:${hash.digest("hex").slice(0, 12)}`;
    if (!(await hasImage(standIn))) {
        await debianPackages(mmdebstrap);
        const work = join(workDirectory, folder);
        await current.run(join(sources, "stand-in.sh"), [
            standIn,
            join(sources, folder),
            work,
            ...binaries,
            ...(await standInModuleFiles(current, folder)),
        ]);
        await rm(work, { recursive: true, force: true });
    }
    return standIn;
}

/**
 * Gets an image for the pods: from the engine's store, else pulled, else a stand-in built from Debian packages under the same name.
 *
 * @param image for instance `nginx:latest`; a stand-in exists for each folder of images/ that has a `packages` file
 * @throws StepError where it can neither be pulled nor be built
 */
export async function podImage(image: string): Promise<void> {
    if (await hasImage(image)) {
        registryOutOfReach ||= await isStandIn(image);
        return;
    }
    const folder = standInFolder(image);
    await step(
        `image ${image}`,
        async (current) => {
            if (!registryOutOfReach && (await current.tries("docker", ["pull", image], { timeout: 300 })).ok) {
                current.says("pulled");
                return;
            }
            if (folder === undefined) {
                throw new StepError(
                    `${image} can neither be pulled nor be built here`,
                    "  Check the connection to the image registry.",
                );
            }
            registryOutOfReach = true;
            const binaries = await Promise.all(standInTools(folder).map(tool));
            await current.run("docker", ["tag", await builtStandIn(current, folder, binaries), image]);
            current.says("cannot be pulled, so a stand-in built from Debian packages");
        },
        "1 min",
    );
}

/** Whether images can be pulled here, as far as this run has seen. */
export function registryInReach(): boolean {
    return !registryOutOfReach;
}
