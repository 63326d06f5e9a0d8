import { type Exemption, type ExemptionUse, applyExemptions, exemptOption } from "./exemptions";
import type { PodTemplate } from "./podTemplate";
import { type Fix, type OptionSchema, type Rule, type RuleDescription, checkPod, resolveOptions } from "./rule";

/** One thing that a rule says about a pod. */
export interface Finding {
    /** A violation counts at the rule's level; a note is information, whatever the level. */
    readonly kind: "violation" | "note";
    /** Where, in the resource. */
    readonly path: string;
    /** What is wrong and how to put it right, or what there is to know. */
    readonly message: string;
    /** The value that puts a violation right at its path, where the rule knows one. */
    readonly fix?: Fix;
}

/** A rule with the options that it runs with. */
export interface ConfiguredRule<Of extends RuleDescription = Rule> {
    readonly rule: Of;
    readonly options: object;
    readonly exempt: readonly Exemption[];
}

/** All options of a rule, those that every rule has included. */
export function allOptions(rule: RuleDescription): Record<string, OptionSchema> {
    return { ...rule.options, exempt: exemptOption };
}

/** Makes a rule ready to run with what the config says about it. */
export function configure<Of extends RuleDescription>(rule: Of, config: object): ConfiguredRule<Of> {
    const { exempt } = resolveOptions<{ exempt: readonly Exemption[] }>({ options: { exempt: exemptOption } }, config);
    return { rule, options: resolveOptions(rule, config), exempt };
}

/** How many paths of values that were not checked a message lists before it only counts them. */
const listedPaths = 3;

const nothing: readonly Finding[] = [];

/** All that a rule says about one pod, its exemptions applied. `today` is a date like `2027-01-31`. Never throws. */
export function evaluate(
    { rule, options, exempt }: ConfiguredRule,
    pod: PodTemplate,
    today: string,
    onUse?: ExemptionUse,
): readonly Finding[] {
    const found = checkPod(rule, pod, options);
    if (found.violations.length === 0 && found.notChecked.length === 0 && pod.annotations.length === 0) {
        return nothing;
    }
    const exempted = applyExemptions(rule.name, pod, found.violations, exempt, today, onUse);
    const findings: Finding[] = exempted.violations.map((violation) => ({ kind: "violation", ...violation }));
    for (const message of exempted.problems) {
        findings.push({ kind: "violation", path: pod.path, message });
    }
    for (const message of exempted.notes) {
        findings.push({ kind: "note", path: pod.path, message });
    }
    const paths = exempted.notKnown ? found.violations.map(({ path }) => path) : [];
    const notChecked = [...new Set([...found.notChecked, ...paths])];
    const [first] = notChecked;
    if (first !== undefined) {
        const why = pod.partial ? "not checked, as only a part of the pod is written here" : "not checked until known";
        findings.push({ kind: "note", path: first, message: `${why}: ${listed(notChecked)}` });
    }
    return findings;
}

/** The first of them, and how many more of `count` there are. */
export function listed(paths: readonly string[], count = paths.length): string {
    const more = count - listedPaths;
    return paths.slice(0, listedPaths).join(", ") + (more > 0 ? `, and ${more} more` : "");
}

/** Today, as in an exemption's `until`, by the clock of UTC. */
export function todayInUtc(): string {
    return new Date().toISOString().slice(0, "2027-01-31".length);
}
