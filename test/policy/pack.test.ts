import * as assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import type { ResourceValidationArgs, StackValidationArgs } from "@pulumi/policy";
import { policies, stackPolicies } from "../../policy/pack";
import { unknowns } from "./unknowns";

const { unknownCheckingProxy, unknownStringValue } = unknowns;

interface Told {
    readonly policy: string;
    readonly message: string;
    readonly level: string | undefined;
}

/** Runs the pack's mandatory policies over a resource, as the analyzer's server does. */
function analyze(type: string, props: object, config: Record<string, object> = {}): Told[] {
    const told: Told[] = [];
    for (const policy of policies.filter(({ enforcementLevel }) => enforcementLevel === "mandatory")) {
        const { name, validateResource } = policy;
        const report = (said: string | { message: string; enforcementLevel?: string }): void => {
            const { message, enforcementLevel } = typeof said === "string" ? { message: said } : said;
            told.push({ policy: name, message, level: enforcementLevel });
        };
        const args = { type, props: unknownCheckingProxy(props), getConfig: () => config[name] ?? {} };
        assert.ok(typeof validateResource === "function");
        void validateResource(args as unknown as ResourceValidationArgs, report);
    }
    return told;
}

describe("the pack", () => {
    const limits = { limits: { cpu: "1", memory: "1Gi" } };

    it("has a policy with a description and a schema for each rule", () => {
        for (const policy of [...policies, ...stackPolicies]) {
            assert.match(policy.name, /^[a-z]+(-[a-z]+)*$/);
            assert.ok(policy.description.length > 40);
            assert.equal(policy.configSchema === undefined, policy.name === "coverage");
        }
        assert.equal(new Set(policies.map(({ name }) => name)).size, policies.length);
    });

    it("says nothing about a good pod, and nothing about what is no pod", () => {
        assert.deepEqual(
            analyze("kubernetes:core/v1:Pod", { spec: { containers: [{ name: "a", resources: limits }] } }),
            [],
        );
        assert.deepEqual(analyze("aws:ecs:TaskDefinition", { spec: { containers: [{ name: "a" }] } }), []);
        assert.deepEqual(analyze("kubernetes:helm.sh/v4:Chart", { template: { spec: { containers: [{}] } } }), []);
    });

    it("names the container, what is missing, why, and what to write", () => {
        const told = analyze("kubernetes:core/v1:Pod", {
            spec: { containers: [{ name: "a", resources: { limits: { cpu: 1 } } }] },
        });
        assert.deepEqual(told, [
            {
                policy: "memory-limit",
                message:
                    "container `a`: no memory limit, so it can starve the whole node. Set resources.limits.memory, for instance 128Mi.",
                level: undefined,
            },
        ]);
    });

    it("tells values not known yet once a rule, as information", () => {
        const container = { name: "a", resources: { limits: { cpu: "1", memory: unknownStringValue } } };
        const containers = ["a", "b", "c", "d", "e"].map((name) => ({ ...container, name }));
        const told = analyze("kubernetes:core/v1:Pod", { spec: { volumes: [], containers: containers.slice(0, 1) } });
        assert.deepEqual(told, [
            {
                policy: "memory-limit",
                message: "not checked until known: spec.containers[0].resources.limits.memory",
                level: "advisory",
            },
        ]);
        const many = analyze("kubernetes:core/v1:Pod", { spec: { containers } }).filter(
            ({ policy }) => policy === "memory-limit",
        );
        assert.equal(many.length, 1);
        assert.match(many[0]?.message ?? "", /containers\[2\]\.resources\.limits\.memory, and 2 more$/);
    });

    it("tells that a patch is only a part of a pod, as information", () => {
        const told = analyze("kubernetes:core/v1:PodPatch", { spec: { containers: [{ name: "a" }] } });
        assert.deepEqual(
            told.map(({ message, level }) => [message.split(":")[0], level]),
            [
                ["not checked, as only a part of the pod is written here", "advisory"],
                ["not checked, as only a part of the pod is written here", "advisory"],
            ],
        );
    });

    it("says by name what it cannot see, and which exemption is from no rule", () => {
        const coverage = (type: string, props: object): string[] => {
            const policy = policies.find(({ name }) => name === "coverage")!;
            const said: string[] = [];
            assert.ok(typeof policy.validateResource === "function");
            void policy.validateResource({ type, props } as ResourceValidationArgs, (message) =>
                said.push((message as unknown as { message: string }).message),
            );
            return said;
        };
        assert.match(
            coverage("kubernetes:helm.sh/v3:Release", { chart: "nginx" })[0] ?? "",
            /^not checked: a Helm Release/,
        );
        const metadata = {
            annotations: { "sidecars/exempt.memory-limits": "because", "sidecars/exempt.memory-limit": "because" },
        };
        const said = coverage("kubernetes:core/v1:Pod", { metadata, spec: { containers: [] } });
        assert.equal(said.length, 1);
        assert.match(
            said[0] ?? "",
            /exempts from `memory-limits`, which does not exist\. The rules are: memory-limit,/,
        );
        assert.deepEqual(coverage("kubernetes:core/v1:Pod", { spec: { containers: [] } }), []);
    });

    it("adds up a stack, and names the resource to look at first", () => {
        const told: object[] = [];
        const [policy] = stackPolicies;
        assert.ok(policy);
        const resource = (name: string, memory: string): object => ({
            type: "kubernetes:core/v1:Pod",
            urn: `urn:${name}`,
            props: unknownCheckingProxy({ spec: { containers: [{ resources: { limits: { memory } } }] } }),
        });
        const args = {
            resources: [
                resource("a", "1Gi"),
                resource("b", "2Gi"),
                resource("c", unknownStringValue),
                { type: "pulumi:pulumi:Stack", urn: "urn:stack", props: {} },
            ],
            getConfig: () => ({ budgets: [{ limits: { memory: "2Gi" } }, { limits: { memory: "4Gi" } }] }),
        };
        void policy.validateStack(args as unknown as StackValidationArgs, (said) =>
            told.push(said as unknown as object),
        );
        assert.deepEqual(told, [
            {
                message:
                    "all pods: memory limits are at least 3Gi in all, above 2Gi, the most that is allowed here. The largest: Pod 2Gi, Pod 1Gi. Lower these or their replicas, or raise the budget.",
                urn: "urn:b",
            },
            {
                message: "all pods: memory limits not checked until known: Pod. The others are 3Gi of 4Gi.",
                urn: "urn:c",
                enforcementLevel: "advisory",
            },
        ]);
    });

    it("takes options from the config", () => {
        const pod = { spec: { containers: [{ name: "a", resources: limits }, { name: "b" }] } };
        assert.deepEqual(
            analyze("kubernetes:core/v1:Pod", pod, {
                "memory-limit": { ignore: ["b"] },
                "cpu-limit": { mode: "forbidden" },
                "sidecar-shares-volume": { network: ["b"] },
            }).map(({ policy, message }) => `${policy} ${message.split(":")[0]}`),
            ["cpu-limit container `a`"],
        );
    });
});

describe("the pack, compiled", function () {
    this.timeout(60_000);
    const policy = path.join(__dirname, "../../policy");

    before(() => {
        const built = spawnSync(process.execPath, [require.resolve("typescript/bin/tsc"), "-p", policy], {
            encoding: "utf8",
        });
        assert.equal(built.stdout + built.stderr, "");
    });

    it("serves, prints its port, and does without what would only make it start late", () => {
        const script = `
            require("./bin/index.js");
            const loaded = Object.keys(require.cache);
            process.stdin.destroy();
            setTimeout(() => {
                console.log(loaded.filter((file) => /automation|arborist|pacote/.test(file)).length);
                process.exit();
            }, 500);`;
        const run = spawnSync(process.execPath, ["-e", script], { cwd: policy, encoding: "utf8" });
        assert.equal(run.stderr, "");
        assert.match(run.stdout, /^\d+\n0\n$/);
    });

    it("lets whoever asks for more of the SDK have all of it", () => {
        const script = `
            require("./bin/leanSdk.js");
            const pulumi = require("@pulumi/pulumi");
            console.log(typeof pulumi.Output, typeof pulumi.asset.FileAsset, typeof pulumi.Config, typeof pulumi.automation);`;
        const run = spawnSync(process.execPath, ["-e", script], { cwd: policy, encoding: "utf8" });
        assert.equal(run.stderr, "");
        assert.equal(run.stdout, "function function function object\n");
    });

    it("is packed with what it runs with, and with nothing else", () => {
        const run = spawnSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], {
            cwd: policy,
            encoding: "utf8",
        });
        const [{ files }] = JSON.parse(run.stdout) as [{ files: { path: string }[] }];
        const packed = files.map((file) => file.path);
        assert.deepEqual(packed.filter((file) => !/^bin\/(rules\/)?\w+\.js$/.test(file)).sort(), [
            "PulumiPolicy.yaml",
            "README.md",
            "package.json",
        ]);
        const sources = ["", "rules/"].flatMap((folder) =>
            fs
                .readdirSync(path.join(policy, folder))
                .filter((file) => file.endsWith(".ts"))
                .map((file) => `bin/${folder}${file.replace(/\.ts$/, ".js")}`),
        );
        assert.deepEqual(
            sources.filter((file) => !packed.includes(file)),
            [],
        );
    });
});
