import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import * as yaml from "yaml";
import { podTemplates } from "../../policy/podTemplate";
import { type OptionSchema, checkPod, resolveOptions } from "../../policy/rule";
import { allRules, rules } from "../../policy/rules";

const root = path.join(__dirname, "rules");

/** A manifest's first lines may say: `# type: …`, `# options: {…}`, `# finds: PATH`, `# not checked: PATH`. */
function directives(text: string, name: string): string[] {
    return [...text.matchAll(new RegExp(`^# ${name}: (.*)$`, "gm"))].map(([, value]) => value ?? "");
}

function manifests(directory: string): string[] {
    return fs.existsSync(directory) ? fs.readdirSync(directory).filter((file) => file.endsWith(".yaml")) : [];
}

function folderOf(rule: { name: string }): string {
    return path.join(
        root,
        rule.name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase()),
    );
}

describe("rules", () => {
    for (const rule of rules) {
        describe(rule.name, () => {
            for (const kind of ["good", "bad"]) {
                const files = manifests(path.join(folderOf(rule), kind));

                it(`has at least 5 ${kind} manifests`, () => {
                    assert.ok(files.length >= 5, `${files.length} in ${kind}/`);
                });

                for (const file of files) {
                    it(`${kind}: ${file.replace(".yaml", "").replaceAll("-", " ")}`, () => {
                        const text = fs.readFileSync(path.join(folderOf(rule), kind, file), "utf8");
                        const [type] = directives(text, "type");
                        const options = resolveOptions(
                            rule,
                            JSON.parse(directives(text, "options")[0] ?? "{}") as object,
                        );
                        const findings = podTemplates({ type, props: yaml.parse(text) }).map((pod) =>
                            checkPod(rule, pod, options),
                        );
                        assert.deepEqual(
                            findings.flatMap(({ violations }) => violations.map((violation) => violation.path)),
                            directives(text, "finds"),
                        );
                        assert.deepEqual(
                            findings.flatMap(({ notChecked }) => notChecked),
                            directives(text, "not checked"),
                        );
                        assert.equal(directives(text, "finds").length > 0, kind === "bad");
                    });
                }
            }

            it("says why, and what each option does", () => {
                assert.match(rule.why, /^[A-Z`].*\.$/);
                for (const option of Object.values(rule.options as Record<string, OptionSchema>)) {
                    assert.match(option.description, /\.$/);
                    assert.notEqual(option.default, undefined);
                }
            });
        });
    }

    it("have no manifests without a rule", () => {
        assert.deepEqual(
            fs
                .readdirSync(root)
                .map((folder) => path.join(root, folder))
                .sort(),
            allRules.map(folderOf).sort(),
        );
    });
});
