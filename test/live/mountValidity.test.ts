import { ApiException, type V1Pod } from "@kubernetes/client-node";
import * as fc from "fast-check";
import assert from "node:assert/strict";
import { podTemplates } from "../../policy/podTemplate";
import { checkPod, resolveOptions } from "../../policy/rule";
import { mountHasVolume } from "../../policy/rules/mountHasVolume";
import { mountPathUnique } from "../../policy/rules/mountPathUnique";
import { mountPathValid } from "../../policy/rules/mountPathValid";
import { mountPropagation } from "../../policy/rules/mountPropagation";
import { namespaceOfSuite } from "./namespace";

/** How many pods the API server is asked about; `DRY_RUNS` sets another number. */
const runs = Number(process.env.DRY_RUNS ?? 1000);

/** How many requests are under way at the same time. */
const atOnce = 20;

const rules = [mountHasVolume, mountPathValid, mountPathUnique, mountPropagation];

const sources = fc.constantFrom<object>(
    { emptyDir: {} },
    { hostPath: { path: "/tmp" } },
    { configMap: { name: "some" } },
    { secret: { secretName: "some" } },
    { persistentVolumeClaim: { claimName: "some" } },
    { downwardAPI: {} },
);
// Mostly good values, so that about every second pod is accepted.
const volumes = mostly(
    [
        ["a", "b"],
        ["a", "b", "c"],
    ],
    [
        ["b", "c"],
        ["a", "b", "a"],
    ],
).chain((names) => fc.tuple(...names.map((name) => sources.map((source) => ({ name, ...source })))));
function mostly<T>(good: readonly T[], odd: readonly T[]): fc.Arbitrary<T> {
    return fc.oneof(
        { weight: 30, arbitrary: fc.constantFrom(...good) },
        { weight: 1, arbitrary: fc.constantFrom(...odd) },
    );
}
const subPath = mostly(["", "x", "x/y", "..x", "./x"], ["/x", "..", "x/../y"]);

/** Pods whose mounts have paths like these, in containers of all kinds. */
function pods(paths: readonly string[]): fc.Arbitrary<object> {
    const mount = fc.record(
        {
            name: mostly<string | undefined>(["a", "a", "b"], ["c", "d", "", undefined]),
            mountPath: mostly<string | undefined>(paths, ["", undefined]),
            subPath,
            subPathExpr: mostly(["", "", "", ""], ["$(HOSTNAME)", "x", "../x"]),
            readOnly: fc.boolean(),
            mountPropagation: mostly(["None", "HostToContainer"], ["Bidirectional"]),
        },
        { requiredKeys: ["name", "mountPath"] },
    );
    const container = fc.record({ volumeMounts: fc.array(mount, { maxLength: 3 }) });
    return fc
        .record({
            volumes,
            containers: fc.array(container, { minLength: 1, maxLength: 2 }),
            initContainers: fc.array(container, { maxLength: 2 }),
        })
        .map((spec) => {
            const named = (kind: "containers" | "initContainers"): object[] =>
                spec[kind].map((fields, index) => ({
                    name: `${kind.toLowerCase()}-${index}`,
                    image: "some",
                    ...fields,
                }));
            return {
                apiVersion: "v1",
                kind: "Pod",
                metadata: { name: "some" },
                spec: {
                    volumes: spec.volumes,
                    containers: named("containers"),
                    initContainers: named("initContainers"),
                },
            };
        });
}

/** What the rules find, the path and what is wrong. */
function findings(props: object): string[] {
    return podTemplates({ props }).flatMap((pod) =>
        rules.flatMap((rule) =>
            checkPod(rule, pod, resolveOptions(rule, {})).violations.map(({ path, message }) => `${path}: ${message}`),
        ),
    );
}

describe("the rules about mounts, beside the API server", () => {
    const namespace = namespaceOfSuite();

    /** Why the API server refuses the pod; undefined when it accepts it. */
    async function refusal(body: V1Pod): Promise<string | undefined> {
        try {
            await namespace.core.createNamespacedPod({ namespace: namespace.name, body, dryRun: "All" });
            return undefined;
        } catch (error) {
            if (error instanceof ApiException && error.code === 422) {
                return String(error.body);
            }
            throw error;
        }
    }

    /** Compares the rules with the API server over so many pods. Returns how many of them it accepted. */
    async function compareAll(
        asked: readonly object[],
        compare: (found: readonly string[], refused: string | undefined, shown: string) => void,
    ): Promise<number> {
        let accepted = 0;
        for (let done = 0; done < asked.length; done += atOnce) {
            await Promise.all(
                asked.slice(done, done + atOnce).map(async (pod) => {
                    const refused = await refusal(pod);
                    const found = findings(pod);
                    accepted += refused === undefined ? 1 : 0;
                    compare(
                        found,
                        refused,
                        `${JSON.stringify(pod)}\nrules: ${found.join("; ")}\nAPI server: ${refused ?? "accepts it"}`,
                    );
                }),
            );
        }
        return accepted;
    }

    it(`say of ${runs} pods what their dry run says`, async () => {
        const asked = fc.sample(pods(["/", "/a", "/a/b", "/b", "/c", "/d", "/e", "relative"]), runs);
        const accepted = await compareAll(asked, (found, refused, shown) => {
            assert.equal(found.length > 0, refused !== undefined, shown);
        });
        assert.ok(accepted > runs / 4 && accepted < (runs * 3) / 4, `${accepted} accepted`);
    });

    it("find all that is refused, whatever way paths are written", async () => {
        const asked = fc.sample(pods(["/a", "/a/", "//a", "/a/./b", "/a/b", "/a/../b"]), Math.ceil(runs / 4));
        await compareAll(asked, (found, refused, shown) => {
            assert.ok(refused === undefined || found.length > 0, shown);
        });
    });
});
