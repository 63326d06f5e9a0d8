import { createHash } from "node:crypto";
import { constants, createReadStream, existsSync, readFileSync, statSync } from "node:fs";
import { access, cp, mkdir, readFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { cacheDirectory, checkout, workDirectory } from "./directories";
import { type Download, download } from "./download";
import { requireSpace, type Step, step } from "./steps";

/** A binary that the project needs, and the ways to get it. */
interface Tool {
    readonly name: string;
    /** The Go module under toolchain/ that it is built from; its go.mod holds the version. */
    readonly module: string;
    /** The module whose version the tool has. */
    readonly versionOf: string;
    /** What go build is given: a package path, or `.` for a main.go of ours. */
    readonly package: string;
    readonly tags?: string;
    /** Variables that the linker sets, for a version such as `v1.2.3`. */
    readonly variables?: (version: string) => Record<string, string>;
    /** Makes what the build embeds, in the folder that is built. */
    readonly prepare?: (current: Step, directory: string) => Promise<void>;
    /** How long the build takes on two cores, from nothing. */
    readonly about: string;
    /** The official release, if it is a single binary. */
    readonly release?: (version: string) => Download;
}

const platform = { os: process.platform, arch: process.arch === "x64" ? "amd64" : process.arch };

/** Pulumi's Kubernetes provider: the version of the npm package that programs use. */
const providerVersion = (
    JSON.parse(readFileSync(join(checkout, "package.json"), "utf8")) as { dependencies: Record<string, string> }
).dependencies["@pulumi/kubernetes"]!;

/** What the binaries of Kubernetes itself say of their version. */
function kubernetesVersion(version: string): Record<string, string> {
    return Object.fromEntries(
        ["k8s.io/component-base/version", "k8s.io/client-go/pkg/version"].flatMap((path) => [
            [`${path}.gitVersion`, version],
            [`${path}.gitMajor`, version.replace(/^v(\d+)\..*/, "$1")],
            [`${path}.gitMinor`, version.replace(/^v\d+\.(\d+)\..*/, "$1")],
            [`${path}.gitTreeState`, "clean"],
            // kubeadm refuses to parse an empty date.
            [`${path}.buildDate`, "1970-01-01T00:00:00Z"],
        ]),
    );
}

const tools = {
    kind: {
        name: "kind",
        module: "kind",
        versionOf: "sigs.k8s.io/kind",
        package: "sigs.k8s.io/kind",
        about: "30 s",
        release: (version) => {
            const url = `https://github.com/kubernetes-sigs/kind/releases/download/${version}/kind-${platform.os}-${platform.arch}`;
            return { url, checksumUrl: `${url}.sha256sum` };
        },
    },
    kubernetes: {
        name: "kubernetes",
        module: "kubernetes",
        versionOf: "k8s.io/kubernetes",
        package: ".",
        about: "9 min",
        variables: kubernetesVersion,
    },
    kubectl: {
        name: "kubectl",
        module: "kubernetes",
        versionOf: "k8s.io/kubernetes",
        package: ".",
        about: "10 s",
        release: (version) => {
            const url = `https://dl.k8s.io/release/${version}/bin/${platform.os}/${platform.arch}/kubectl`;
            return { url, checksumUrl: `${url}.sha256` };
        },
    },
    pulumi: {
        name: "pulumi",
        module: "pulumi",
        versionOf: "github.com/pulumi/pulumi/pkg/v3",
        package: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
        tags: "osusergo,grpcnotrace",
        about: "5 min",
        variables: (version) => ({ "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version": version }),
    },
    languageHost: {
        name: "pulumi-language-nodejs",
        module: "pulumi-language-nodejs",
        versionOf: "github.com/pulumi/pulumi/sdk/v3",
        package: ".",
        about: "1 min",
        variables: (version) => ({ "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version": version }),
    },
    provider: {
        name: "pulumi-resource-kubernetes",
        module: "pulumi-resource-kubernetes",
        versionOf: "github.com/pulumi/pulumi-kubernetes/provider/v4",
        package: ".",
        about: "10 min",
        variables: () => ({
            "github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/version.Version": providerVersion,
        }),
        prepare: async (current, directory) => {
            const path = "github.com/pulumi/pulumi-kubernetes/provider/v4";
            // A module that was not downloaded yet has no directory.
            await current.run("go", ["mod", "download", path], { cwd: directory });
            const module = await current.run("go", ["list", "-m", "-f", "{{.Dir}}", path], { cwd: directory });
            const sources = join(module, "cmd", "pulumi-resource-kubernetes");
            const schema = JSON.parse(await readFile(join(sources, "schema.json"), "utf8")) as object;
            await writeFile(join(directory, "schema.json"), JSON.stringify({ ...schema, version: providerVersion }));
            await cp(join(sources, "terraform-mapping.json"), join(directory, "terraform-mapping.json"));
        },
    },
    coredns: {
        name: "coredns",
        module: "coredns",
        versionOf: "github.com/coredns/coredns",
        package: ".",
        about: "3 min",
    },
    metricsServer: {
        name: "metrics-server",
        module: "metrics-server",
        versionOf: "sigs.k8s.io/metrics-server",
        package: "sigs.k8s.io/metrics-server/cmd/metrics-server",
        about: "3 min",
        variables: (version) => ({
            "k8s.io/client-go/pkg/version.gitVersion": version,
            "k8s.io/component-base/version.gitVersion": version,
        }),
    },
    provisioner: {
        name: "local-path-provisioner",
        module: "local-path-provisioner",
        versionOf: "github.com/rancher/local-path-provisioner",
        package: "github.com/rancher/local-path-provisioner",
        about: "10 s",
        variables: (version) => ({ "main.VERSION": version }),
    },
    conformance: {
        name: "conformance",
        module: "conformance",
        versionOf: "k8s.io/kubernetes",
        package: ".",
        about: "3 min",
        variables: kubernetesVersion,
    },
    agnhost: {
        name: "agnhost",
        module: "conformance",
        versionOf: "k8s.io/kubernetes",
        package: "k8s.io/kubernetes/test/images/agnhost",
        about: "30 s",
    },
    nonewprivs: {
        name: "nonewprivs",
        module: "conformance",
        versionOf: "k8s.io/kubernetes",
        package: "k8s.io/kubernetes/test/images/nonewprivs",
        about: "10 s",
    },
    pause: {
        name: "pause",
        module: "../images/pause",
        versionOf: "",
        package: ".",
        about: "5 s",
    },
} satisfies Record<string, Tool>;

/** The name that the tools are asked for by. */
export type ToolName = keyof typeof tools;

/** Whether a tool goes by this name. */
export function isTool(name: string): name is ToolName {
    return Object.hasOwn(tools, name);
}

/** The version that a tool's go.mod asks for, for instance `v1.36.3`. */
export function version(name: ToolName): string {
    const tool: Tool = tools[name];
    if (name === "provider") {
        return `v${providerVersion}`;
    }
    const requirement = new RegExp(`^(?:require)?\\s+${tool.versionOf.replaceAll(".", "\\.")} (v\\S+)`, "m");
    return requirement.exec(readFileSync(join(moduleDirectory(tool), "go.mod"), "utf8"))?.[1] ?? "v0";
}

function moduleDirectory(tool: Tool): string {
    return join(checkout, "cluster", "toolchain", tool.module);
}

/** Changes with every file that the tool is built from. */
async function sourceDigest(tool: Tool): Promise<string> {
    const hash = createHash("sha256");
    for (const file of (await readdir(moduleDirectory(tool))).sort()) {
        if (/^go\.(mod|sum)$|(?<!_test)\.go$/.test(file)) {
            hash.update(file).update(await readFile(join(moduleDirectory(tool), file)));
        }
    }
    return hash.digest("hex").slice(0, 12);
}

async function digest(file: string): Promise<string> {
    const hash = createHash("sha256");
    await pipeline(createReadStream(file), hash);
    return hash.digest("hex");
}

/** Written beside a cached binary, last: without it the binary counts as unfinished. */
interface Receipt {
    readonly sha256: string;
    readonly size: number;
    readonly mtimeMs: number;
}

/** Whether a cached binary is whole. Its digest is taken only when size or time say that it was touched. */
async function intact(binary: string): Promise<boolean> {
    try {
        const receipt = JSON.parse(await readFile(`${binary}.json`, "utf8")) as Receipt;
        const { size, mtimeMs } = statSync(binary);
        return size === receipt.size && (mtimeMs === receipt.mtimeMs || (await digest(binary)) === receipt.sha256);
    } catch {
        return false;
    }
}

/** Moves a finished binary to its place in the cache. */
async function install(built: string, binary: string): Promise<void> {
    await mkdir(dirname(binary), { recursive: true });
    await rm(`${binary}.json`, { force: true });
    await rename(built, binary);
    const { size, mtimeMs } = statSync(binary);
    const receipt: Receipt = { sha256: await digest(binary), size, mtimeMs };
    await writeFile(`${binary}.json.new`, JSON.stringify(receipt));
    await rename(`${binary}.json.new`, `${binary}.json`);
}

/** What a build takes of the disk beside Go's own caches, in GiB. */
const buildSpace = 1;

/** Builds a tool from its Go module, in a folder of its own. */
async function build(current: Step, name: ToolName, binary: string): Promise<void> {
    const tool: Tool = tools[name];
    requireSpace(buildSpace);
    const directory = join(workDirectory, tool.name);
    await rm(directory, { recursive: true, force: true });
    await cp(moduleDirectory(tool), directory, { recursive: true, filter: (path) => !path.endsWith("_test.go") });
    await tool.prepare?.(current, directory);
    const variables = Object.entries(tool.variables?.(version(name)) ?? {}).map(
        ([path, value]) => `-X ${path}=${value}`,
    );
    await current.run(
        "go",
        [
            "build",
            "-trimpath",
            ...(tool.tags === undefined ? [] : ["-tags", tool.tags]),
            "-ldflags",
            ["-s -w", ...variables].join(" "),
            "-o",
            join(directory, "built"),
            tool.package,
        ],
        { cwd: directory, env: { CGO_ENABLED: "0", GOFLAGS: "-mod=readonly" } },
    );
    await install(join(directory, "built"), binary);
    await rm(directory, { recursive: true, force: true });
}

/** A tool's place in the cache, keyed by its version and by what it is built from. */
export async function cachePath(name: ToolName): Promise<string> {
    const tool: Tool = tools[name];
    return join(cacheDirectory, "tools", `${tool.name}-${version(name)}-${await sourceDigest(tool)}`, tool.name);
}

/** Where a tool's binary is in the cache; undefined where the cache lacks it or it is damaged. */
export async function cachedTool(name: ToolName): Promise<string | undefined> {
    const binary = await cachePath(name);
    if (await intact(binary)) {
        return binary;
    }
    if (existsSync(binary)) {
        console.log(`  ${tools[name].name} in the cache is damaged or unfinished: it is made again.`);
        await rm(binary);
    }
    return undefined;
}

/** The official release of a tool, fetched into the cache; undefined where it is out of reach. */
export async function releasedTool(name: ToolName): Promise<string | undefined> {
    const { name: title, release }: Tool = tools[name];
    if (release === undefined) {
        return undefined;
    }
    return step(`official release of ${title} ${version(name)}`, async (current) => {
        const fetched = await download(current, release(version(name)));
        if (fetched === undefined) {
            current.says("out of reach");
            return undefined;
        }
        const binary = await cachePath(name);
        await install(fetched, binary);
        current.says("fetched");
        return binary;
    });
}

/** The last build that was asked for. One keeps all cores busy, and two of the large ones need too much memory, so they queue. */
let lastBuild: Promise<unknown> = Promise.resolve();

/** A tool built from its Go module, into the cache. */
export async function builtTool(name: ToolName): Promise<string> {
    const { name: title, about }: Tool = tools[name];
    const binary = await cachePath(name);
    const building = lastBuild.then(() =>
        step(`${title} ${version(name)}, built from its Go module`, (current) => build(current, name, binary), about),
    );
    lastBuild = building;
    await building;
    return binary;
}

/** A tool's binary: from the cache, else the official release, else built. */
export async function tool(name: ToolName): Promise<string> {
    return (await cachedTool(name)) ?? (await releasedTool(name)) ?? (await builtTool(name));
}

/** Links to the tools that PATH lacks. */
export const linkDirectory = join(cacheDirectory, "bin");

/** The path of a command that is not one of our links, or undefined where PATH has none. */
export async function onPath(command: string): Promise<string | undefined> {
    for (const directory of (process.env.PATH ?? "").split(delimiter).filter((path) => path !== linkDirectory)) {
        const candidate = join(directory, command);
        try {
            await access(candidate, constants.X_OK);
            return candidate;
        } catch {
            // Not in this one.
        }
    }
    return undefined;
}
