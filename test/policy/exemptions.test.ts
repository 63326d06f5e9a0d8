import * as assert from "node:assert/strict";
import { configure, evaluate } from "../../policy/evaluate";
import { podTemplates } from "../../policy/podTemplate";
import { memoryLimit } from "../../policy/rules/memoryLimit";
import type { Rule } from "../../policy/rule";
import { unknowns } from "./unknowns";

const { unknownCheckingProxy, unknownStringValue } = unknowns;
const today = "2026-11-21";

/** What memory-limit says of a Deployment with the containers `app` and `sidecar`, neither of which has a limit. */
function say(exemption: unknown, exempt: object[] = [], place: "resource" | "template" = "resource"): string[] {
    const annotations = exemption === undefined ? {} : { "sidecars/exempt.memory-limit": exemption };
    const props = unknownCheckingProxy({
        apiVersion: "apps/v1",
        kind: "Deployment",
        metadata: { name: "web", namespace: "shop", annotations: place === "resource" ? annotations : {} },
        spec: {
            template: {
                metadata: { annotations: place === "template" ? annotations : {} },
                spec: { containers: [{ name: "app" }, { name: "sidecar" }] },
            },
        },
    });
    const configured = configure(memoryLimit, { exempt });
    return podTemplates({ type: "kubernetes:apps/v1:Deployment", props }).flatMap((pod) =>
        evaluate(configured, pod, today).map(({ kind, message }) => `${kind}: ${message.split(/, so|\. /)[0]}`),
    );
}

const bothContainers = [
    "violation: container `app`: no memory limit",
    "violation: container `sidecar`: no memory limit",
];

describe("an exemption", () => {
    it("by annotation takes the violations away, and is listed with its reason", () => {
        assert.deepEqual(say("bought in, cannot be changed"), [
            "note: exempt from memory-limit without end: bought in, cannot be changed",
        ]);
    });

    it("may stand on the pod template", () => {
        assert.deepEqual(say("bought in", [], "template"), ["note: exempt from memory-limit without end: bought in"]);
    });

    it("holds on its last day", () => {
        assert.deepEqual(say(`load test; until=${today}`), [
            `note: exempt from memory-limit until ${today}: load test`,
        ]);
    });

    it("that has expired is a violation that says since when, beside what it no longer covers", () => {
        assert.deepEqual(say("load test; until=2026-11-20"), [
            ...bothContainers,
            "violation: the exemption from memory-limit expired: it held until 2026-11-20 (load test).",
        ]);
    });

    for (const reason of ["", "  ", "; until=2027-01-31", 5, null, {}]) {
        it(`without a reason (${JSON.stringify(reason)}) is a violation`, () => {
            const said = say(reason);
            if (reason === null) {
                assert.deepEqual(said, bothContainers);
            } else {
                assert.deepEqual(said, [
                    ...bothContainers,
                    "violation: the exemption from memory-limit gives no reason",
                ]);
            }
        });
    }

    for (const until of ["soon", "2027-02-30", "2027-1-1", ""]) {
        it(`until "${until}" is a violation`, () => {
            assert.deepEqual(say(`because; until=${until}`), [
                ...bothContainers,
                "violation: the exemption from memory-limit has an end that is no date",
            ]);
        });
    }

    it("that is not known yet makes its violations not checked", () => {
        const [said = "", ...more] = say(unknownStringValue);
        assert.match(said, /^note: not checked until known: spec\.template\.spec\.containers\[0\]\.resources/);
        assert.deepEqual(more, []);
    });

    describe("by config", () => {
        const table: [what: string, exemption: object, exempt: string[]][] = [
            ["for all", {}, ["app", "sidecar"]],
            ["for one container", { containers: ["side*"] }, ["sidecar"]],
            ["by name", { name: "we*" }, ["app", "sidecar"]],
            ["for another name", { name: "web2" }, []],
            ["by namespace", { namespace: "shop" }, ["app", "sidecar"]],
            ["for another namespace", { namespace: "office" }, []],
            ["by kind", { kind: "Deployment" }, ["app", "sidecar"]],
            ["for another kind", { kind: "Pod" }, []],
            ["expired", { until: "2026-01-01" }, []],
            ["without a reason", { reason: "" }, []],
        ];
        for (const [what, exemption, exempt] of table) {
            it(what, () => {
                const said = say(undefined, [{ reason: "because", ...exemption }]);
                const standing = said.filter((line) => line.startsWith("violation: container"));
                assert.equal(standing.length, 2 - exempt.length);
                assert.ok(exempt.every((name) => !standing.join().includes(`\`${name}\``)));
                assert.equal(
                    said.some((line) => line.startsWith("note: exempt")),
                    exempt.length > 0,
                );
            });
        }
    });

    it("that exempts from nothing is pointed out", () => {
        const props = {
            metadata: { annotations: { "sidecars/exempt.memory-limit": "because" } },
            spec: { containers: [{ name: "app", resources: { limits: { memory: "1Gi" } } }] },
        };
        const [pod] = podTemplates({ type: "kubernetes:core/v1:Pod", props });
        assert.ok(pod);
        assert.deepEqual(evaluate(configure(memoryLimit as Rule, {}), pod, today), [
            {
                kind: "note",
                path: "spec",
                message: "the exemption from memory-limit has nothing to exempt: it can be removed.",
            },
        ]);
    });
});
