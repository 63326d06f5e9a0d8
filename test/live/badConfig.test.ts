import assert from "node:assert/strict";
import { namespaceOfSuite } from "./namespace";
import { assertOneError, failure, withProject } from "./project";

describe("a configuration that is wrong", () => {
    const namespace = namespaceOfSuite();

    const table: [string, Record<string, unknown>, RegExp][] = [
        ["an unknown key", { naem: "webserver" }, /sidecars:naem.*"name"/],
        ["an unknown key in an object", { nginx: { imgae: "nginx:1.25" } }, /sidecars:nginx\.imgae.*"image"/],
        ["a value of another type", { replicas: "many" }, /replicas/],
        ["a name that is none", { reader: { name: "Side Car" } }, /reader\.name.*Side Car/],
        ["a malformed quantity", { logs: { sizeLimit: "64 megabytes" } }, /logs\.sizeLimit.*64 megabytes/],
        [
            "a request above its limit",
            { nginx: { resources: { requests: { memory: "1Gi" }, limits: { memory: "64Mi" } } } },
            /nginx\.resources.*memory/,
        ],
        ["replicas of a bare pod", { replicas: 2 }, /replicas.*Deployment/],
        [
            "no time between two snapshots",
            { reader: { mode: "snapshot", intervalSeconds: 0 } },
            /reader\.intervalSeconds/,
        ],
    ];
    for (const [what, config, message] of table) {
        it(`is told in one error, and nothing is created: ${what}`, async () => {
            const output = await withProject(namespace, { config }, (project) => failure(project.up()));
            assertOneError(output);
            assert.match(output.replaceAll(/\s+/g, " "), message);
            assert.deepEqual(await namespace.pods(), []);
        });
    }
});
