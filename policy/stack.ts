import type { ConfiguredRule } from "./evaluate";
import { type ExemptionUse, applyExemptions } from "./exemptions";
import { type PodTemplate, type Resource, podTemplates } from "./podTemplate";
import type { StackFinding, StackRule } from "./stackRule";

/** A look at a stack, one pod after the other, with exemptions applied. */
export interface StackEvaluation<Place> {
    /** Takes in one pod, and says what there is to say about its exemption. Holds no pod. */
    add(pod: PodTemplate, place: () => Place): readonly StackFinding<Place>[];
    /** What there is to say once all pods are in. */
    end(): readonly StackFinding<Place>[];
}

/**
 * Begins to look at a stack. A pod that is exempt is not shown to the rule at all. Undefined when there is nothing to look at.
 * `today` is a date like `2027-01-31`.
 */
export function beginStack<Place>(
    { rule, options, exempt }: ConfiguredRule<StackRule>,
    today: string,
    onUse?: ExemptionUse,
): StackEvaluation<Place> | undefined {
    const run = rule.begin<Place>(options);
    if (run === undefined) {
        return undefined;
    }
    return {
        add: (pod, place) => {
            const exempted = applyExemptions(rule.name, pod, [{ path: pod.path }], exempt, today, onUse);
            if (exempted.violations.length > 0 || exempted.notKnown) {
                run.add({ pod, maybeExempt: exempted.notKnown, place });
            }
            return [
                ...exempted.problems.map((message) => ({ kind: "violation" as const, message, place: place() })),
                ...exempted.notes.map((message) => ({ kind: "note" as const, message, place: place() })),
            ];
        },
        end: () => run.end(),
    };
}

/** All that a rule says about a stack's resources. Never throws. */
export function evaluateStack<Place>(
    configured: ConfiguredRule<StackRule>,
    resources: Iterable<{ readonly resource: Resource; readonly place: Place }>,
    today: string,
): StackFinding<Place>[] {
    const evaluation = beginStack<Place>(configured, today);
    if (evaluation === undefined) {
        return [];
    }
    const findings: StackFinding<Place>[] = [];
    for (const { resource, place } of resources) {
        for (const pod of podTemplates(resource)) {
            findings.push(...evaluation.add(pod, () => place));
        }
    }
    return [...findings, ...evaluation.end()];
}
