import { createHash } from "node:crypto";
import { existsSync, readFileSync, readdirSync, statSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { debianPackages } from "./debianPackages";
import { cacheDirectory, checkout } from "./directories";
import { probe, StepError, step } from "./steps";
import { tool, version } from "./tools";

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

/** The node image that is built here; its name changes with what it is made of. */
export function nodeImageName(): string {
    return `sidecars/node:${version("kubernetes")}-${sourceDigest("node", "control-plane", "pause")}`;
}

const mmdebstrap = { mmdebstrap: "mmdebstrap" };

/** Builds the node image from Debian packages and the Kubernetes binary, unless the engine has it. */
export async function nodeImage(): Promise<string> {
    const image = nodeImageName();
    if (await hasImage(image)) {
        return image;
    }
    await debianPackages(mmdebstrap);
    const kubernetes = await tool("kubernetes");
    const pause = await tool("pause");
    await step(
        "node image",
        async (current) => {
            const toolchain = join(checkout, "cluster", "toolchain", "kind");
            await current.run("go", ["mod", "download", "sigs.k8s.io/kind"], { cwd: toolchain });
            const kind = await current.run("go", ["list", "-m", "-f", "{{.Dir}}", "sigs.k8s.io/kind"], { cwd: toolchain });
            await current.run(join(sources, "node", "build.sh"), [
                image,
                kubernetes,
                join(kind, "images", "base", "files"),
                pause,
                join(cacheDirectory, "build", "node"),
            ]);
            current.says(image);
        },
        "2 min",
    );
    return image;
}

/** Whether an image registry was out of reach in this run: then every later pull would only cost its time. */
let registryOutOfReach = false;

/**
 * Gets an image for the pods: from the engine's store, else pulled, else a stand-in built from Debian packages under the same name.
 *
 * @param image for instance `nginx:latest`; a stand-in exists for each folder of images/ that has a `packages` file
 * @throws StepError where it can neither be pulled nor be built
 */
export async function podImage(image: string): Promise<void> {
    if (await hasImage(image)) {
        return;
    }
    const repository = image.replace(/:[^/]*$/, "");
    const folder = join(sources, repository);
    await step(
        `image ${image}`,
        async (current) => {
            if (!registryOutOfReach && (await current.tries("docker", ["pull", image], { timeout: 300 })).ok) {
                current.says("pulled");
                return;
            }
            if (!existsSync(join(folder, "packages"))) {
                throw new StepError(`${image} can neither be pulled nor be built here`, "  Check the connection to the image registry.");
            }
            registryOutOfReach = true;
            const standIn = `sidecars/stand-in-${repository}:${sourceDigest(repository)}`;
            if (!(await hasImage(standIn))) {
                await debianPackages(mmdebstrap);
                const work = join(cacheDirectory, "build", repository);
                await mkdir(work, { recursive: true });
                await current.run(join(sources, "stand-in.sh"), [standIn, folder, work]);
                await rm(work, { recursive: true, force: true });
            }
            await current.run("docker", ["tag", standIn, image]);
            current.says("cannot be pulled, so a stand-in built from Debian packages");
        },
        "1 min",
    );
}

/** Whether images can be pulled here, as far as this run has seen. */
export function registryInReach(): boolean {
    return !registryOutOfReach;
}
