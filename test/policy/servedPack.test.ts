import * as assert from "node:assert/strict";
import { engineConfig } from "../../policy/config";
import { type ServedPack, servePack } from "./servedPack";
import { unknowns } from "./unknowns";

/** How the engine marks a secret in a resource's fields (sdk/go/common/resource/sig). */
const signature = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";

describe("the pack, served", function () {
    this.timeout(120_000);
    let pack: ServedPack;

    before(async () => {
        pack = await servePack();
    });

    after(() => pack.stop());

    const configOf = (config: object): Record<string, { enforcementLevel: string }> =>
        engineConfig(config) as Record<string, { enforcementLevel: string }>;
    const pod = { spec: { containers: [{ name: "a" }] } };

    it("takes a config that is right", async () => {
        await pack.configure(configOf({ all: "disabled", "memory-limit": "mandatory" }));
        const said = await pack.analyze("kubernetes:core/v1:Pod", pod);
        assert.deepEqual(
            said.map(({ policy }) => policy),
            ["memory-limit"],
        );
    });

    it("takes the entry for all policies that the engine leaves in", async () => {
        await pack.configure({ all: { enforcementLevel: "disabled" }, ...configOf({ all: "disabled" }) });
        assert.deepEqual(await pack.analyze("kubernetes:core/v1:Pod", pod), []);
    });

    it("puts right what is to be remediated, and keeps secrets secret", async () => {
        await pack.configure(configOf({ all: "disabled", "memory-limit": "remediate", "cpu-limit": "mandatory" }));
        const secret = (value: unknown): object => ({ [signature]: secretSignature, value });
        const container = {
            name: "a",
            env: [{ name: "PASSWORD", value: secret("hidden") }],
            resources: secret({ requests: { memory: "1Gi" } }),
        };
        const made = await pack.remediate("kubernetes:core/v1:Pod", { spec: { containers: [container] } });
        assert.deepEqual(made, [
            {
                policy: "memory-limit",
                properties: {
                    spec: {
                        containers: [
                            {
                                ...container,
                                resources: secret({ requests: { memory: "1Gi" }, limits: { memory: "1Gi" } }),
                            },
                        ],
                    },
                },
            },
        ]);
        assert.deepEqual(await pack.remediate("kubernetes:core/v1:Pod", made[0]?.properties as object), []);
    });

    it("adds up a stack, with the budgets as the engine brings them, and values that are not known yet", async () => {
        const budgets = [{ namespace: "s*", requests: { memory: "4Gi" } }];
        await pack.configure(configOf({ all: "disabled", budget: { enforcementLevel: "mandatory", budgets } }));
        const type = "kubernetes:apps/v1:Deployment";
        const deployment = (name: string, replicas: unknown): { type: string; name: string; properties: object } => ({
            type,
            name,
            properties: {
                kind: "Deployment",
                metadata: { name, namespace: "shop" },
                spec: {
                    replicas,
                    template: { spec: { containers: [{ name: "a", resources: { requests: { memory: "2Gi" } } }] } },
                },
            },
        });
        const said = await pack.analyzeStack([deployment("web", 3), deployment("db", unknowns.unknownNumberValue)]);
        assert.deepEqual(
            said.map(({ policy, message, urn }) => [policy, message.split(",")[0], urn]),
            [
                [
                    "budget",
                    "namespace `shop`: memory requests are at least 6Gi in all",
                    `urn:pulumi:dev::shop::${type}::web`,
                ],
            ],
        );
    });

    const wrong: [what: string, entry: object, problem: RegExp][] = [
        ["a rule that there is not", { "memory-limits": {} }, /there is no rule "memory-limits"\. The rules are: mem/],
        ["an option that there is not", { requests: { resource: [] } }, /"requests" has no option "resource"\. Its/],
        ["a group", { "best-practice": {} }, /the engine knows no groups of rules \(best-practice\)/],
    ];
    for (const [what, entry, problem] of wrong) {
        it(`refuses ${what}, and says what there is`, async () => {
            const entries = Object.entries(entry).map(([name, options]) => [
                name,
                { enforcementLevel: "advisory", ...options },
            ]);
            await assert.rejects(pack.configure({ ...configOf({}), ...Object.fromEntries(entries) }), problem);
        });
    }
});
