import type {
    EnforcementLevel,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationPolicy,
} from "@pulumi/policy";
import { coverage, coverageName, coverageWhy } from "./coverage";
import { allOptions, configure, evaluate, todayInUtc } from "./evaluate";
import { podTemplates } from "./podTemplate";
import { remediate } from "./remediate";
import type { Rule } from "./rule";
import { rules, stackRules } from "./rules";
import { evaluateStack } from "./stack";
import type { StackRule } from "./stackRule";

/** The pack's name, as the engine prints it. */
export const packName = "sidecars";

/**
 * A report with the message alone, where a plain string would have the rule's description repeated before it, and at a level
 * of its own. @pulumi/policy takes it (makeReportViolationFun in its server.js), but does not declare it.
 */
type Tell = (violation: {
    readonly message: string;
    readonly urn?: string;
    readonly enforcementLevel?: EnforcementLevel;
}) => void;

/** The pack's rules, as the engine wants them, and one more policy that says what the rules did not see. */
export const policies: ResourceValidationPolicy[] = [...rules.map(policyOf), coveragePolicy()];

/** The pack's rules over all pods of a stack. */
export const stackPolicies: StackValidationPolicy[] = stackRules.map(stackPolicyOf);

function policyOf(rule: Rule): ResourceValidationPolicy {
    return {
        name: rule.name,
        description: rule.why,
        enforcementLevel: rule.level,
        configSchema: { properties: allOptions(rule) },
        validateResource: (args, report) => {
            const tell = tellOf(report);
            const configured = configure(rule, args.getConfig());
            for (const pod of podTemplates(args)) {
                for (const { kind, message } of evaluate(configured, pod, todayInUtc())) {
                    tell(kind === "note" ? { message, enforcementLevel: "advisory" } : { message });
                }
            }
        },
        ...(rule.remediation !== undefined && {
            // What is returned counts as changed, and is shown as such.
            remediateResource: (args: ResourceValidationArgs) =>
                remediate(configure(rule, args.getConfig()), args, todayInUtc()) ? args.props : undefined,
        }),
    };
}

function stackPolicyOf(rule: StackRule): StackValidationPolicy {
    return {
        name: rule.name,
        description: rule.why,
        enforcementLevel: rule.level,
        configSchema: { properties: allOptions(rule) },
        validateStack: (args, report) => {
            const tell = tellOf(report);
            const resources = args.resources.map(({ type, props, urn }) => ({ resource: { type, props }, place: urn }));
            for (const { kind, message, place } of evaluateStack(
                configure(rule, args.getConfig()),
                resources,
                todayInUtc(),
            )) {
                tell({ message, urn: place, ...(kind === "note" && { enforcementLevel: "advisory" }) });
            }
        },
    };
}

function coveragePolicy(): ResourceValidationPolicy {
    return {
        name: coverageName,
        description: coverageWhy,
        enforcementLevel: "advisory",
        validateResource: (args, report) => {
            const tell = tellOf(report);
            for (const message of coverage(args, podTemplates(args))) {
                tell({ message });
            }
        },
    };
}

function tellOf(report: ReportViolation): Tell {
    return report as unknown as Tell;
}
