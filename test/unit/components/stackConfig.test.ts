import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { parse } from "yaml";

import { stackConfig, Webserver } from "../../../components";
import { mistakesOf } from "./inputErrors";
import { find, mockEngine, valueOf } from "./mocks";

interface Project {
    config: Record<string, { description: string; default: unknown }>;
}

const project = parse(readFileSync(join(__dirname, "../../../Pulumi.yaml"), "utf8")) as Project;

/** Config as the engine hands it over: texts as they are, everything else as JSON. */
function configOf(values: Record<string, unknown>): Record<string, string> {
    return Object.fromEntries(
        Object.entries(values).map(([key, value]) => [
            `sidecars:${key}`,
            typeof value === "string" ? value : JSON.stringify(value),
        ]),
    );
}

async function podOf(config: Record<string, string>): Promise<unknown> {
    const registered = await mockEngine(config);
    const made = new Webserver("webserver", stackConfig("webserver").webserver);
    await valueOf(made.commands);
    return find(registered, "webserver-pod").inputs;
}

describe("stackConfig", () => {
    it("means by the project's defaults what the code means without config", async () => {
        const defaults = Object.fromEntries(Object.entries(project.config).map(([key, each]) => [key, each.default]));
        assert.deepEqual(await podOf(configOf(defaults)), await podOf({}));
    });

    it("describes every key in the project file", () => {
        for (const [key, { description, default: value }] of Object.entries(project.config)) {
            assert.ok(description, key);
            assert.notEqual(value, undefined, `without a default Pulumi asks for ${key}`);
        }
    });

    it("reads every kind of value", async () => {
        await mockEngine(
            configOf({
                context: "kind-a",
                allowContext: "prod",
                name: "site",
                labels: { tier: "front" },
                nginx: { image: "nginx:1.27", resources: { limits: { cpu: "1" } } },
                reader: { native: true, intervalSeconds: 0.5, command: ["sh"] },
                logs: { files: ["a.log"] },
                workload: "Deployment",
                replicas: 3,
                service: { port: 8080 },
                readiness: { timeoutSeconds: 30 },
            }),
        );
        assert.deepEqual(stackConfig("webserver"), {
            cluster: { context: "kind-a", allowContext: "prod" },
            webserver: {
                name: "site",
                labels: { tier: "front" },
                nginx: { image: "nginx:1.27", resources: { limits: { cpu: "1" } } },
                reader: { native: true, intervalSeconds: 0.5, command: ["sh"] },
                logs: { files: ["a.log"] },
                workload: "Deployment",
                replicas: 3,
                service: { port: 8080 },
                readiness: { timeoutSeconds: 30 },
            },
        });
    });

    it("takes empty values for values that are not given", async () => {
        await mockEngine(configOf({ context: "", labels: {}, service: {} }));
        const { cluster, webserver } = stackConfig("webserver");
        assert.equal(cluster.context, undefined);
        assert.equal(webserver.service, undefined);
    });

    it("leaves other namespaces alone", async () => {
        await mockEngine({ "kubernetes:context": "a", "sidecar:name": "b" });
        stackConfig("webserver");
    });

    const bad: [string, Record<string, unknown>, string[]][] = [
        ["an unknown key", { replica: 1 }, ['sidecars:replica: is not a config key. Did you mean "replicas"?']],
        [
            "an unknown key that is like no other",
            { logs: { colour: "red" } },
            ["sidecars:logs.colour: is not a config key. There are name, path, sizeLimit, files"],
        ],
        [
            "an unknown key inside",
            { nginx: { imgae: "a" } },
            ['sidecars:nginx.imgae: is not a config key. Did you mean "image"?'],
        ],
        ["a key of JavaScript's own", { constructor: "a" }, ["sidecars:constructor: is not a config key"]],
        ["replicas in words", { replicas: "two" }, ['sidecars:replicas: must be a whole number, and is "two"']],
        ["half a replica", { replicas: 1.5 }, ["sidecars:replicas: must be a whole number, and is 1.5"]],
        [
            "a text for an object",
            { nginx: "nginx:latest" },
            ['sidecars:nginx: must be an object with the keys name, image, resources, and is "nginx:latest"'],
        ],
        [
            "a list for an object",
            { reader: [1] },
            [
                "sidecars:reader: must be an object with the keys name, image, mode, intervalSeconds, command, native, resources, and is [1]",
            ],
        ],
        ["a number for a text", { nginx: { image: 1 } }, ["sidecars:nginx.image: must be a text, and is 1"]],
        [
            "a text for true or false",
            { reader: { native: "yes" } },
            ['sidecars:reader.native: must be true or false, and is "yes"'],
        ],
        [
            "a text for a list",
            { logs: { files: "a.log" } },
            ['sidecars:logs.files: must be a list of texts, and is "a.log"'],
        ],
        [
            "a number for a quantity",
            { nginx: { resources: { limits: { cpu: 1 } } } },
            ['sidecars:nginx.resources.limits: must be an object whose values are texts, and is {"cpu":1}'],
        ],
        [
            "a nested value of the wrong kind",
            { labels: { a: {} } },
            ['sidecars:labels: must be an object whose values are texts, and is {"a":{}}'],
        ],
        [
            "what the webserver refuses",
            { nginx: { image: "" } },
            ['sidecars:nginx.image: "" is not an image: it must not be empty'],
        ],
        [
            "replicas with a bare Pod",
            { replicas: 2 },
            ['sidecars:replicas: a bare Pod is always one: use workload "Deployment" for replicas'],
        ],
        [
            "two mistakes at once",
            { replicas: "two", nginx: { imgae: "a" } },
            [
                'sidecars:replicas: must be a whole number, and is "two"',
                'sidecars:nginx.imgae: is not a config key. Did you mean "image"?',
            ],
        ],
    ];
    for (const [what, config, expected] of bad) {
        it(`refuses ${what}`, async () => {
            await mockEngine(configOf(config));
            const found = mistakesOf(() => stackConfig("webserver"));
            assert.equal(found.length, expected.length, found.join("\n"));
            found.forEach((mistake, index) => {
                assert.ok(mistake.startsWith(expected[index]!), mistake);
            });
        });
    }
});
