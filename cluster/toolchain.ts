import { mkdir, readlink, rename, rm, symlink, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { basename, dirname, join } from "node:path";
import { cacheDirectory } from "./directories";
import { download } from "./download";
import { ownPulumiHome } from "./environment";
import { probe, step } from "./steps";
import { builtTool, cachedTool, cachePath, linkDirectory, onPath, releasedTool, tool, version } from "./tools";

/** The oldest Pulumi command on PATH that is used: the oldest whose engine was seen to run this program and its pack. */
const oldestPulumi = [3, 220];

/** Makes a name in a folder stand for a binary. */
async function linkTool(directory: string, name: string, binary: string): Promise<void> {
    await mkdir(directory, { recursive: true });
    await rm(join(directory, `${name}.new`), { force: true });
    await symlink(binary, join(directory, `${name}.new`));
    await rename(join(directory, `${name}.new`), join(directory, name));
}

async function unlinkTool(name: string): Promise<void> {
    await rm(join(linkDirectory, name), { force: true });
}

/** kind: on PATH, else the official release, else built. */
export async function kind(): Promise<void> {
    if ((await onPath("kind")) !== undefined) {
        await unlinkTool("kind");
        return;
    }
    await linkTool(linkDirectory, "kind", await tool("kind"));
}

/** kubectl: on PATH, else the official release, else the Kubernetes binary by another name. */
export async function kubectl(): Promise<void> {
    if ((await onPath("kubectl")) !== undefined) {
        await unlinkTool("kubectl");
        return;
    }
    const multiCall = await cachedTool("kubernetes");
    const own =
        multiCall ??
        (await cachedTool("kubectl")) ??
        (await releasedTool("kubectl")) ??
        (await builtTool("kubernetes"));
    await linkTool(linkDirectory, "kubectl", own);
}

async function suitablePulumi(): Promise<boolean> {
    const command = await onPath("pulumi");
    if (command === undefined || (await onPath("pulumi-language-nodejs")) === undefined) {
        return false;
    }
    const found = /^v?(\d+)\.(\d+)/.exec((await probe(command, ["version"])).stdout);
    const [major, minor] = [Number(found?.[1] ?? 0), Number(found?.[2] ?? 0)];
    return major === oldestPulumi[0] && minor >= (oldestPulumi[1] ?? 0);
}

/** The official Pulumi release, unpacked into the cache; undefined where it is out of reach. */
async function pulumiRelease(): Promise<string | undefined> {
    const directory = join(cacheDirectory, "tools", `pulumi-${version("pulumi")}-release`);
    if (existsSync(directory)) {
        return directory;
    }
    const number = version("pulumi").slice(1);
    const base = `https://github.com/pulumi/pulumi/releases/download/v${number}`;
    const archive = `pulumi-v${number}-${process.platform}-${process.arch}.tar.gz`;
    return step(`official release of pulumi v${number}`, async (current) => {
        const fetched = await download(current, {
            url: `${base}/${archive}`,
            checksumUrl: `${base}/pulumi-${number}-checksums.txt`,
        });
        if (fetched === undefined) {
            current.says("out of reach");
            return undefined;
        }
        const unpacked = `${directory}.new`;
        await rm(unpacked, { recursive: true, force: true });
        await mkdir(unpacked, { recursive: true });
        await current.run("tar", ["-xzf", fetched, "--strip-components=1", "-C", unpacked]);
        await rename(unpacked, directory);
        await rm(fetched);
        current.says("fetched");
        return directory;
    });
}

/** The Pulumi command with its Node.js language host: on PATH, else the official release, else built. */
async function pulumiCommand(): Promise<void> {
    if (await suitablePulumi()) {
        await unlinkTool("pulumi");
        return;
    }
    const release = (await cachedTool("pulumi")) === undefined ? await pulumiRelease() : undefined;
    if (release !== undefined) {
        await linkTool(linkDirectory, "pulumi", join(release, "pulumi"));
        return;
    }
    const command = await tool("pulumi");
    // Beside the command, where the official release has it too: from PATH the engine would take it with a warning.
    await linkTool(dirname(command), "pulumi-language-nodejs", await tool("languageHost"));
    await linkTool(linkDirectory, "pulumi", command);
}

/** The Kubernetes provider as a plugin: installed already, else the official release, else built. */
async function kubernetesProvider(): Promise<void> {
    const own = existsSync(join(linkDirectory, "pulumi"));
    const home = own ? ownPulumiHome : (process.env.PULUMI_HOME ?? join(homedir(), ".pulumi"));
    const plugin = join(home, "plugins", `resource-kubernetes-${version("provider")}`);
    const binary = join(plugin, "pulumi-resource-kubernetes");
    const built = await cachedTool("provider");
    if (built === undefined && existsSync(binary) && !existsSync(await cachePath("provider"))) {
        return;
    }
    if (built !== undefined && (await readlink(binary).catch(() => "")) === built) {
        return;
    }
    if (built === undefined) {
        const env = {
            PULUMI_HOME: home,
            PATH: `${linkDirectory}:${process.env.PATH ?? ""}`,
            PULUMI_SKIP_UPDATE_CHECK: "true",
        };
        const official = await step(
            `official release of the Kubernetes provider ${version("provider")}`,
            async (current) => {
                const args = ["plugin", "install", "resource", "kubernetes", version("provider").slice(1)];
                const { ok } = await current.tries("pulumi", args, { env, timeout: 900 });
                current.says(ok ? "fetched" : "out of reach");
                return ok;
            },
        );
        if (official) {
            return;
        }
    }
    const source = built ?? (await builtTool("provider"));
    const unfinished = `${plugin}.new`;
    await rm(unfinished, { recursive: true, force: true });
    await rm(plugin, { recursive: true, force: true });
    await mkdir(unfinished, { recursive: true });
    await symlink(source, join(unfinished, basename(binary)));
    await writeFile(join(unfinished, "PulumiPlugin.yaml"), "");
    await rename(unfinished, plugin);
}

/** Pulumi, ready to run this program. */
export async function pulumi(): Promise<void> {
    await pulumiCommand();
    await kubernetesProvider();
}
