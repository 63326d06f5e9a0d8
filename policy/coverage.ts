import { exemptAnnotation, exemptedRules } from "./exemptions";
import { type PodTemplate, type Resource, hiddenPods, quoteName } from "./podTemplate";
import { allRules } from "./rules";

/** The name of the policy that says what the rules did not see. */
export const coverageName = "coverage";

/** Why there is such a policy. */
export const coverageWhy =
    "A rule that never saw a pod has not passed it. Resources whose pods are out of sight, and exemptions from rules that do not exist, are pointed out.";

/** What the rules do not see of a resource, and its exemptions from rules that do not exist. Never throws. */
export function coverage(resource: Resource, pods: readonly PodTemplate[]): string[] {
    const hidden = hiddenPods(resource);
    const messages = hidden === undefined ? [] : [`not checked: ${hidden}`];
    for (const name of new Set(pods.flatMap(exemptedRules))) {
        if (!allRules.some((rule) => rule.name === name)) {
            messages.push(
                `an annotation ${exemptAnnotation}… exempts from ${quoteName(name) ?? "a rule"}, which does not exist. The rules are: ${allRules.map((rule) => rule.name).join(", ")}.`,
            );
        }
    }
    return messages;
}
