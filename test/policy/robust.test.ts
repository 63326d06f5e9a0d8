import * as assert from "node:assert/strict";
import { serialize } from "node:v8";
import * as fc from "fast-check";
import { podTemplates } from "../../policy/podTemplate";
import { configure, evaluate } from "../../policy/evaluate";
import { rules } from "../../policy/rules";
import { anyResource, podLike } from "./anyResource";
import { unknowns } from "./unknowns";

const { UnknownValueError, unknownCheckingProxy } = unknowns;

/** How many objects the fuzzed tests try; `FUZZ_RUNS` sets another number. */
const numRuns = Number(process.env.FUZZ_RUNS ?? 500);

/** Options of rules that have nothing to say without them, and of which the pods here break none. */
const bounds: Record<string, object> = {
    "container-size": {
        ranges: [
            { resource: "memory", min: "1", max: "1Ei", containers: ["a*"], kinds: ["sidecar"] },
            { resource: "memory", min: "1", max: "1Ei" },
        ],
    },
    "pod-size": { memory: "1Ei", cpu: "1E", ephemeralStorage: "1Ei" },
};

function checkAll(type: string | undefined, props: unknown): { violations: string[]; notChecked: string[] } {
    const result = { violations: [] as string[], notChecked: [] as string[] };
    for (const pod of podTemplates({ type, props })) {
        for (const rule of rules) {
            for (const { kind, path, message } of evaluate(
                configure(rule, bounds[rule.name] ?? {}),
                pod,
                "2026-11-21",
            )) {
                if (kind === "violation") {
                    result.violations.push(`${rule.name} ${path}: ${message}`);
                } else {
                    result.notChecked.push(path);
                }
            }
        }
    }
    return result;
}

/** The object's leaves, and every list and object in it: all places where a value could be one not known yet. */
function places(value: unknown, path: (string | number)[] = []): (string | number)[][] {
    if (typeof value !== "object" || value === null) {
        return [path];
    }
    return [path, ...Object.entries(value).flatMap(([key, item]) => places(item, [...path, key]))];
}

function replaced(value: unknown, path: readonly (string | number)[], leaf: unknown): unknown {
    const [key, ...rest] = path;
    if (key === undefined) {
        return leaf;
    }
    const copy = (Array.isArray(value) ? [...(value as unknown[])] : { ...(value as object) }) as Record<
        string,
        unknown
    >;
    copy[key] = replaced(copy[key], rest, leaf);
    return copy;
}

const amounts = { cpu: "50m", memory: "128Mi", "ephemeral-storage": "64Mi" };
const resources = { requests: amounts, limits: amounts };
const securityContext = { allowPrivilegeEscalation: false };
const readinessProbe = { httpGet: { port: 80 } };

/** A resource that no rule has anything against, with all that rules look at. */
const deployment = {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "web" },
    spec: {
        template: {
            metadata: {
                annotations: { "kubectl.kubernetes.io/default-container": "nginx", "sidecars/network": "proxy" },
            },
            spec: {
                resources,
                volumes: [
                    { name: "logs", emptyDir: { medium: "Memory", sizeLimit: "64Mi" } },
                    { name: "tls", secret: { secretName: "tls", defaultMode: 0o400 } },
                ],
                initContainers: [
                    {
                        name: "log-reader",
                        image: "busybox:1.37",
                        imagePullPolicy: "IfNotPresent",
                        command: ["sh", "-c", "exec tail -F /logs/access.log"],
                        restartPolicy: "Always",
                        resources,
                        securityContext,
                        volumeMounts: [{ name: "logs", mountPath: "/logs", subPath: "nginx", readOnly: true }],
                    },
                ],
                containers: [
                    {
                        name: "nginx",
                        image: "nginx:1.29",
                        resources,
                        securityContext,
                        readinessProbe,
                        volumeMounts: [
                            { name: "logs", mountPath: "/var/log/nginx", subPath: "nginx" },
                            { name: "tls", mountPath: "/etc/tls", mountPropagation: "None" },
                        ],
                    },
                    { name: "proxy", image: "envoy:v1.36", resources, securityContext, readinessProbe },
                ],
            },
        },
    },
};

describe("every rule", function () {
    this.timeout(600_000);

    it("never throws, whatever it is given", () => {
        fc.assert(
            fc.property(anyResource, ({ type, props }) => {
                checkAll(type, props);
            }),
            { numRuns },
        );
    });

    it("never throws on something like a pod, whatever its fields are", () => {
        fc.assert(
            fc.property(podLike, ({ type, props }) => {
                checkAll(type, props);
            }),
            { numRuns },
        );
    });

    it("never writes to what it is given", () => {
        fc.assert(
            fc.property(podLike, ({ type, props }) => {
                const before = serialize(props);
                checkAll(type, props);
                assert.deepEqual(serialize(props), before);
            }),
            { numRuns: Math.min(numRuns, 2000) },
        );
    });

    it("ends on cycles", () => {
        const cyclic: Record<string, unknown> = { apiVersion: "example.com/v1", kind: "Ring" };
        cyclic.spec = cyclic;
        cyclic.items = [cyclic, cyclic];
        cyclic.template = cyclic;
        cyclic.containers = [cyclic];
        checkAll(undefined, cyclic);
        checkAll("kubernetes:apps/v1:Deployment", cyclic);
        checkAll("kubernetes:core/v1:List", cyclic);
        checkAll("kubernetes:example.com/v1:Ring", unknownCheckingProxy(cyclic));
    });

    it("ends on objects without a prototype, with an evil one, and with getters that throw", () => {
        const bare: unknown = Object.assign(Object.create(null), deployment);
        assert.deepEqual(checkAll(undefined, bare), { violations: [], notChecked: [] });
        const evil: unknown = JSON.parse(
            '{"apiVersion":"v1","kind":"Pod","spec":{"__proto__":{"containers":[{}]},"containers":[{"__proto__":1}]}}',
        );
        assert.ok(checkAll(undefined, evil).violations.length >= 2);
        const throwing = {
            apiVersion: "v1",
            kind: "Pod",
            spec: {
                get containers(): never {
                    throw new Error("no");
                },
            },
        };
        assert.deepEqual(checkAll(undefined, throwing).violations, []);
    });

    it("takes a pod that breaks no rule as such", () => {
        assert.deepEqual(checkAll(undefined, deployment), { violations: [], notChecked: [] });
    });
});

describe("a value not known yet", () => {
    const values = [
        unknowns.unknownStringValue,
        unknowns.unknownNumberValue,
        unknowns.unknownBooleanValue,
        unknowns.unknownArrayValue,
        unknowns.unknownObjectValue,
    ];

    for (const path of places(deployment.spec).filter((place) => place.length > 0)) {
        it(`at spec.${path.join(".")} is no violation`, () => {
            for (const unknown of values) {
                const props = unknownCheckingProxy(replaced(deployment, ["spec", ...path], unknown) as object);
                assert.deepEqual(checkAll("kubernetes:apps/v1:Deployment", props).violations, []);
            }
        });
    }

    const telling = [
        ["template"],
        ["template", "spec"],
        ["template", "spec", "containers"],
        ["template", "spec", "containers", 0],
        ["template", "spec", "containers", 0, "resources"],
        ["template", "spec", "containers", 0, "resources", "limits"],
        ["template", "spec", "containers", 0, "resources", "limits", "memory"],
        ["template", "spec", "containers", 0, "volumeMounts"],
        ["template", "spec", "containers", 0, "volumeMounts", 0],
        ["template", "spec", "containers", 0, "volumeMounts", 0, "name"],
        ["template", "spec", "volumes"],
        ["template", "spec", "volumes", 0],
        ["template", "spec", "volumes", 0, "name"],
        ["template", "spec", "initContainers"],
        ["template", "spec", "initContainers", 0, "volumeMounts"],
    ];
    for (const path of telling) {
        it(`at spec.${path.join(".")} is said to be not checked`, () => {
            const props = unknownCheckingProxy(
                replaced(deployment, ["spec", ...path], unknowns.unknownStringValue) as object,
            );
            assert.notDeepEqual(checkAll("kubernetes:apps/v1:Deployment", props).notChecked, []);
        });
    }

    it("makes the engine's own accessor throw, which is why rules read through ours", () => {
        const props = unknownCheckingProxy({ spec: unknowns.unknownObjectValue }) as { spec: unknown };
        assert.throws(() => props.spec, UnknownValueError);
    });

    it("does not hide a violation beside it", () => {
        const containers = [{ name: "a", resources: unknowns.unknownObjectValue }, { name: "sidecar" }];
        const props = unknownCheckingProxy({ spec: { containers } });
        const { violations } = checkAll("kubernetes:core/v1:Pod", props);
        assert.deepEqual(
            violations
                .map((violation) => violation.split(":")[0] ?? "")
                .filter((violation) => /^(memory-limit|cpu-limit|sidecar)/.test(violation)),
            [
                "memory-limit spec.containers[1].resources.limits.memory",
                "cpu-limit spec.containers[1].resources.limits.cpu",
                "sidecar-shares-volume spec.containers[1].volumeMounts",
            ],
        );
    });
});

describe("a finding", () => {
    it("never repeats what may be a secret: only proper names are quoted", () => {
        const secret = "S3cret/Value!";
        const containers = [
            {
                name: "app",
                image: secret,
                env: [{ name: "PASSWORD", value: secret }],
                command: [secret],
                args: [secret],
            },
            {
                name: secret,
                image: secret,
                resources: { limits: { memory: secret, cpu: secret } },
                volumeMounts: [{ name: secret, mountPath: secret, subPath: secret }],
            },
        ];
        const { violations } = checkAll("kubernetes:core/v1:Pod", {
            metadata: { annotations: { [secret]: secret } },
            spec: { containers },
        });
        assert.ok(violations.length >= 5, violations.join("\n"));
        assert.ok(!violations.join("\n").includes(secret), violations.join("\n"));
    });
});
