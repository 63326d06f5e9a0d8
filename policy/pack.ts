import type {
    EnforcementLevel,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
} from "@pulumi/policy";
import { podTemplates } from "./podTemplate";
import { type Rule, checkPod, resolveOptions } from "./rule";
import { rules } from "./rules";

/** The pack's name, as the engine prints it. */
export const packName = "sidecars";

/** A report at a level of its own: @pulumi/policy takes one (makeReportViolationFun in its server.js) but does not declare it. */
type ReportAtLevel = (violation: { readonly message: string; readonly enforcementLevel: EnforcementLevel }) => void;

/** How many paths of values not known yet a message lists before it only counts them. */
const listedPaths = 3;

/** The pack's rules, as the engine wants them. */
export const policies: ResourceValidationPolicy[] = rules.map(policyOf);

function policyOf<Options extends object>(rule: Rule<Options>): ResourceValidationPolicy {
    return {
        name: rule.name,
        description: rule.why,
        enforcementLevel: rule.level,
        configSchema: { properties: rule.options },
        validateResource: (args, report) => validate(rule, args, report),
    };
}

function validate<Options extends object>(
    rule: Rule<Options>,
    args: ResourceValidationArgs,
    report: ReportViolation,
): void {
    const options = resolveOptions(rule, args.getConfig());
    const notChecked: string[] = [];
    for (const pod of podTemplates(args)) {
        const findings = checkPod(rule, pod, options);
        findings.violations.forEach(({ message }) => report(message));
        notChecked.push(...findings.notChecked);
    }
    if (notChecked.length > 0) {
        (report as unknown as ReportAtLevel)({ message: notCheckedMessage(notChecked), enforcementLevel: "advisory" });
    }
}

/** One line for all that a rule could not check in a resource: information, whatever the rule's level. */
function notCheckedMessage(paths: readonly string[]): string {
    const more = paths.length - listedPaths;
    return `not checked until known: ${paths.slice(0, listedPaths).join(", ")}${more > 0 ? `, and ${more} more` : ""}`;
}
