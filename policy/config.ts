import type { EnforcementLevel } from "@pulumi/policy";
import { coverageName } from "./coverage";
import { type ConfiguredRule, allOptions, configure } from "./evaluate";
import type { OptionSchema, Rule, RuleDescription } from "./rule";
import { type AnyRule, type RuleGroup, allRules, isStackRule, ruleGroups } from "./rules";
import type { StackRule } from "./stackRule";

/** A rule with its options and its level. */
export interface LeveledRule<Of extends RuleDescription = Rule> extends ConfiguredRule<Of> {
    readonly level: EnforcementLevel;
}

/** What a config makes of the pack. */
export interface Configured {
    /** The rules over one pod, those that are disabled too. */
    readonly rules: readonly LeveledRule[];
    /** The rules over all pods of a stack, likewise. */
    readonly stackRules: readonly LeveledRule<StackRule>[];
    /** Whether what the rules did not see is told. */
    readonly coverage: boolean;
}

/** What is wrong with a config, each with what is valid instead. */
export class ConfigError extends Error {
    /** The problems, one sentence each. */
    readonly problems: readonly string[];

    constructor(problems: readonly string[]) {
        super(problems.join("\n"));
        this.name = "ConfigError";
        this.problems = problems;
    }
}

const levels: readonly unknown[] = ["advisory", "mandatory", "remediate", "disabled"];

/** What a config can have a level for, beside the rules. */
const groups = Object.keys(ruleGroups) as RuleGroup[];

/**
 * What a config makes of the rules. The config is that of `--policy-pack-config`: for each rule a level, or an object with
 * `enforcementLevel` and the rule's options. The name of a group sets the level of its rules, and `all` that of all: a rule's own
 * level comes first, then its group's, then that of all.
 * Throws a ConfigError that names every unknown rule, option, level and type: the engine accepts the first two silently.
 */
export function configuration(config: unknown): Configured {
    const problems: string[] = [];
    if (!isObject(config)) {
        throw new ConfigError(["the config must be an object: for each rule a level, or an object with its options."]);
    }
    const names = allRules.map((rule) => rule.name);
    for (const name of Object.keys(config)) {
        if (![...names, ...groups, "all", coverageName].includes(name)) {
            problems.push(
                `there is no rule "${name}". The rules are: ${names.join(", ")}. The groups are: ${groups.join(", ")}, all.`,
            );
        }
    }
    const levelOf = (name: string): EnforcementLevel | undefined => {
        const { level, options } = entryOf(config, name, problems);
        if (Object.keys(options).length > 0) {
            problems.push(`"${name}" has no options, only a level.`);
        }
        return level;
    };
    const all = levelOf("all");
    const coverage = levelOf(coverageName) ?? all;
    const configured = groups.flatMap((group) => {
        const level = levelOf(group) ?? all;
        return ruleGroups[group].map((rule: AnyRule): LeveledRule<AnyRule> => {
            const entry = entryOf(config, rule.name, problems);
            checkOptions(rule, entry.options, problems);
            return { ...configure(rule, entry.options), level: entry.level ?? level ?? rule.level };
        });
    });
    if (problems.length > 0) {
        throw new ConfigError(problems);
    }
    return {
        rules: configured.filter((leveled): leveled is LeveledRule => !isStackRule(leveled.rule)),
        stackRules: configured.filter((leveled): leveled is LeveledRule<StackRule> => isStackRule(leveled.rule)),
        coverage: coverage !== "disabled",
    };
}

/**
 * A config as the engine wants it, with the level and all options of each rule written out: the engine knows no groups.
 * Throws a ConfigError like `configuration`.
 */
export function engineConfig(config: unknown): Record<string, object> {
    const configured = configuration(config);
    return Object.fromEntries([
        ...[...configured.rules, ...configured.stackRules].map(({ rule, level, options, exempt }) => [
            rule.name,
            { enforcementLevel: level, ...options, exempt },
        ]),
        [coverageName, { enforcementLevel: configured.coverage ? "advisory" : "disabled" }],
    ]) as Record<string, object>;
}

/**
 * The problems of a config as the engine hands it to the pack, with the level of every rule filled in.
 * A group's level is one: whether a rule has a level of its own, which would come first, cannot be seen there any more.
 */
export function engineConfigProblems(config: Record<string, object>): readonly string[] {
    const named = groups.filter((group) => Object.hasOwn(config, group));
    if (named.length > 0) {
        return [
            `the engine knows no groups of rules (${named.join(", ")}). Have them written out: sidecars-policy config FILE > policy.json, and use that.`,
        ];
    }
    try {
        configuration(config);
        return [];
    } catch (error) {
        return error instanceof ConfigError ? error.problems : [String(error)];
    }
}

function entryOf(
    config: Record<string, unknown>,
    name: string,
    problems: string[],
): { level: EnforcementLevel | undefined; options: Record<string, unknown> } {
    const value = Object.prototype.hasOwnProperty.call(config, name) ? config[name] : {};
    const entry = typeof value === "string" ? { enforcementLevel: value } : value;
    if (!isObject(entry)) {
        problems.push(`"${name}" must be a level, or an object with enforcementLevel and options.`);
        return { level: undefined, options: {} };
    }
    const { enforcementLevel: level, ...options } = entry;
    if (level !== undefined && !levels.includes(level)) {
        problems.push(`the level of "${name}" must be one of ${levels.join(", ")}.`);
    }
    return { level: level as EnforcementLevel | undefined, options };
}

function checkOptions(rule: RuleDescription, options: Record<string, unknown>, problems: string[]): void {
    const schemas = allOptions(rule);
    for (const [name, value] of Object.entries(options)) {
        const schema = Object.prototype.hasOwnProperty.call(schemas, name) ? schemas[name] : undefined;
        if (schema === undefined) {
            problems.push(
                `"${rule.name}" has no option "${name}". Its options are: ${Object.keys(schemas).join(", ")}.`,
            );
        } else {
            problems.push(...mismatches(value, schema, `${rule.name}.${name}`));
        }
    }
}

type Schema = Pick<
    OptionSchema,
    "type" | "enum" | "items" | "minLength" | "pattern" | "minimum" | "maximum" | "properties" | "required"
>;

/** What of the value is not as the schema wants it. Knows the part of JSON schema that the rules' options use. */
function mismatches(value: unknown, schema: Schema, at: string): string[] {
    const { type } = schema;
    const fits =
        type === "array"
            ? Array.isArray(value)
            : type === "object"
              ? isObject(value)
              : type === "integer"
                ? Number.isInteger(value)
                : typeof value === type;
    if (!fits) {
        return [`"${at}" must be ${type === "integer" ? "a whole number" : `a value of type ${String(type)}`}.`];
    }
    if (schema.enum !== undefined && !schema.enum.includes(value as string)) {
        return [`"${at}" must be one of ${schema.enum.map(String).join(", ")}.`];
    }
    if (typeof value === "number" && (value < (schema.minimum ?? value) || value > (schema.maximum ?? value))) {
        return [`"${at}" must be between ${schema.minimum ?? "-∞"} and ${schema.maximum ?? "∞"}.`];
    }
    if (typeof value === "string" && value.length < (schema.minLength ?? 0)) {
        return [`"${at}" must not be empty.`];
    }
    if (typeof value === "string" && schema.pattern !== undefined && !new RegExp(schema.pattern).test(value)) {
        return [`"${at}" must match ${schema.pattern}.`];
    }
    if (Array.isArray(value)) {
        const items = schema.items as Schema;
        return value.flatMap((item, index) => mismatches(item, items, `${at}[${index}]`));
    }
    if (isObject(value)) {
        const properties = (schema.properties ?? {}) as Record<string, Schema>;
        const missing = (schema.required ?? []).filter((name) => value[name] === undefined);
        return [
            ...missing.map((name) => `"${at}" needs "${name}".`),
            ...Object.entries(value).flatMap(([name, item]) => {
                const property = Object.prototype.hasOwnProperty.call(properties, name) ? properties[name] : undefined;
                return property === undefined
                    ? [`"${at}" has no field "${name}". Its fields are: ${Object.keys(properties).join(", ")}.`]
                    : mismatches(item, property, `${at}.${name}`);
            }),
        ];
    }
    return [];
}

function isObject(value: unknown): value is Record<string, unknown> {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}
