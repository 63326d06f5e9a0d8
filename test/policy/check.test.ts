import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { Readable } from "node:stream";
import sarifSchema from "@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json";
import Ajv from "ajv";
import metaSchema from "ajv/lib/refs/json-schema-draft-04.json";
import * as yaml from "yaml";
import { checkCommand } from "../../policy/check";
import { ConfigError, configuration, engineConfig, engineConfigProblems } from "../../policy/config";
import { allRules, ruleGroups, rules } from "../../policy/rules";

const onlyMemory = { all: "disabled", "memory-limit": "mandatory" };

const good = `apiVersion: v1
kind: Pod
metadata: { name: good }
spec:
    containers:
        - { name: app, image: app, resources: { limits: { memory: 64Mi } } }
`;
const bad = `apiVersion: v1
kind: Pod
metadata:
    name: bad
    namespace: shop
spec:
    containers:
        - name: app
          image: app
          resources:
              limits:
                  memory: lots
        - name: sidecar
`;
const broken = `apiVersion: v1
kind: Pod
spec: { containers: [
`;

describe("check", function () {
    this.timeout(60_000);
    let folder = "";

    beforeEach(() => {
        folder = fs.mkdtempSync(path.join(os.tmpdir(), "check-"));
        write("config.conf", JSON.stringify(onlyMemory));
    });

    afterEach(() => {
        fs.rmSync(folder, { recursive: true });
    });

    function write(name: string, content: string): string {
        const file = path.join(folder, name);
        fs.mkdirSync(path.dirname(file), { recursive: true });
        fs.writeFileSync(file, content);
        return name;
    }

    /** Runs the command; names of files that were written stand for their full paths, in its words and in what it prints. */
    async function run(words: string[], input = ""): Promise<{ code: number; lines: string[]; errors: string }> {
        const config = words.includes("--config") || words[0] !== "check" ? [] : ["--config", "config.conf"];
        const placed = [...words, ...config].map((word) =>
            fs.existsSync(path.join(folder, word)) ? path.join(folder, word) : word,
        );
        const printed: string[] = [];
        const errors: string[] = [];
        const code = await checkCommand(placed, {
            stdin: Readable.from([input]),
            print: (text) => printed.push(...text.replaceAll(`${folder}/`, "").split("\n")),
            printError: (text) => errors.push(text),
        }).catch((error: unknown) => {
            errors.push(String(error));
            return 2;
        });
        return { code, lines: printed, errors: errors.join("\n") };
    }

    it("ends with 0 when there is nothing to say", async () => {
        assert.deepEqual(await run(["check", write("good.yaml", good)]), {
            code: 0,
            lines: ["1 pod checked: 0 errors, 0 warnings, 0 notes"],
            errors: "",
        });
    });

    it("ends with 1 on a violation, and says its file and line", async () => {
        const { code, lines } = await run(["check", write("bad.yaml", bad)]);
        assert.equal(code, 1);
        assert.deepEqual(
            lines.map((line) => line.split(/, so|\. /)[0]),
            [
                "bad.yaml:12: error: Pod shop/bad: container `app`: the memory limit is not a valid quantity",
                "bad.yaml:13: error: Pod shop/bad: container `sidecar`: no memory limit",
                "1 pod checked: 2 errors, 0 warnings, 0 notes",
            ],
        );
    });

    it("ends with 0 on advice alone", async () => {
        write("config.conf", JSON.stringify({ all: "disabled", "memory-limit": "advisory" }));
        const { code, lines } = await run(["check", write("bad.yaml", bad)]);
        assert.equal(code, 0);
        assert.equal(lines.at(-1), "1 pod checked: 0 errors, 2 warnings, 0 notes");
    });

    it("says what remediate does in a stack, and takes it as mandatory", async () => {
        write("config.conf", JSON.stringify({ all: "disabled", "memory-limit": "remediate" }));
        const { code, lines } = await run(["check", write("bad.yaml", bad)]);
        assert.equal(code, 1);
        assert.match(
            lines[1] ?? "",
            /In a stack, remediate sets spec\.containers\[1\]\.resources\.limits\.memory to 128Mi\. \[/,
        );
    });

    it("says where YAML is broken, goes on with the next document, and ends with 2", async () => {
        const { code, lines } = await run(["check", write("all.yaml", [good, broken, bad].join("---\n"))]);
        assert.equal(code, 2);
        assert.match(lines[0] ?? "", /^all\.yaml:(9|10|11): not read: /);
        assert.match(lines[1] ?? "", /^all\.yaml:23: error: Pod shop\/bad/);
        assert.equal(lines.at(-1), "2 pods checked: 2 errors, 0 warnings, 0 notes, 1 place that could not be read");
    });

    it("reads standard input", async () => {
        const { code, lines } = await run(["check", "-"], bad);
        assert.equal(code, 1);
        assert.match(lines[0] ?? "", /^-:12: error/);
    });

    it("reads JSON, and lists, with the line of each item", async () => {
        const list = { apiVersion: "v1", kind: "List", items: [yaml.parse(good), yaml.parse(bad)] as unknown[] };
        write("list.json", JSON.stringify(list, null, 2));
        const { code, lines } = await run(["check", "list.json"]);
        assert.equal(code, 1);
        const text = fs.readFileSync(path.join(folder, "list.json"), "utf8").split("\n");
        const line = text.findIndex((content) => content.includes("lots")) + 1;
        assert.match(lines[0] ?? "", new RegExp(`^list\\.json:${line}: error: Pod shop/bad`));
    });

    it("reads all manifests below a directory, and passes over what is none", async () => {
        write("in/b/good.yml", good);
        write("in/a.yaml", bad);
        write("in/values.yaml", "replicas: 3\n");
        write("in/notes.txt", broken);
        write("in/node_modules/x.yaml", bad);
        const { code, lines } = await run(["check", "in"]);
        assert.equal(code, 1);
        assert.match(lines[0] ?? "", /^in\/a\.yaml:12/);
        assert.equal(lines.at(-1), "2 pods checked: 2 errors, 0 warnings, 0 notes");
    });

    it("reads octal modes as kubectl does", async () => {
        write("config.conf", JSON.stringify({ all: "disabled", "volume-file-mode": "mandatory" }));
        const pod = (mode: string): string =>
            `apiVersion: v1\nkind: Pod\nspec: { volumes: [{ name: a, secret: { secretName: a, defaultMode: ${mode} } }] }\n`;
        assert.equal((await run(["check", write("a.yaml", pod("0644"))])).code, 0);
        assert.equal((await run(["check", write("a.yaml", pod("644"))])).code, 1);
    });

    it("takes aliases and merge keys as they are meant, and does not write a bomb of them out", async () => {
        const anchors = bad.replace(
            "resources:\n              limits:\n                  memory: lots",
            "resources: &r { limits: { memory: 1Gi } }",
        );
        write("a.yaml", anchors.replace("- name: sidecar", "- { name: sidecar, resources: *r }"));
        assert.equal((await run(["check", "a.yaml"])).code, 0);
        const bomb = [
            "a: &a [x, x, x, x, x, x, x, x, x]",
            ..."bcdefgh".split("").map((name, index) => {
                const previous = "abcdefgh"[index] ?? "";
                return `${name}: &${name} [${Array.from({ length: 9 }, () => `*${previous}`).join(", ")}]`;
            }),
        ];
        assert.equal((await run(["check", write("bomb.yaml", bomb.join("\n"))])).code, 0);
    });

    it("ends with 2 when a file is not there", async () => {
        const { code, lines } = await run(["check", "nowhere.yaml"]);
        assert.equal(code, 2);
        assert.match(lines[0] ?? "", /^nowhere\.yaml:1: not read: ENOENT/);
    });

    it("points out what it cannot see", async () => {
        write("config.conf", JSON.stringify({ ...onlyMemory, coverage: "advisory" }));
        const release =
            "apiVersion: v1\nkind: Pod\nmetadata: { annotations: { sidecars/exempt.nonsense: x } }\nspec: { containers: [] }\n";
        const { code, lines } = await run(["check", write("a.yaml", release)]);
        assert.equal(code, 0);
        assert.match(lines[0] ?? "", /^a\.yaml:1: note: Pod: an annotation .* exempts from `nonsense`.*\[coverage\]$/);
    });

    it("reports as JSON", async () => {
        const { lines } = await run(["check", write("bad.yaml", bad), "--format", "json"]);
        const report = JSON.parse(lines.join("\n")) as {
            pods: number;
            findings: { line: number; rule: string; path: string }[];
        };
        assert.equal(report.pods, 1);
        assert.deepEqual(
            report.findings.map(({ line, rule, path: at }) => [line, rule, at]),
            [
                [12, "memory-limit", "spec.containers[0].resources.limits.memory"],
                [13, "memory-limit", "spec.containers[1].resources.limits.memory"],
            ],
        );
    });

    it("reports as SARIF that its schema allows, also of what could not be read", async () => {
        write("a b/bad.yaml", [bad, broken].join("---\n"));
        const { lines } = await run(["check", "a b/bad.yaml", "--format", "sarif"]);
        const ajv = new Ajv({ schemaId: "auto" }).addMetaSchema(metaSchema);
        assert.ok(ajv.validate(sarifSchema, JSON.parse(lines.join("\n"))), ajv.errorsText());
        const nothing = await run(["check", write("good.yaml", good), "--format", "sarif"]);
        assert.ok(ajv.validate(sarifSchema, JSON.parse(nothing.lines.join("\n"))), ajv.errorsText());
    });

    it("reports as SARIF 2.1.0", async () => {
        const { lines } = await run(["check", write("bad.yaml", bad), "--format", "sarif"]);
        const log = JSON.parse(lines.join("\n")) as {
            version: string;
            runs: {
                tool: { driver: { rules: { id: string }[] } };
                results: { ruleId: string; level: string; locations: object[] }[];
            }[];
        };
        assert.equal(log.version, "2.1.0");
        const [first] = log.runs;
        assert.deepEqual(
            first?.tool.driver.rules.map(({ id }) => id),
            ["memory-limit"],
        );
        assert.deepEqual(first?.results[0]?.locations, [
            { physicalLocation: { artifactLocation: { uri: "bad.yaml" }, region: { startLine: 12 } } },
        ]);
        assert.equal(first?.results[0]?.level, "error");
    });

    it("adds up all files for a rule over the stack, and says at the end where most is", async () => {
        write(
            "config.conf",
            JSON.stringify({
                all: "disabled",
                budget: { enforcementLevel: "mandatory", budgets: [{ limits: { memory: "100Mi" } }] },
            }),
        );
        write("in/a.yaml", good);
        write("in/b.yaml", `---\n${good.replace("64Mi", "65Mi").replace("name: good", "name: other")}`);
        const { code, lines } = await run(["check", "in"]);
        assert.equal(code, 1);
        assert.deepEqual(lines, [
            "in/b.yaml:5: error: Pod other: all pods: memory limits are 129Mi in all, above 100Mi, the most that is allowed here. The largest: Pod other 65Mi, Pod good 64Mi. Lower these or their replicas, or raise the budget. [budget]",
            "2 pods checked: 1 error, 0 warnings, 0 notes",
        ]);
        assert.equal((await run(["check", "in/a.yaml"])).code, 0);
    });

    describe("lists at its end", () => {
        const exempt = [
            { reason: "bought in", namespace: "shop", until: "2999-01-31" },
            { reason: "long gone", name: "legacy-*" },
            { reason: "too late", name: "bad", until: "2020-01-31" },
        ];
        const remark =
            "the config's exemption memory-limit.exempt[1] (long gone) had nothing to exempt: it can be removed, if this is all that it is for.";

        beforeEach(() => {
            write("in/a.yaml", bad);
            write("in/b.yaml", bad);
        });

        const configure = (exemptions: object[]): string =>
            write(
                "config.conf",
                JSON.stringify({
                    all: "disabled",
                    "memory-limit": { enforcementLevel: "mandatory", exempt: exemptions },
                }),
            );

        it("the exemptions in force, each once, and those of the config with nothing to exempt", async () => {
            configure(exempt.slice(0, 2));
            const { code, lines } = await run(["check", "in"]);
            assert.equal(code, 0);
            assert.deepEqual(lines.slice(-3), [
                "exempt from memory-limit until 2999-01-31, 2 pods: bought in",
                `note: ${remark}`,
                "2 pods checked: 0 errors, 0 warnings, 3 notes",
            ]);
        });

        it("the same in JSON", async () => {
            configure(exempt.slice(0, 2));
            const { lines } = await run(["check", "in", "--format", "json"]);
            const report = JSON.parse(lines.join("\n")) as Record<string, unknown>;
            assert.deepEqual(report.exemptions, [
                { rule: "memory-limit", reason: "bought in", until: "2999-01-31", pods: 2 },
            ]);
            assert.deepEqual(report.remarks, [remark]);
        });

        it("no exemption that has expired, which has its violation", async () => {
            configure(exempt.slice(2));
            const { code, lines } = await run(["check", "in"]);
            assert.equal(code, 1);
            assert.equal(lines.filter((line) => /^(exempt|note)/.test(line)).length, 0);
        });

        it("no more exemptions than a thousand", async () => {
            const pods = Array.from({ length: 1002 }, (_, index) =>
                bad.replace("namespace: shop", `annotations: { sidecars/exempt.memory-limit: "reason ${index}" }`),
            );
            const { lines } = await run(["check", write("many.yaml", pods.join("---\n"))]);
            assert.equal(lines.filter((line) => line.startsWith("exempt from")).length, 1000);
            assert.equal(lines.at(-2), "and more pods with other exemptions: 2");
        });
    });

    it("reports as JUnit and Markdown", async () => {
        write("bad.yaml", bad);
        const junit = (await run(["check", "bad.yaml", "--format", "junit"])).lines.join("\n");
        assert.match(junit, /<testsuite name="memory-limit" tests="2" failures="2" errors="0">/);
        const markdown = (await run(["check", "bad.yaml", "--format", "markdown"])).lines;
        assert.match(
            markdown[2] ?? "",
            /^\| error \| memory-limit \| Pod shop\/bad \| container `app`: .* \| bad\.yaml:12 \|$/,
        );
    });

    it("lists the rules by group, and says how it is used", async () => {
        const { code, lines } = await run(["rules"]);
        assert.equal(code, 0);
        assert.deepEqual(
            lines.filter((line) => !line.startsWith(" ")),
            ["resource-limits:", "shared-volumes:", "best-practice:"],
        );
        assert.equal(lines.filter((line) => /^ {4}\S/.test(line)).length, allRules.length);
        assert.match((await run(["--help"])).lines[0] ?? "", /^usage: /);
    });

    it("tells all about one rule, and which there are when it is none", async () => {
        const { code, lines } = await run(["rules", "memory-limit"]);
        assert.equal(code, 0);
        assert.equal(lines[0], "# memory-limit");
        assert.ok(lines.some((line) => line.startsWith('| `fix` | `"128Mi"` |')));
        const none = await run(["rules", "memory-limits"]);
        assert.equal(none.code, 2);
        assert.match(none.errors, /there is no rule "memory-limits"\. The rules are: memory-limit,/);
    });

    it("writes a config out for the engine", async () => {
        const { code, lines } = await run(["config", "config.conf"]);
        assert.equal(code, 0);
        const written = JSON.parse(lines.join("\n")) as Record<string, { enforcementLevel: string }>;
        assert.equal(written["memory-limit"]?.enforcementLevel, "mandatory");
        assert.equal(written["cpu-limit"]?.enforcementLevel, "disabled");
    });

    for (const words of [["check"], ["nonsense"], ["check", "--format", "pdf", "x.yaml"], ["check", "--nonsense"]]) {
        it(`ends with 2 on: ${words.join(" ")}`, async () => {
            const { code, errors } = await run([...words, "--config", "config.conf"]);
            assert.equal(code, 2);
            assert.notEqual(errors, "");
        });
    }

    it("ends with 2 on a config that is wrong, and says what is right", async () => {
        write("wrong.conf", "memory-limits: mandatory\ncpu-limit: { ignored: [] }\n");
        const { code, errors } = await run(["check", "x.yaml", "--config", "wrong.conf"]);
        assert.equal(code, 2);
        assert.match(errors, /there is no rule "memory-limits"\. The rules are: memory-limit, cpu-limit,/);
        assert.match(
            errors,
            /"cpu-limit" has no option "ignored"\. Its options are: ignore, mode, podLevel, fix, exempt\./,
        );
        assert.match(errors, /The groups are: resource-limits, shared-volumes, best-practice, all\./);
    });
});

describe("config", () => {
    const problemsOf = (config: unknown): readonly string[] => {
        try {
            configuration(config);
            return [];
        } catch (error) {
            assert.ok(error instanceof ConfigError);
            return error.problems;
        }
    };
    const table: [config: unknown, problem: string][] = [
        [null, "the config must be an object: for each rule a level, or an object with its options."],
        [[], "the config must be an object: for each rule a level, or an object with its options."],
        [{ "cpu-limit": 5 }, '"cpu-limit" must be a level, or an object with enforcementLevel and options.'],
        [{ "cpu-limit": "must" }, 'the level of "cpu-limit" must be one of advisory, mandatory, remediate, disabled.'],
        [{ all: { ignore: [] } }, '"all" has no options, only a level.'],
        [
            { "shared-volumes": "must" },
            'the level of "shared-volumes" must be one of advisory, mandatory, remediate, disabled.',
        ],
        [{ all: "must" }, 'the level of "all" must be one of advisory, mandatory, remediate, disabled.'],
        [{ "cpu-limit": { mode: "never" } }, '"cpu-limit.mode" must be one of required, forbidden, off.'],
        [{ "cpu-limit": { podLevel: "yes" } }, '"cpu-limit.podLevel" must be a value of type boolean.'],
        [{ "cpu-limit": { ignore: "x" } }, '"cpu-limit.ignore" must be a value of type array.'],
        [{ "cpu-limit": { ignore: [1] } }, '"cpu-limit.ignore[0]" must be a value of type string.'],
        [{ "cpu-limit": { ignore: [""] } }, '"cpu-limit.ignore[0]" must not be empty.'],
        [{ "limit-request-ratio": { cpu: 1.5 } }, '"limit-request-ratio.cpu" must be a whole number.'],
        [{ "limit-request-ratio": { cpu: -1 } }, '"limit-request-ratio.cpu" must be between 0 and ∞.'],
        [{ "host-path": { allow: ["var"] } }, '"host-path.allow[0]" must match ^/.'],
        [
            { budget: { budgets: [{ requests: { memory: "1Gb" } }] } },
            '"budget.budgets[0].requests.memory" must match ^([0-9]+([.][0-9]+)?([EPTGM]i?|Ki|k|m)?)?$.',
        ],
        [
            { budget: { budgets: [{ requests: { pods: "1" } }] } },
            '"budget.budgets[0].requests" has no field "pods". Its fields are: cpu, memory, ephemeral-storage.',
        ],
        [{ "cpu-limit": { exempt: [{ name: "a" }] } }, '"cpu-limit.exempt[0]" needs "reason".'],
        [
            { "cpu-limit": { exempt: [{ reason: "a", pod: "b" }] } },
            '"cpu-limit.exempt[0]" has no field "pod". Its fields are: reason, until, name, namespace, kind, containers.',
        ],
    ];
    for (const [config, problem] of table) {
        it(`${JSON.stringify(config)} is wrong`, () => {
            assert.deepEqual(problemsOf(config), [problem]);
        });
    }

    const levelsOf = (config: object): Record<string, string> =>
        Object.fromEntries(configuration(config).rules.map(({ rule, level }) => [rule.name, level]));

    it("may be empty, set the level of all rules, and that of one", () => {
        assert.deepEqual(levelsOf({}), Object.fromEntries(rules.map(({ name, level }) => [name, level])));
        const levels = levelsOf({
            all: "advisory",
            "cpu-limit": "disabled",
            requests: { enforcementLevel: "mandatory" },
        });
        assert.equal(levels["cpu-limit"], "disabled");
        assert.equal(levels.requests, "mandatory");
        assert.equal(Object.values(levels).filter((level) => level === "advisory").length, rules.length - 2);
    });

    it("sets the level of a group: before that of all, after that of a rule", () => {
        const levels = levelsOf({ all: "advisory", "best-practice": "disabled", probes: "advisory" });
        for (const { name } of ruleGroups["best-practice"]) {
            assert.equal(levels[name], name === "probes" ? "advisory" : "disabled");
        }
        assert.equal(levels["memory-limit"], "advisory");
    });

    it("says whether what was not seen is told", () => {
        assert.equal(configuration({}).coverage, true);
        assert.equal(configuration({ coverage: "disabled" }).coverage, false);
        assert.equal(configuration({ all: "disabled" }).coverage, false);
        assert.equal(configuration({ all: "disabled", coverage: "advisory" }).coverage, true);
    });

    it("is written out for the engine, with every level and option, and means the same there", () => {
        const config = { "shared-volumes": "advisory", "cpu-limit": { mode: "off" }, coverage: "disabled" };
        const written = engineConfig(config);
        assert.deepEqual(written["cpu-limit"], {
            enforcementLevel: "mandatory",
            ignore: [],
            mode: "off",
            podLevel: true,
            fix: "250m",
            exempt: [],
        });
        assert.deepEqual(configuration(written), configuration(config));
        assert.deepEqual(engineConfigProblems(written), []);
    });

    it("of the engine says so when it has what only the whole config can have", () => {
        const advisory = { enforcementLevel: "advisory" };
        const [problem = "", ...more] = engineConfigProblems({ "best-practice": advisory, all: advisory });
        assert.match(problem, /^the engine knows no groups of rules \(best-practice\)\./);
        assert.deepEqual(more, []);
        assert.match(engineConfigProblems({ "memory-limits": advisory })[0] ?? "", /^there is no rule "memory-limits"/);
    });

    it("takes the defaults of every rule as valid", () => {
        const defaults = allRules.map((rule) => [
            rule.name,
            Object.fromEntries(
                Object.entries<{ default: unknown }>(rule.options as Record<string, { default: unknown }>).map(
                    ([name, option]) => [name, option.default],
                ),
            ),
        ]);
        assert.deepEqual(problemsOf(Object.fromEntries(defaults)), []);
    });
});
