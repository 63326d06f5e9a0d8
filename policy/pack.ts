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

/**
 * A report with the message alone, where a plain string would have the rule's description repeated before it, and at a level
 * of its own. @pulumi/policy takes it (makeReportViolationFun in its server.js), but does not declare it.
 */
type Tell = (violation: { readonly message: string; readonly enforcementLevel?: EnforcementLevel }) => void;

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
    const tell = report as unknown as Tell;
    const later: string[] = [];
    const elsewhere: string[] = [];
    for (const pod of podTemplates(args)) {
        const findings = checkPod(rule, pod, options);
        findings.violations.forEach(({ message }) => tell({ message }));
        (pod.partial ? elsewhere : later).push(...findings.notChecked);
    }
    if (later.length > 0) {
        tell({ message: `not checked until known: ${listed(later)}`, enforcementLevel: "advisory" });
    }
    if (elsewhere.length > 0) {
        tell({
            message: `not checked, as only a part of the pod is written here: ${listed(elsewhere)}`,
            enforcementLevel: "advisory",
        });
    }
}

function listed(paths: readonly string[]): string {
    const more = paths.length - listedPaths;
    return paths.slice(0, listedPaths).join(", ") + (more > 0 ? `, and ${more} more` : "");
}
