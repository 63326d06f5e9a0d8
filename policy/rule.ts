import type { EnforcementLevel, PolicyConfigSchema } from "@pulumi/policy";
import { namePattern } from "./namePattern";
import type { Container, PodTemplate } from "./podTemplate";

/** One of a rule's options: a JSON schema with the value that holds when the config says nothing. */
export type OptionSchema = PolicyConfigSchema["properties"][string] & {
    readonly description: string;
    readonly default: string | number | boolean | readonly unknown[];
};

/** What rules of either kind have: those over one pod, and those over all pods of a stack. */
export interface RuleDescription<Options extends object = object> {
    /** The name in findings and in the pack's config. */
    readonly name: string;
    /** Why the rule exists, in two sentences at most. */
    readonly why: string;
    /** How a violation is treated unless the config says otherwise. */
    readonly level: EnforcementLevel;
    /** The options that the config may set. */
    readonly options: { readonly [Name in keyof Options]: OptionSchema };
}

/** A rule over one pod. A rule never throws, whatever the pod looks like, and never writes to it. */
export interface Rule<Options extends object = object> extends RuleDescription<Options> {
    /** What level `remediate` puts right, where it is safe to: a violation then comes with its fix. */
    readonly remediation?: string;
    /** Looks at one pod, and reports what it finds. */
    check(pod: PodTemplate, options: Options, report: Report): void;
}

/** Where a rule reports to. */
export interface Report {
    /**
     * The pod breaks the rule at this path. The message says what is wrong, and how to put it right.
     * With the value `fix` at the path, the pod would not break the rule there.
     */
    violation(path: string, message: string, fix?: Fix): void;
    /** The value at this path decides, and it is not known yet, or it is not written in this resource. */
    notChecked(path: string): void;
}

/** A value that puts a violation right. */
export type Fix = string | boolean;

/** One place where a pod breaks a rule. */
export interface Violation {
    readonly path: string;
    readonly message: string;
    readonly fix: Fix | undefined;
}

/** What a rule found in one pod. */
export interface Findings {
    readonly violations: readonly Violation[];
    readonly notChecked: readonly string[];
}

/** The options with their defaults filled in, also for a value of another type. Whatever is not one of the rule's options is left out. */
export function resolveOptions<Options extends object>(
    rule: Pick<RuleDescription<Options>, "options">,
    given: object,
): Options {
    const entries = Object.entries<OptionSchema>(rule.options).map(([name, schema]) => {
        const value = Object.prototype.hasOwnProperty.call(given, name)
            ? (given as Record<string, unknown>)[name]
            : undefined;
        const sameType =
            typeof value === typeof schema.default && Array.isArray(value) === Array.isArray(schema.default);
        return [name, sameType && value !== null ? value : schema.default];
    });
    return Object.fromEntries(entries) as Options;
}

/** Runs a rule over one pod. Never throws. */
export function checkPod<Options extends object>(rule: Rule<Options>, pod: PodTemplate, options: Options): Findings {
    const report = new PodReport(pod, options);
    rule.check(pod, options, report);
    const { violations, paths } = report;
    return { violations, notChecked: paths.length > 1 ? [...new Set(paths)] : paths };
}

/** A class, as most reports are made for nothing: they stay empty. */
class PodReport implements Report {
    readonly violations: Violation[] = [];
    readonly paths: string[];

    constructor(
        private readonly pod: PodTemplate,
        private readonly options: Partial<IgnoreOption>,
    ) {
        this.paths = [...pod.notKnown];
    }

    violation(path: string, message: string, fix?: Fix): void {
        if (mayBeIgnored(this.pod, this.options, path)) {
            this.paths.push(path);
        } else {
            this.violations.push({ path, message, fix });
        }
    }

    notChecked(path: string): void {
        this.paths.push(path);
    }
}

/** The option with which every rule about containers can pass some of them over. */
export interface IgnoreOption {
    /** Names of containers, `*` standing for any characters. */
    readonly ignore: readonly string[];
}

/** The schema of `ignore`. */
export const ignoreOption: OptionSchema = {
    type: "array",
    items: { type: "string", minLength: 1 },
    description: "Containers that this rule passes over, by name; `*` stands for any characters.",
    default: [],
};

/** Whether the container is one of those to pass over. */
export function isIgnored(container: Container, { ignore }: IgnoreOption): boolean {
    return ignore.length > 0 && container.name !== undefined && namePattern(ignore)(container.name);
}

/** A container whose name is not known yet may turn out to be one that the rule passes over. */
function mayBeIgnored(pod: PodTemplate, { ignore }: Partial<IgnoreOption>, path: string): boolean {
    return (
        ignore !== undefined &&
        ignore.length > 0 &&
        pod.containers.some((container) => !container.nameKnown && path.startsWith(`${container.path}.`))
    );
}
