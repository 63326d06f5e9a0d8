// Fields of a pod are read without a type.
/* eslint-disable @typescript-eslint/no-explicit-any */
import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { serialize } from "node:v8";
import * as fc from "fast-check";
import * as yaml from "yaml";
import { type ConfiguredRule, configure, evaluate } from "../../policy/evaluate";
import { type Resource, podTemplates } from "../../policy/podTemplate";
import { remediate } from "../../policy/remediate";
import { rules } from "../../policy/rules";
import { podLike } from "./anyResource";
import { unknowns } from "./unknowns";

const { unknownCheckingProxy, unknownStringValue } = unknowns;
const today = "2026-11-21";
const fixable = rules.filter(({ remediation }) => remediation !== undefined);

function fixesLeft(rule: ConfiguredRule, resource: Resource): number {
    return podTemplates(resource)
        .flatMap((pod) => evaluate(rule, pod, today))
        .filter(({ fix }) => fix !== undefined).length;
}

/** The containers of a pod, after all rules that can put something right have done so. */
function remediated(props: any, config: Record<string, object> = {}): any {
    for (const rule of fixable) {
        remediate(configure(rule, config[rule.name] ?? {}), { type: "kubernetes:core/v1:Pod", props }, today);
    }
    return props.spec;
}

describe("remediation", function () {
    this.timeout(60_000);

    it("sets requests, limits, sizeLimits, read-only mounts and the pull policy, and leaves the rest", () => {
        const spec = remediated({
            spec: {
                containers: [
                    { name: "app", image: "app", volumeMounts: [{ name: "logs", mountPath: "/logs" }] },
                    { name: "log-reader", image: "cat:1", volumeMounts: [{ name: "logs", mountPath: "/logs" }] },
                ],
                volumes: [{ name: "logs", emptyDir: {} }],
            },
        });
        const limits = { memory: "128Mi", cpu: "250m", "ephemeral-storage": "256Mi" };
        assert.deepEqual(spec, {
            containers: [
                {
                    name: "app",
                    image: "app",
                    imagePullPolicy: "IfNotPresent",
                    resources: { limits },
                    volumeMounts: [{ name: "logs", mountPath: "/logs" }],
                },
                {
                    name: "log-reader",
                    image: "cat:1",
                    resources: { limits },
                    volumeMounts: [{ name: "logs", mountPath: "/logs", readOnly: true }],
                },
            ],
            volumes: [{ name: "logs", emptyDir: { sizeLimit: "64Mi" } }],
        });
    });

    it("takes its values from the options", () => {
        const spec = remediated(
            {
                spec: {
                    containers: [{ name: "app" }],
                    volumes: [
                        { name: "a", emptyDir: null },
                        { name: "b", emptyDir: {} },
                    ],
                },
            },
            {
                "memory-limit": { fix: "1Gi" },
                "cpu-limit": { mode: "off" },
                requests: { cpu: "10m" },
                "empty-dir-size-limit": { max: "8Mi" },
                "ephemeral-storage-limit": { fix: "none" },
            },
        );
        assert.deepEqual(spec.containers[0].resources, { limits: { memory: "1Gi" }, requests: { cpu: "10m" } });
        assert.deepEqual(spec.volumes[1].emptyDir, { sizeLimit: "8Mi" });
    });

    it("gives no container a limit below its request", () => {
        const resources = { requests: { memory: "1Gi", cpu: "much" } };
        const spec = remediated({ spec: { containers: [{ name: "app", resources }] } });
        assert.equal(spec.containers[0].resources.limits.memory, "1Gi");
        assert.equal(spec.containers[0].resources.limits.cpu, undefined);
    });

    it("leaves exempt resources as they are", () => {
        const metadata = { annotations: { "sidecars/exempt.memory-limit": "measured" } };
        const spec = remediated({ metadata, spec: { containers: [{ name: "app" }] } });
        assert.equal(spec.containers[0].resources.limits.memory, undefined);
        assert.equal(spec.containers[0].resources.limits.cpu, "250m");
    });

    for (const rule of fixable) {
        const folder = path.join(
            __dirname,
            "rules",
            rule.name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase()),
            "bad",
        );
        const configured = configure(rule, {});

        it(`makes pods that pass: ${rule.name}`, () => {
            let fixed = 0;
            for (const file of fs.readdirSync(folder)) {
                const text = fs.readFileSync(path.join(folder, file), "utf8");
                const options = JSON.parse(/^# options: (.*)$/m.exec(text)?.[1] ?? "{}") as object;
                const type = /^# type: (.*)$/m.exec(text)?.[1];
                const resource = { type, props: yaml.parse(text) };
                fixed += Number(remediate(configure(rule, options), resource, today));
                assert.equal(fixesLeft(configure(rule, options), resource), 0, file);
            }
            assert.ok(fixed > 0);
        });

        it(`changes nothing a second time, whatever the pod looks like: ${rule.name}`, () => {
            fc.assert(
                fc.property(podLike, (resource) => {
                    remediate(configured, resource, today);
                    const before = serialize(resource.props);
                    remediate(configured, resource, today);
                    assert.deepEqual(serialize(resource.props), before);
                }),
                { numRuns: 100 },
            );
        });
    }

    const deployment = {
        spec: {
            template: {
                spec: {
                    containers: [
                        { name: "app", image: "app", resources: { requests: { cpu: "1" }, limits: { cpu: "1" } } },
                        { name: "log-reader", volumeMounts: [{ name: "logs", mountPath: "/logs", readOnly: false }] },
                    ],
                    volumes: [{ name: "logs", emptyDir: { sizeLimit: "0" } }],
                },
            },
        },
    };
    for (const place of places(deployment)) {
        it(`does not touch what is not known yet: ${place.join(".")}`, () => {
            const props: any = structuredClone(deployment);
            const holder = place.slice(0, -1).reduce((value, key) => value[key], props);
            holder[place.at(-1)!] = unknownStringValue;
            for (const rule of fixable) {
                remediate(
                    configure(rule, {}),
                    { type: "kubernetes:apps/v1:Deployment", props: unknownCheckingProxy(props) },
                    today,
                );
            }
            assert.equal(holder[place.at(-1)!], unknownStringValue);
        });
    }
});

/** All places in an object, but the object itself. */
function places(value: unknown): string[][] {
    return typeof value === "object" && value !== null
        ? Object.entries(value).flatMap(([key, item]) => [[key], ...places(item).map((place) => [key, ...place])])
        : [];
}
