import { namePattern } from "./namePattern";
import { type PodTemplate, notKnown, read, readKeys } from "./podTemplate";
import type { OptionSchema } from "./rule";

/** One exemption from a rule: for whom, why, and until when. */
export interface Exemption {
    /** Why the rule does not hold here. An exemption without a reason is a violation itself. */
    readonly reason: string;
    /** The last day on which it holds, `2027-01-31`; without it the exemption has no end. */
    readonly until?: string;
    /** The resource's name, `*` standing for any characters; any when absent. */
    readonly name?: string;
    /** The resource's namespace, likewise. */
    readonly namespace?: string;
    /** The resource's kind. */
    readonly kind?: string;
    /** The containers that are exempt, by name, likewise; all of the pod when absent. */
    readonly containers?: readonly string[];
}

/** The annotation that exempts a resource from a rule: `sidecars/exempt.memory-limit: "reason; until=2027-01-31"`. */
export const exemptAnnotation = "sidecars/exempt.";

/** The option by which the config exempts resources, the same for every rule. */
export const exemptOption: OptionSchema = {
    type: "array",
    description:
        "Resources that the rule does not hold for: each with a reason, perhaps an end, and what it is for: name, namespace, kind, containers.",
    default: [],
    items: {
        type: "object",
        required: ["reason"],
        additionalProperties: false,
        properties: {
            reason: { type: "string", minLength: 1, description: "Why." },
            until: { type: "string", pattern: "^\\d{4}-\\d{2}-\\d{2}$", description: "The last day: 2027-01-31." },
            name: { type: "string", description: "The resource's name; `*` stands for any characters." },
            namespace: { type: "string", description: "Its namespace, likewise." },
            kind: { type: "string", description: "Its kind." },
            containers: {
                type: "array",
                items: { type: "string" },
                description: "The containers that are exempt, by name, likewise; all when absent.",
            },
        },
    },
};

/** Is told of each exemption that has something to exempt, in a pod; `inForce` is false when it has expired. */
export type ExemptionUse = (rule: string, exemption: Exemption, inForce: boolean) => void;

/** What the exemptions make of a rule's violations in one pod. */
export interface Exempted<Violation> {
    /** The violations that stand. */
    readonly violations: readonly Violation[];
    /** What is wrong with an exemption: it gives no reason, its date is none, or it has expired. */
    readonly problems: readonly string[];
    /** The exemptions in force, and those without anything to exempt: for the report. */
    readonly notes: readonly string[];
    /** The exemption is not known yet, and might be one from these violations. */
    readonly notKnown: boolean;
}

/**
 * Applies a pod's exemptions from a rule, those by annotation and those by the config.
 * `today` is a date as in `until`; `onUse` is told of those that have something to exempt.
 */
export function applyExemptions<Violation extends { readonly path: string }>(
    rule: string,
    pod: PodTemplate,
    violations: readonly Violation[],
    configured: readonly Exemption[],
    today: string,
    onUse?: ExemptionUse,
): Exempted<Violation> {
    const annotated = annotationOf(pod, rule);
    const byConfig = configured.filter((exemption) => isFor(exemption, pod));
    if (annotated === undefined && byConfig.length === 0) {
        return { violations, problems: [], notes: [], notKnown: false };
    }
    if (annotated === notKnown) {
        return { violations: [], problems: [], notes: [], notKnown: violations.length > 0 };
    }
    let standing = violations;
    const problems: string[] = [];
    const notes: string[] = [];
    const exemptions = [...(annotated === undefined ? [] : [parseAnnotation(annotated)]), ...byConfig];
    for (const exemption of exemptions) {
        const until = exemption.until;
        const covered = standing.filter((violation) => covers(exemption, pod, violation.path));
        if (typeof exemption.reason !== "string" || exemption.reason.trim() === "") {
            problems.push(`the exemption from ${rule} gives no reason. Write why it is needed.`);
        } else if (until !== undefined && !isDate(until)) {
            problems.push(`the exemption from ${rule} has an end that is no date. Write until=2027-01-31.`);
        } else if (covered.length === 0) {
            if (exemption === exemptions[0] && annotated !== undefined) {
                notes.push(`the exemption from ${rule} has nothing to exempt: it can be removed.`);
            }
        } else if (until !== undefined && until < today) {
            onUse?.(rule, exemption, false);
            problems.push(`the exemption from ${rule} expired: it held until ${until} (${exemption.reason}).`);
        } else {
            onUse?.(rule, exemption, true);
            standing = standing.filter((violation) => !covered.includes(violation));
            notes.push(
                `exempt from ${rule} ${until === undefined ? "without end" : `until ${until}`}: ${exemption.reason}`,
            );
        }
    }
    return { violations: standing, problems, notes, notKnown: false };
}

/** The rules that a pod's annotations exempt it from, whether they exist or not. */
export function exemptedRules(pod: PodTemplate): string[] {
    return pod.annotations
        .flatMap((annotations) => readKeys(annotations))
        .filter((key) => key.startsWith(exemptAnnotation))
        .map((key) => key.slice(exemptAnnotation.length));
}

/** The resource's own annotation comes first, then its template's. */
function annotationOf(pod: PodTemplate, rule: string): unknown {
    for (const annotations of pod.annotations) {
        const value = read(annotations, exemptAnnotation + rule);
        if (value !== undefined) {
            return value;
        }
    }
    return undefined;
}

/** `reason; until=2027-01-31`: the end is what comes last, the rest is the reason. */
function parseAnnotation(value: unknown): Exemption {
    const text = typeof value === "string" ? value : "";
    const match = /^(.*?)(?:;\s*until\s*=\s*(\S*)\s*)?$/s.exec(text);
    return { reason: match?.[1]?.trim() ?? "", until: match?.[2] };
}

function isFor(exemption: Exemption, pod: PodTemplate): boolean {
    const matches = (pattern: string | undefined, ...path: string[]): boolean => {
        const value = read(pod.resource, ...path);
        return pattern === undefined || (typeof value === "string" && namePattern([pattern])(value));
    };
    return (
        (exemption.kind === undefined || exemption.kind === pod.kind) &&
        matches(exemption.name, "metadata", "name") &&
        matches(exemption.namespace, "metadata", "namespace")
    );
}

function covers(exemption: Exemption, pod: PodTemplate, path: string): boolean {
    if (exemption.containers === undefined) {
        return true;
    }
    const isExempt = namePattern(exemption.containers);
    return pod.containers.some(
        (container) =>
            container.name !== undefined &&
            isExempt(container.name) &&
            (path === container.path || path.startsWith(`${container.path}.`)),
    );
}

function isDate(text: string): boolean {
    const date = /^\d{4}-\d{2}-\d{2}$/.test(text) ? new Date(`${text}T00:00:00Z`) : undefined;
    return date !== undefined && !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}
