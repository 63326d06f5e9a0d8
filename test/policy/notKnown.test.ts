import * as assert from "node:assert/strict";
import { podTemplates } from "../../policy/podTemplate";
import { checkPod, resolveOptions } from "../../policy/rule";
import { rules } from "../../policy/rules";
import { unknowns } from "./unknowns";

const { unknownCheckingProxy, unknownArrayValue, unknownNumberValue, unknownStringValue } = unknowns;

/** What a rule finds in a pod of this spec, or in another resource, of which parts are not known yet. */
function check(
    name: string,
    options: object,
    spec: object,
    type = "core/v1:Pod",
): { violations: string[]; notChecked: readonly string[] } {
    const rule = rules.find((other) => other.name === name)!;
    const props = unknownCheckingProxy({ spec });
    const [pod] = podTemplates({ type: `kubernetes:${type}`, props });
    const { violations, notChecked } = checkPod(rule, pod!, resolveOptions(rule, options));
    return { violations: violations.map(({ path }) => path), notChecked };
}

describe("container-size, on what is not known yet", () => {
    const memory = { limits: { memory: "1Gi" } };
    const limit = "resources.limits.memory";

    it("leaves a container without a name open when it may be one of the range", () => {
        const containers = [{ name: unknownStringValue, resources: memory }];
        const ranges = [{ resource: "memory", max: "64Mi", containers: ["db"] }];
        assert.deepEqual(check("container-size", { ranges }, { containers }), {
            violations: [],
            notChecked: [`spec.containers[0].${limit}`],
        });
        const [range] = ranges.map(({ resource, max }) => ({ resource, max }));
        assert.deepEqual(check("container-size", { ranges: [range] }, { containers }), {
            violations: [`spec.containers[0].${limit}`],
            notChecked: [],
        });
    });

    it("leaves an init container open when it may be a sidecar, and only one of both is meant", () => {
        const initContainers = [{ name: "a", restartPolicy: unknownStringValue, resources: memory }];
        const range = { resource: "memory", max: "64Mi" };
        const path = `spec.initContainers[0].${limit}`;
        for (const [kinds, found] of [
            [["sidecar"], { violations: [], notChecked: [path] }],
            [["initContainer"], { violations: [], notChecked: [path] }],
            [["initContainer", "sidecar"], { violations: [path], notChecked: [] }],
            [["container"], { violations: [], notChecked: [] }],
        ] as const) {
            assert.deepEqual(
                check("container-size", { ranges: [{ ...range, kinds }] }, { containers: [], initContainers }),
                found,
            );
        }
    });

    it("tells amounts", () => {
        const containers = [{ name: "a", resources: { limits: { memory: unknownStringValue } } }];
        const ranges = [{ resource: "memory", max: "64Mi" }];
        assert.deepEqual(check("container-size", { ranges }, { containers }).notChecked, [
            `spec.containers[0].${limit}`,
        ]);
        assert.deepEqual(check("container-size", { ranges }, { containers: unknownArrayValue }).notChecked, [
            "spec.containers",
        ]);
    });
});

describe("pod-size, on what is not known yet", () => {
    const memory = (amount: string): object => ({ resources: { limits: { memory: amount } } });
    const open = { violations: [], notChecked: ["spec.resources"] };

    it("leaves the pod open", () => {
        const containers = [memory("1Gi"), memory(unknownStringValue)];
        assert.deepEqual(check("pod-size", { memory: "1Gi" }, { containers }), open);
        assert.deepEqual(check("pod-size", { cpu: "1" }, { containers }), { violations: [], notChecked: [] });
        const initContainers = [{ ...memory("2Gi"), restartPolicy: unknownStringValue }];
        assert.deepEqual(check("pod-size", { memory: "4Gi" }, { containers: [memory("1Gi")], initContainers }), open);
        const overhead = { memory: unknownStringValue };
        assert.deepEqual(check("pod-size", { memory: "1Gi" }, { containers: [memory("1Gi")], overhead }), open);
    });

    it("needs to know no container where the pod as a whole says it", () => {
        const resources = { requests: { memory: "1Gi" }, limits: { memory: "2Gi" } };
        const spec = { resources, containers: [memory(unknownStringValue)] };
        assert.deepEqual(check("pod-size", { memory: "2Gi" }, spec), { violations: [], notChecked: [] });
        assert.deepEqual(check("pod-size", { memory: "1Gi" }, spec).violations, ["spec.resources"]);
    });
});

describe("claim-of-replicas, on what is not known yet", () => {
    const checkDeployment = (replicas: unknown, volumes: unknown): ReturnType<typeof check> =>
        check(
            "claim-of-replicas",
            {},
            { replicas, template: { spec: { volumes, containers: [] } } },
            "apps/v1:Deployment",
        );
    const claim = (claimName: string): object => ({ name: "data", persistentVolumeClaim: { claimName } });
    const volumes = "spec.template.spec.volumes";
    const claimName = `${volumes}[0].persistentVolumeClaim.claimName`;

    it("leaves the claim open, where there may be one", () => {
        for (const [replicas, given, notChecked] of [
            [unknownNumberValue, [claim("data")], [claimName]],
            [unknownNumberValue, [{ name: "logs", emptyDir: {} }], []],
            [2, [claim(unknownStringValue)], [claimName]],
            [2, unknownArrayValue, [volumes]],
            [1, unknownArrayValue, []],
        ] as const) {
            assert.deepEqual(checkDeployment(replicas, given), { violations: [], notChecked });
        }
    });
});
