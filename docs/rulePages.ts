/** Writes a page for each rule of the policy pack to docs/rules, from the rule itself and its tests' manifests: `npm run docs`. */
import * as fs from "node:fs";
import * as path from "node:path";
import { parseAllDocuments } from "yaml";
import { configure, todayInUtc } from "../policy/evaluate";
import { type PodTemplate, type Resource, podTemplates } from "../policy/podTemplate";
import { checkPod, resolveOptions } from "../policy/rule";
import { type Example, rulePage } from "../policy/rulePage";
import { type AnyRule, allRules, isStackRule } from "../policy/rules";
import { evaluateStack } from "../policy/stack";

const manifests = path.join(__dirname, "../test/policy/rules");

/** Where the pages are. */
export const pagesFolder = path.join(__dirname, "rules");

/** The pages: file names and what is in them. */
export function rulePages(): Map<string, string> {
    return new Map(
        allRules.map((rule) => {
            return [`${rule.name}.md`, `${rulePage(rule, examplesOf(rule))}\n`];
        }),
    );
}

/** The shortest of a rule's bad manifests, and the good one that differs least from it. */
function examplesOf(rule: AnyRule): Example[] {
    const [bad = ""] = manifestsOf(rule, "bad").sort((a, b) => a.length - b.length);
    const [good = ""] = manifestsOf(rule, "good")
        .filter((text) => podsIn(text).length > 0)
        .sort((a, b) => difference(a, bad) - difference(b, bad));
    return [exampleOf(rule, "Not like this", bad), exampleOf(rule, "But like this", good)];
}

/** The manifests of a rule's tests; those that say all by themselves, with default options and everything known, where there are some. */
function manifestsOf(rule: AnyRule, kind: "good" | "bad"): string[] {
    const name = rule.name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
    const folder = path.join(manifests, name, kind);
    const all = fs
        .readdirSync(folder)
        .sort()
        .map((file) => fs.readFileSync(path.join(folder, file), "utf8"));
    const plain = all.filter((text) => !/^# (type|options|not checked|notes): /m.test(text));
    return plain.length > 0 ? plain : all;
}

function exampleOf(rule: AnyRule, title: string, text: string): Example {
    const options = JSON.parse(/^# options: (.*)$/m.exec(text)?.[1] ?? "{}") as object;
    const violations = isStackRule(rule)
        ? evaluateStack(configure(rule, options), resourcesIn(text), todayInUtc())
        : podsIn(text).flatMap((pod) => checkPod(rule, pod, resolveOptions(rule, options)).violations);
    const messages = violations.map(({ message }) => message);
    return { title, manifest: text.replace(/^# (finds|not checked|notes): .*\n/gm, ""), messages };
}

function resourcesIn(text: string): { resource: Resource; place: undefined }[] {
    return parseAllDocuments(text).map((document) => ({
        resource: { props: document.toJS() as unknown },
        place: undefined,
    }));
}

function podsIn(text: string): PodTemplate[] {
    return resourcesIn(text).flatMap(({ resource }) => podTemplates(resource));
}

/** How many words are in only one of the texts. */
function difference(a: string, b: string): number {
    const words = [a, b].map((text) => new Set(text.split(/\s+/)));
    return words.flatMap((own, index) => [...own].filter((word) => !words[1 - index]!.has(word))).length;
}

if (require.main === module) {
    fs.rmSync(pagesFolder, { recursive: true, force: true });
    fs.mkdirSync(pagesFolder);
    for (const [file, page] of rulePages()) {
        fs.writeFileSync(path.join(pagesFolder, file), page);
    }
}
