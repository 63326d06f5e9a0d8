import assert from "node:assert/strict";

import * as pulumi from "@pulumi/pulumi";
import fc from "fast-check";

import {
    configMap,
    type ContainerArgs,
    emptyDir,
    persistentVolumeClaim,
    podSpec,
    type PodSpecArgs,
    secret,
    type SidecarArgs,
} from "../../../components";
import { mistakesOf } from "./inputErrors";
import { valueOf } from "./mocks";

const logs = emptyDir("logs");
const main: ContainerArgs = { name: "main", image: "nginx", mounts: [logs.at("/logs")] };
const reader: SidecarArgs = { name: "reader", image: "ubuntu", mounts: [logs.readOnlyAt("/logs")] };

function mistakes(args: PodSpecArgs): string[] {
    return mistakesOf(() => podSpec("pod", args));
}

function withMain(changes: Partial<ContainerArgs>): PodSpecArgs {
    return { containers: [{ ...main, ...changes }] };
}

describe("podSpec", () => {
    it("collects each volume once, from the mounts", () => {
        const { spec } = podSpec("pod", { containers: [main], sidecars: [reader] });
        assert.deepEqual(spec.volumes, [{ name: "logs", emptyDir: { sizeLimit: "64Mi", medium: undefined } }]);
        assert.deepEqual(
            (spec.containers as { volumeMounts: unknown }[]).map((container) => container.volumeMounts),
            [[{ name: "logs", mountPath: "/logs" }], [{ name: "logs", mountPath: "/logs", readOnly: true }]],
        );
    });

    it("gives each container a pull policy, a termination message policy, requests and limits", () => {
        const { spec } = podSpec("pod", { containers: [main], sidecars: [reader] });
        for (const container of spec.containers as ContainerArgs[]) {
            assert.equal(container.imagePullPolicy, "IfNotPresent");
            assert.equal(container.terminationMessagePolicy, "FallbackToLogsOnError");
            assert.deepEqual(container.resources, {
                requests: { cpu: "25m", memory: "32Mi" },
                limits: { cpu: "500m", memory: "128Mi", "ephemeral-storage": "256Mi" },
            });
        }
    });

    it("takes resources as they are given", () => {
        const { spec } = podSpec("pod", withMain({ resources: { limits: { memory: "1Gi" } } }));
        assert.deepEqual((spec.containers as ContainerArgs[])[0]!.resources, { limits: { memory: "1Gi" } });
    });

    it("mounts no service-account token, unless told to", () => {
        assert.equal(podSpec("pod", withMain({})).spec.automountServiceAccountToken, false);
        const told = podSpec("pod", { ...withMain({}), spec: { automountServiceAccountToken: true } });
        assert.equal(told.spec.automountServiceAccountToken, true);
    });

    it("puts native sidecars first among the init containers, restarted always", () => {
        const { spec } = podSpec("pod", {
            containers: [main],
            sidecars: [{ ...reader, native: true }],
            initContainers: [{ name: "setup", image: "busybox" }],
        });
        assert.deepEqual(
            (spec.initContainers as { name: string; restartPolicy?: string }[]).map((c) => [c.name, c.restartPolicy]),
            [
                ["reader", "Always"],
                ["setup", undefined],
            ],
        );
        assert.equal((spec.containers as unknown[]).length, 1);
    });

    it("knows every kind of volume", () => {
        const { spec, claims } = podSpec(
            "pod",
            withMain({
                mounts: [
                    emptyDir("memory", { medium: "Memory", sizeLimit: "1Mi" }).at("/memory"),
                    configMap("config", { name: "settings" }).readOnlyAt("/config"),
                    secret("keys", { secretName: "tls", defaultMode: 256 }).readOnlyAt("/keys"),
                    persistentVolumeClaim("old", { claimName: "data" }).at("/old", { subPath: "a/b" }),
                    persistentVolumeClaim("new", { storage: "1Gi", storageClassName: "fast" }).at("/new"),
                ],
            }),
        );
        assert.deepEqual(spec.volumes, [
            { name: "memory", emptyDir: { medium: "Memory", sizeLimit: "1Mi" } },
            { name: "config", configMap: { name: "settings" } },
            { name: "keys", secret: { secretName: "tls", defaultMode: 256 } },
            { name: "old", persistentVolumeClaim: { claimName: "data" } },
            { name: "new", persistentVolumeClaim: { claimName: "pod-new" } },
        ]);
        assert.deepEqual(claims, [
            {
                name: "pod-new",
                spec: {
                    accessModes: ["ReadWriteOnce"],
                    storageClassName: "fast",
                    resources: { requests: { storage: "1Gi" } },
                },
            },
        ]);
    });

    const other = emptyDir("logs");
    const label = `is not a DNS label: at most 63 lower-case letters, digits and "-", with a letter or digit at both ends`;
    const bad: [string, PodSpecArgs, string[]][] = [
        ["no main container", { containers: [] }, ["containers: a pod needs at least one main container"]],
        ["an empty container name", withMain({ name: "" }), ["containers[0].name: must not be empty"]],
        ["an invalid container name", withMain({ name: "Main_1" }), [`containers[0].name: "Main_1" ${label}`]],
        [
            "a name that is too long",
            withMain({ name: "a".repeat(64) }),
            [`containers[0].name: "${"a".repeat(64)}" ${label}`],
        ],
        [
            "two containers of one name",
            { containers: [main], sidecars: [{ ...reader, name: "main" }] },
            [`sidecars[0].name: "main" is the name of containers[0] already`],
        ],
        [
            "an init container with the name of a container",
            { ...withMain({}), initContainers: [{ name: "main", image: "busybox" }] },
            [`containers[0].name: "main" is the name of initContainers[0] already`],
        ],
        [
            "two different volumes of one name",
            { containers: [main], sidecars: [{ ...reader, mounts: [logs.at("/a"), other.at("/b")] }] },
            [
                `sidecars[0].mounts[1].volume: "logs" is the name of another volume in this pod: take both mounts from one volume, or rename one`,
            ],
        ],
        [
            "an invalid volume name",
            withMain({ mounts: [emptyDir("My Logs").at("/logs")] }),
            [`containers[0].mounts[0].volume.name: "My Logs" ${label}`],
        ],
        [
            "two mounts on one path",
            withMain({ mounts: [logs.at("/logs"), emptyDir("more").at("/logs/")] }),
            [`containers[0].mounts[1].path: "/logs/" is where mounts[0] is mounted already`],
        ],
        [
            "a relative mount path",
            withMain({ mounts: [logs.at("var/log")] }),
            [`containers[0].mounts[0].path: "var/log" is not absolute: it must begin with "/"`],
        ],
        [
            "an empty mount path",
            withMain({ mounts: [logs.at("")] }),
            ["containers[0].mounts[0].path: must not be empty"],
        ],
        [
            "a mount path with ..",
            withMain({ mounts: [logs.at("/var/../etc")] }),
            [`containers[0].mounts[0].path: "/var/../etc" must not contain ".."`],
        ],
        [
            "a mount path with a colon",
            withMain({ mounts: [logs.at("/a:b")] }),
            [`containers[0].mounts[0].path: "/a:b" must not contain ":"`],
        ],
        [
            "a mount on the root",
            withMain({ mounts: [logs.at("//")] }),
            [`containers[0].mounts[0].path: "//" is the container's root, where nothing can be mounted`],
        ],
        [
            "an absolute subPath",
            withMain({ mounts: [logs.at("/logs", { subPath: "/a" })] }),
            [`containers[0].mounts[0].subPath: "/a" must be a relative path inside the volume`],
        ],
        [
            "a subPath with ..",
            withMain({ mounts: [logs.at("/logs", { subPath: "a/../.." })] }),
            [`containers[0].mounts[0].subPath: "a/../.." must not contain ".."`],
        ],
        [
            "a sidecar that shares nothing",
            { containers: [main], sidecars: [{ ...reader, mounts: [emptyDir("own").at("/own")] }] },
            [`sidecars[0].mounts: the sidecar "reader" shares no volume with a main container`],
        ],
        [
            "a sidecar without mounts",
            { containers: [main], sidecars: [{ ...reader, mounts: undefined }] },
            [`sidecars[0].mounts: the sidecar "reader" shares no volume with a main container`],
        ],
        ["an empty image", withMain({ image: "" }), [`containers[0].image: "" is not an image: it must not be empty`]],
        [
            "an image with spaces",
            withMain({ image: "nginx: latest" }),
            [`containers[0].image: "nginx: latest" is not an image: it must not contain spaces`],
        ],
        [
            "a malformed quantity",
            withMain({ resources: { limits: { memory: "64Mb" } } }),
            [`containers[0].resources.limits.memory: "64Mb" is not a Kubernetes quantity such as 64Mi or 250m`],
        ],
        [
            "a negative quantity",
            withMain({ resources: { requests: { cpu: "-1" } } }),
            [`containers[0].resources.requests.cpu: "-1" must not be negative`],
        ],
        [
            "a request above its limit",
            withMain({ resources: { requests: { memory: "1Gi" }, limits: { memory: "1000Mi" } } }),
            [`containers[0].resources.requests.memory: "1Gi" is above the limit of "1000Mi"`],
        ],
        [
            "a sizeLimit of nothing",
            withMain({ mounts: [emptyDir("logs", { sizeLimit: "0" }).at("/logs")] }),
            [`volumes["logs"].sizeLimit: "0" must be more than 0`],
        ],
        [
            "a claim with neither name nor storage",
            withMain({ mounts: [persistentVolumeClaim("data", {}).at("/data")] }),
            [`volumes["data"]: needs a claimName (an existing claim) or storage (for a new one)`],
        ],
        [
            "a claim with both name and storage",
            withMain({ mounts: [persistentVolumeClaim("data", { claimName: "a", storage: "1Gi" }).at("/data")] }),
            [`volumes["data"]: takes a claimName (an existing claim) or storage (for a new one), not both`],
        ],
        [
            "a malformed storage request",
            withMain({ mounts: [persistentVolumeClaim("data", { storage: "much" }).at("/data")] }),
            [`volumes["data"].storage: "much" is not a Kubernetes quantity such as 64Mi or 250m`],
        ],
        [
            "an empty name of a ConfigMap",
            withMain({ mounts: [configMap("config", { name: "" }).at("/config")] }),
            [`volumes["config"].name: "" must not be empty`],
        ],
        [
            "an init container with a probe",
            {
                ...withMain({}),
                initContainers: [{ name: "init", image: "a", livenessProbe: { exec: { command: ["a"] } } }],
            },
            [
                "initContainers[0].livenessProbe: an init container runs to its end and may not have one; a native sidecar may",
            ],
        ],
        [
            "a native sidecar with a liveness probe that needs two successes",
            {
                containers: [main],
                sidecars: [
                    { ...reader, native: true, livenessProbe: { exec: { command: ["a"] }, successThreshold: 2 } },
                ],
            },
            ["sidecars[0].livenessProbe.successThreshold: must be 1, and is 2"],
        ],
        [
            "a native sidecar with a readiness probe that would end it",
            {
                containers: [main],
                sidecars: [
                    {
                        ...reader,
                        native: true,
                        readinessProbe: { exec: { command: ["a"] }, terminationGracePeriodSeconds: 5 },
                    },
                ],
            },
            [
                "sidecars[0].readinessProbe.terminationGracePeriodSeconds: a readiness probe never ends its container, so it may not have one",
            ],
        ],
        [
            "a probe that does nothing",
            withMain({ startupProbe: { periodSeconds: 1 } }),
            ["containers[0].startupProbe: needs exactly one of exec, httpGet, tcpSocket, grpc, and has 0"],
        ],
    ];
    for (const [what, args, expected] of bad) {
        it(`refuses ${what}`, () => {
            assert.deepEqual(mistakes(args), expected);
        });
    }

    it("reports all mistakes at once", () => {
        const found = mistakes({
            containers: [{ ...main, name: "", image: "" }],
            sidecars: [{ ...reader, mounts: [logs.at("logs")] }],
        });
        assert.deepEqual(
            found.map((mistake) => mistake.split(": ")[0]),
            ["containers[0].name", "containers[0].image", "sidecars[0].mounts[0].path"],
        );
    });

    it("allows a native sidecar every probe", () => {
        const exec = { command: ["true"] };
        podSpec("pod", {
            containers: [main],
            sidecars: [
                { ...reader, native: true, startupProbe: { exec }, livenessProbe: { exec }, readinessProbe: { exec } },
            ],
        });
    });

    it("checks an image that is an Output once it is known", async () => {
        const { spec } = podSpec("pod", withMain({ image: pulumi.output("") }));
        const image = (spec.containers as ContainerArgs[])[0]!.image;
        await assert.rejects(
            valueOf(pulumi.output(image)),
            /^InvalidInputError: containers\[0\]\.image: the value is not an image/,
        );
    });

    it("compares a request with a limit that is an Output", async () => {
        const resources = { requests: { cpu: "2" }, limits: { cpu: pulumi.output("1") } };
        const { spec } = podSpec("pod", withMain({ resources }));
        const request = (spec.containers as ContainerArgs[])[0]!.resources!.requests!.cpu!;
        await assert.rejects(valueOf(pulumi.output(request)), {
            message: /requests\.cpu: the value is above the limit/,
        });
    });

    it("either reports input errors or makes a pod whose mounts all have their volume", () => {
        const name = fc.oneof(fc.constantFrom("a", "b", "c"), fc.string({ maxLength: 4 }));
        const path = fc.oneof(fc.constantFrom("/a", "/b", "/c/d"), fc.string({ maxLength: 6 }));
        const volumes = fc
            .array(name, { minLength: 1, maxLength: 3 })
            .map((names) => names.map((each) => emptyDir(each)));
        const pods = volumes.chain((pool) => {
            const mount = fc.tuple(fc.constantFrom(...pool), path).map(([volume, at]) => volume.at(at));
            const container = fc.record({ name, image: name, mounts: fc.array(mount, { maxLength: 3 }) });
            return fc.record({
                containers: fc.array(container, { maxLength: 3 }),
                sidecars: fc.array(container, { maxLength: 2 }),
            });
        });
        fc.assert(
            fc.property(pods, (args) => {
                let spec;
                try {
                    ({ spec } = podSpec("pod", args));
                } catch (error) {
                    assert.ok(pulumi.InputPropertiesError.isInstance(error), String(error));
                    return;
                }
                const declared = (spec.volumes as { name: string }[] | undefined)?.map((volume) => volume.name) ?? [];
                const mounted = (spec.containers as { volumeMounts?: { name: string }[] }[])
                    .flatMap((container) => container.volumeMounts ?? [])
                    .map((each) => each.name);
                assert.deepEqual(new Set(declared), new Set(mounted));
                assert.equal(new Set(declared).size, declared.length);
            }),
        );
    });
});
