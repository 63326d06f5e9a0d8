import * as assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse, parseAllDocuments } from "yaml";

const cluster = join(__dirname, "..", "..", "..", "cluster");

function source(...path: string[]): string {
    return readFileSync(join(cluster, ...path), "utf8");
}

/** The version of each module that a tool is built from: what its go.mod requires, or puts in its place. */
function versions(tool: string): Map<string, string> {
    const text = source("toolchain", tool, "go.mod");
    const required = text.matchAll(/^(?:require )?\s*(\S+) (v\S+)(?: \/\/ indirect)?$/gm);
    const replaced = text.matchAll(/^(?:replace )?\s*(\S+) => \S+ (v\S+)$/gm);
    return new Map([...required, ...replaced].map(([, path = "", version = ""]) => [path, version]));
}

/** The images that a manifest's containers run. */
function images(...path: string[]): string[] {
    return parseAllDocuments(source(...path)).flatMap((document) =>
        [...JSON.stringify(document.toJS()).matchAll(/"image":"([^"]+)"/g)].map(([, image = ""]) => image),
    );
}

describe("toolchain", () => {
    // Packages of one version are compiled once for all tools: of the add-ons little more than their own code is left to build.
    for (const [tool, model] of [
        ["conformance", "kubernetes"],
        ["coredns", "kubernetes"],
        ["metrics-server", "kubernetes"],
        ["local-path-provisioner", "kubernetes"],
        ["pulumi-language-nodejs", "pulumi"],
    ] as const) {
        it(`builds ${tool} from the versions that ${model} is built from`, () => {
            const theirs = versions(model);
            const differing = [...versions(tool)].filter(
                ([path, version]) => theirs.get(path) !== undefined && theirs.get(path) !== version,
            );
            assert.deepEqual(
                differing.map(([path, version]) => `${path} ${version}, and not ${theirs.get(path)}`),
                [],
            );
        });
    }

    it("names the images of the cluster's add-ons by the versions that are built", () => {
        const coredns = (parse(source("kind.yaml")) as { kubeadmConfigPatches: string[] }).kubeadmConfigPatches
            .map((patch) => parse(patch) as { dns?: { imageTag: string } })
            .find(({ dns }) => dns !== undefined);
        const storage = ["images", "node", "overlay", "kind", "manifests", "default-storage.yaml"];
        const version = (tool: string, path: string): string | undefined => versions(tool).get(path);
        assert.equal(coredns?.dns?.imageTag, version("coredns", "github.com/coredns/coredns"));
        assert.deepEqual(
            images("metrics-server.yaml").map((image) => image.split(":")[1]),
            [version("metrics-server", "sigs.k8s.io/metrics-server")],
        );
        assert.ok(
            images(...storage).includes(
                `rancher/local-path-provisioner:${version("local-path-provisioner", "github.com/rancher/local-path-provisioner")}`,
            ),
        );
    });
});
