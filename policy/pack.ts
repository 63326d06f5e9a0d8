import type { EnforcementLevel, ReportViolation, ResourceValidationPolicy } from "@pulumi/policy";
import { allOptions, configure, evaluate, todayInUtc } from "./evaluate";
import { exemptAnnotation, exemptedRules } from "./exemptions";
import { hiddenPods, podTemplates, quoteName } from "./podTemplate";
import type { Rule } from "./rule";
import { rules } from "./rules";

/** The pack's name, as the engine prints it. */
export const packName = "sidecars";

/**
 * A report with the message alone, where a plain string would have the rule's description repeated before it, and at a level
 * of its own. @pulumi/policy takes it (makeReportViolationFun in its server.js), but does not declare it.
 */
type Tell = (violation: { readonly message: string; readonly enforcementLevel?: EnforcementLevel }) => void;

/** The pack's rules, as the engine wants them, and one more policy that says what the rules did not see. */
export const policies: ResourceValidationPolicy[] = [...rules.map(policyOf), coverage()];

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
    };
}

function coverage(): ResourceValidationPolicy {
    return {
        name: "coverage",
        description:
            "A rule that never saw a pod has not passed it. Resources whose pods are out of sight, and exemptions from rules that do not exist, are pointed out.",
        enforcementLevel: "advisory",
        validateResource: (args, report) => {
            const tell = tellOf(report);
            const hidden = hiddenPods(args);
            if (hidden !== undefined) {
                tell({ message: `not checked: ${hidden}` });
            }
            const pods = podTemplates(args);
            const exempted = new Set(pods.flatMap((pod) => [...exemptedRules(pod.resource), ...exemptedRules(pod)]));
            for (const name of exempted) {
                if (!rules.some((rule) => rule.name === name)) {
                    tell({
                        message: `an annotation ${exemptAnnotation}… exempts from ${quoteName(name) ?? "a rule"}, which does not exist. The rules are: ${rules.map((rule) => rule.name).join(", ")}.`,
                    });
                }
            }
        },
    };
}

function tellOf(report: ReportViolation): Tell {
    return report as unknown as Tell;
}
