import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import * as fc from "fast-check";
import * as yaml from "yaml";
import { configure } from "../../policy/evaluate";
import type { Resource } from "../../policy/podTemplate";
import { stackRules } from "../../policy/rules";
import { budget } from "../../policy/rules/budget";
import { evaluateStack } from "../../policy/stack";
import type { StackFinding } from "../../policy/stackRule";
import { anyResource, podLike } from "./anyResource";
import { unknowns } from "./unknowns";

const { unknownCheckingProxy, unknownNumberValue, unknownStringValue } = unknowns;
const today = "2026-11-21";

function directives(text: string, name: string): string[] {
    return [...text.matchAll(new RegExp(`^# ${name}: (.*)$`, "gm"))].map(([, value]) => value ?? "");
}

describe("rules over a stack", () => {
    for (const rule of stackRules) {
        describe(rule.name, () => {
            for (const kind of ["good", "bad"]) {
                const folder = path.join(__dirname, "rules", rule.name, kind);
                const files = fs.readdirSync(folder);

                it(`has at least 5 ${kind} stacks`, () => {
                    assert.ok(files.length >= 5, `${files.length} in ${kind}/`);
                });

                for (const file of files) {
                    it(`${kind}: ${file.replace(".yaml", "").replaceAll("-", " ")}`, () => {
                        const text = fs.readFileSync(path.join(folder, file), "utf8");
                        const configured = configure(
                            rule,
                            JSON.parse(directives(text, "options")[0] ?? "{}") as object,
                        );
                        const stack = yaml
                            .parseAllDocuments(text)
                            .map((document, place) => ({ resource: { props: document.toJS() as unknown }, place }));
                        const findings = evaluateStack(configured, stack, today);
                        const messages = (of: string): string[] =>
                            findings.filter((finding) => finding.kind === of).map(({ message }) => message);
                        assert.deepEqual(
                            messages("violation").map((message) => message.split(",")[0]),
                            directives(text, "finds"),
                        );
                        assert.deepEqual(
                            messages("note"),
                            kind === "good" ? directives(text, "notes") : messages("note"),
                        );
                        assert.equal(directives(text, "finds").length > 0, kind === "bad");
                    });
                }
            }
        });
    }
});

describe("budget", () => {
    const deployment = (
        name: string,
        memory: unknown,
        more: { replicas?: unknown; metadata?: object } = {},
    ): object => ({
        apiVersion: "apps/v1",
        kind: "Deployment",
        metadata: { name, namespace: "shop", ...more.metadata },
        spec: {
            replicas: more.replicas,
            template: { spec: { containers: [{ name: "app", resources: { requests: { memory } } }] } },
        },
    });
    const say = (props: object[], config: object = {}): StackFinding<string>[] =>
        evaluateStack(
            configure(budget, { budgets: [{ namespace: "s*", requests: { memory: "4Gi" } }], ...config }),
            props.map((given, index) => ({
                resource: { type: "kubernetes:apps/v1:Deployment", props: unknownCheckingProxy(given) },
                place: `resource ${index}`,
            })),
            today,
        );

    it("names the sum, the maximum and the three largest, and is told of the largest", () => {
        const stack = ["1Gi", "2Gi", "512Mi", "256Mi", "3Gi"].map((memory, index) => deployment(`d${index}`, memory));
        assert.deepEqual(say(stack), [
            {
                kind: "violation",
                message:
                    "namespace `shop`: memory requests are 6912Mi in all, above 4Gi, the most that is allowed here. The largest: Deployment shop/d4 3Gi, Deployment shop/d1 2Gi, Deployment shop/d0 1Gi. Lower these or their replicas, or raise the budget.",
                place: "resource 4",
            },
        ]);
    });

    const unknown: [what: string, resource: object, message: string][] = [
        [
            "an amount",
            deployment("web", unknownStringValue),
            "namespace `shop`: memory requests not checked until known: Deployment shop/web. The others are 1Gi of 4Gi.",
        ],
        [
            "replicas",
            deployment("web", "1Gi", { replicas: unknownNumberValue }),
            "namespace `shop`: memory requests not checked until known: Deployment shop/web. The others are 1Gi of 4Gi.",
        ],
        [
            "a namespace",
            deployment("web", "9Gi", { metadata: { namespace: unknownStringValue } }),
            "a namespace not known yet: memory requests not checked until known: Deployment web. The others are 0 of 4Gi.",
        ],
        [
            "an exemption",
            deployment("web", "9Gi", { metadata: { annotations: { "sidecars/exempt.budget": unknownStringValue } } }),
            "namespace `shop`: memory requests not checked until known: Deployment shop/web. The others are 1Gi of 4Gi.",
        ],
    ];
    for (const [what, resource, message] of unknown) {
        it(`takes ${what} that is not known yet for no violation, and says so`, () => {
            assert.deepEqual(say([deployment("db", "1Gi"), resource]), [
                { kind: "note", message, place: "resource 1" },
            ]);
        });
    }

    it("names no more than three of the many that are not known", () => {
        const stack = ["a", "b", "c", "d", "e"].map((name) => deployment(name, unknownStringValue));
        assert.match(say(stack)[0]?.message ?? "", /known: Deployment shop\/a, .*b, .*c, and 2 more\. /);
    });

    it("leaves out what an annotation or the config exempts, and says so", () => {
        const annotations = { "sidecars/exempt.budget": "paid for by others; until=2027-01-31" };
        const stack = [deployment("a", "9Gi", { metadata: { annotations } }), deployment("b", "9Gi")];
        assert.deepEqual(
            say(stack, { exempt: [{ reason: "moves out", name: "b" }] }).map(({ message }) => message),
            ["exempt from budget until 2027-01-31: paid for by others", "exempt from budget without end: moves out"],
        );
    });

    it("counts what an expired exemption no longer covers", () => {
        const exempt = [{ reason: "moves out", until: "2026-01-01" }];
        assert.deepEqual(
            say([deployment("a", "9Gi")], { exempt }).map(({ kind, message }) => `${kind} ${message.split(",")[0]}`),
            [
                "violation the exemption from budget expired: it held until 2026-01-01 (moves out).",
                "violation namespace `shop`: memory requests are 9Gi in all",
            ],
        );
    });

    for (const replicas of [-1, 1.5, "3", null, {}, Number.NaN]) {
        it(`counts a Deployment once whose replicas are ${JSON.stringify(replicas)}, which the API server refuses`, () => {
            assert.deepEqual(say([deployment("a", "4Gi", { replicas })]), []);
        });
    }

    it("does not throw, whatever the resource", () => {
        const budgets = [
            { requests: { cpu: "1" }, limits: { memory: "1Gi" } },
            { namespace: "*", limits: { cpu: "1" } },
        ];
        const check = (resource: Resource): void => {
            evaluateStack(configure(budget, { budgets }), [{ resource, place: 0 }], today);
        };
        fc.assert(fc.property(fc.oneof(anyResource, podLike), check), { numRuns: 300 });
    });

    it("does not throw on budgets and resources of any shape", () => {
        for (const budgets of [[], [null], [1], ["x"], [{ requests: 1 }], [{ requests: { memory: {} } }]]) {
            assert.deepEqual(say([deployment("a", "4Gi"), {}, { metadata: 1, spec: [] }], { budgets }), []);
        }
    });
});
