import * as assert from "node:assert/strict";
import { Readable } from "node:stream";
import * as fc from "fast-check";
import * as yaml from "yaml";
import { type Manifest, readManifests } from "../../policy/manifests";
import { podLike } from "./anyResource";

/** The manifests in a text, which comes in chunks of that many characters. */
async function manifestsIn(text: string, chunk = text.length): Promise<Manifest[]> {
    const chunks = Array.from({ length: Math.ceil(text.length / chunk) }, (_, index) =>
        Buffer.from(text.slice(index * chunk, (index + 1) * chunk)),
    );
    const manifests: Manifest[] = [];
    for await (const manifest of readManifests("-", Readable.from(chunks))) {
        manifests.push(manifest);
    }
    return manifests;
}

/** A list as `kubectl get` writes it. */
const listings: Record<string, (items: unknown[]) => string> = {
    yaml: (items) =>
        yaml.stringify({ apiVersion: "v1", items, kind: "List", metadata: { resourceVersion: "" } }, yamlOfKubectl),
    json: (items) => JSON.stringify({ apiVersion: "v1", items, kind: "List" }, null, 4),
};
const yamlOfKubectl = { indentSeq: false, version: "1.1", aliasDuplicateObjects: false, lineWidth: 0 } as const;

/** Something like a pod, as JSON has it. */
const plain = podLike.map(({ props }) => {
    const text = JSON.stringify(props ?? {}, (_, value: unknown) => (typeof value === "bigint" ? 0 : value)) ?? "{}";
    return { kind: "Pod", props: JSON.parse(text) };
});

const pods = [
    { kind: "Pod", spec: { containers: [{ name: "a", image: "a" }] } },
    { kind: "Pod", metadata: { annotations: { note: "first\n\n- second\n" } }, spec: { containers: [{ name: "b" }] } },
];

describe("manifests", function () {
    this.timeout(60_000);

    it("are read whatever the chunks are that they come in", async () => {
        const text = pods.map((pod) => yaml.stringify(pod)).join("---\n");
        for (const chunk of [1, 3, 50]) {
            const manifests = await manifestsIn(text, chunk);
            assert.deepEqual(
                manifests.map((manifest) => [manifest.resource, manifest.lineOf("spec.containers")]),
                [
                    [pods[0], 3],
                    [pods[1], 15],
                ],
            );
        }
    });

    it("are read as kubectl does: octal numbers and words for truth, but dates as text", async () => {
        const [manifest] = await manifestsIn("a: 0644\nb: yes\nc: 2027-01-31\nd: off\ne: ~\n");
        assert.deepEqual(manifest?.resource, { a: 420, b: true, c: "2027-01-31", d: false, e: null });
    });

    it("may have what JavaScript takes for something special as a key", async () => {
        const [manifest] = await manifestsIn("__proto__: { a: 1 }\nconstructor: b\n");
        assert.deepEqual(Object.keys(manifest?.resource as object), ["__proto__", "constructor"]);
    });

    it("have the line of the nearest thing around what is not there, also through aliases and merges", async () => {
        const [manifest] = await manifestsIn("a: &a\n  b: 1\nc: *a\nd:\n  <<: *a\n  e:\n  - f\n  -\n    - g\n");
        const lines = ["", "a.b", "c.b", "d.b", "d.e", "d.e[0]", "d.e[1][0]", "d.e[7]", "x.y"];
        assert.deepEqual(
            lines.map((path) => manifest?.lineOf(path)),
            [1, 2, 3, 4, 6, 7, 9, 6, 1],
        );
    });

    it("end with an error at the line where the text is broken", async () => {
        const [manifest] = await manifestsIn("# comment\na: 1\nb: [\n");
        assert.equal(manifest?.resource, undefined);
        assert.equal(manifest?.error?.line, 4);
        assert.equal((await manifestsIn("---\n{ a: 1\n---\nb: 1\n")).length, 2);
    });

    for (const [format, listing] of Object.entries(listings)) {
        describe(`in a list as kubectl writes it in ${format}`, () => {
            it("come one by one, and the list without them last", async () => {
                const manifests = await manifestsIn(listing(pods));
                assert.deepEqual(
                    manifests.slice(0, -1).map(({ resource }) => resource),
                    pods,
                );
                const { items } = manifests.at(-1)?.resource as { items: unknown[] | null };
                assert.deepEqual(items ?? [], []);
            });

            it("have the lines of the whole list", async () => {
                const text = listing(pods);
                const manifests = await manifestsIn(text);
                const line = text.split("\n").findIndex((content) => /name"?: "?b/.test(content)) + 1;
                assert.equal(manifests[1]?.lineOf("spec.containers[0].name"), line);
            });

            it("do not hold each other up", async () => {
                const text = listing([{ kind: "Pod", spec: "here" }, ...pods]).replace(/"?here"?/, "{ [");
                const manifests = await manifestsIn(text);
                assert.match(String(manifests[0]?.error?.line), format === "yaml" ? /^[45]$/ : /^[67]$/);
                assert.deepEqual(manifests[1]?.resource, pods[0]);
            });

            it("are whatever they are", async () => {
                await fc.assert(
                    fc.asyncProperty(fc.array(plain, { maxLength: 4 }), async (items) => {
                        const manifests = await manifestsIn(listing(items), 1000);
                        assert.deepEqual(manifests.map(({ error }) => error).filter(Boolean), []);
                        const found =
                            manifests.length > 1
                                ? manifests.slice(0, -1).map(({ resource }) => resource)
                                : (manifests[0]?.resource as { items: unknown[] }).items;
                        assert.deepEqual(found, items);
                    }),
                    { numRuns: 100 },
                );
            });
        });
    }

    it("say where a list that kubectl wrote breaks off", async () => {
        const text = listings.json!(pods);
        const manifests = await manifestsIn(text.slice(0, text.indexOf("]", text.lastIndexOf("}"))));
        assert.notEqual(manifests.at(-1)?.error, undefined);
    });
});
