import { amountPattern } from "../amounts";
import { listed } from "../evaluate";
import { namePattern } from "../namePattern";
import { type Total, podTotal } from "../podResources";
import { type PodTemplate, notKnown, quoteName, read, readList } from "../podTemplate";
import {
    type Quantity,
    addQuantities,
    compareQuantities,
    formatQuantity,
    multiplyQuantity,
    parseQuantity,
} from "../quantity";
import { replicasOf } from "../replicas";
import { resourceLabel } from "../resourceLabel";
import type { StackFinding, StackPod, StackRule, StackRun } from "../stackRule";

const fields = ["requests", "limits"] as const;
const resources = ["cpu", "memory", "ephemeral-storage"] as const;

type Amounts = Partial<Readonly<Record<(typeof resources)[number], string>>>;

/** The most that the pods of a namespace, or of the whole stack, may request or be limited to in all. */
export interface Budget {
    /** The namespaces that it holds for, each by itself, `*` standing for any characters; without it, it holds for the whole stack. */
    readonly namespace?: string;
    readonly requests?: Amounts;
    readonly limits?: Amounts;
}

/** Options of `budget`. */
export interface BudgetOptions {
    readonly budgets: readonly Budget[];
}

const amountsSchema = {
    type: "object" as const,
    additionalProperties: false,
    properties: Object.fromEntries(
        resources.map((resource) => [resource, { type: "string" as const, pattern: amountPattern }]),
    ),
};

/** What all pods of a stack need, or those of a namespace, is within what is set aside for them. */
export const budget: StackRule<BudgetOptions> = {
    name: "budget",
    why: "Pods that are each of a proper size can still be more in all than a namespace's quota, or the cluster, has room for: the last ones are then not created, or never placed. Counted are each pod's containers, as the scheduler counts them, times the replicas (a Job's parallelism; a DaemonSet's pod once).",
    level: "mandatory",
    options: {
        budgets: {
            type: "array",
            description:
                'Maxima for the sum of all pods, or with a namespace (`*` stands for any characters) for each such namespace by itself: {"namespace": "shop", "requests": {"cpu": "8", "memory": "16Gi", "ephemeral-storage": "20Gi"}, "limits": {…}}. A resource without a namespace counts for `default`, one that another controls counts with that.',
            default: [],
            items: {
                type: "object",
                additionalProperties: false,
                properties: {
                    namespace: { type: "string", minLength: 1 },
                    requests: amountsSchema,
                    limits: amountsSchema,
                },
            },
        },
    },
    begin<Place>({ budgets }: BudgetOptions) {
        const maxima = budgets.flatMap((entry) =>
            fields.flatMap((field) =>
                resources.flatMap((resource) => {
                    const text = read(entry, field, resource);
                    const quantity = parseQuantity(text);
                    const namespace = read(entry, "namespace");
                    return quantity === undefined || text === ""
                        ? []
                        : [
                              new Maximum<Place>(
                                  typeof namespace === "string" ? namespace : undefined,
                                  field,
                                  resource,
                                  quantity,
                                  String(text),
                              ),
                          ];
                }),
            ),
        );
        return maxima.length === 0 ? undefined : new BudgetRun(maxima);
    },
};

class BudgetRun<Place> implements StackRun<Place> {
    private controlled = 0;
    private firstControlled: Place | undefined;

    constructor(private readonly maxima: readonly Maximum<Place>[]) {}

    add(from: StackPod<Place>): void {
        if (isControlled(from.pod)) {
            this.controlled += 1;
            this.firstControlled ??= from.place();
            return;
        }
        const namespace = read(from.pod.resource, "metadata", "namespace");
        for (const maximum of this.maxima) {
            maximum.add(
                from,
                namespace === notKnown ? notKnown : typeof namespace === "string" ? namespace : "default",
            );
        }
    }

    end(): StackFinding<Place>[] {
        const findings = this.maxima.flatMap((maximum) => maximum.findings());
        if (this.firstControlled !== undefined) {
            const message = `resources with pods that another one controls, which are counted with that: ${this.controlled}`;
            findings.push({ kind: "note", message, place: this.firstControlled });
        }
        return findings;
    }
}

/** How many of the largest contributors a message names. */
const named = 3;

interface Contributor<Place> {
    readonly label: string;
    readonly amount: Quantity;
    readonly place: Place;
}

/** What the pods in one scope come to. Of the pods themselves it holds the largest contributors' names only. */
interface Sum<Place> {
    total: Quantity;
    /** The largest, in order. */
    largest: Contributor<Place>[];
    /** Names of the first of those whose amounts are not known. */
    readonly notKnown: string[];
    notKnownCount: number;
    firstNotKnown: Place | undefined;
}

/** One maximum, with a sum for each namespace that it holds for, or one for the whole stack. */
class Maximum<Place> {
    private readonly sums = new Map<string | typeof notKnown | undefined, Sum<Place>>();
    private readonly holdsFor: ((namespace: string) => boolean) | undefined;

    constructor(
        namespace: string | undefined,
        private readonly field: (typeof fields)[number],
        private readonly resource: (typeof resources)[number],
        private readonly quantity: Quantity,
        private readonly text: string,
    ) {
        this.holdsFor = namespace === undefined ? undefined : namePattern([namespace]);
    }

    add({ pod, maybeExempt, place }: StackPod<Place>, namespace: string | typeof notKnown): void {
        if (this.holdsFor !== undefined && namespace !== notKnown && !this.holdsFor(namespace)) {
            return;
        }
        const scope = this.holdsFor === undefined ? undefined : namespace;
        const amount = amountOfAll(pod, this.field, this.resource);
        if (amount === undefined) {
            return;
        }
        let sum = this.sums.get(scope);
        if (sum === undefined) {
            sum = {
                total: { unscaled: 0n, exponent: 0 },
                largest: [],
                notKnown: [],
                notKnownCount: 0,
                firstNotKnown: undefined,
            };
            this.sums.set(scope, sum);
        }
        if (amount === notKnown || maybeExempt || scope === notKnown) {
            if (sum.notKnownCount <= named) {
                sum.notKnown.push(resourceLabel(pod.resource, pod.kind));
                sum.firstNotKnown ??= place();
            }
            sum.notKnownCount += 1;
            return;
        }
        sum.total = addQuantities(sum.total, amount);
        const last = sum.largest[named - 1];
        if (last === undefined || compareQuantities(amount, last.amount) > 0) {
            const label = resourceLabel(pod.resource, pod.kind);
            sum.largest = [...sum.largest, { label, amount, place: place() }]
                .sort((a, b) => compareQuantities(b.amount, a.amount))
                .slice(0, named);
        }
    }

    findings(): StackFinding<Place>[] {
        return [...this.sums].flatMap(([scope, sum]): StackFinding<Place>[] => {
            const where =
                scope === undefined
                    ? "all pods"
                    : scope === notKnown
                      ? "a namespace not known yet"
                      : `namespace ${quoteName(scope) ?? "without a proper name"}`;
            const what = `${where}: ${this.resource} ${this.field}`;
            const [first] = sum.largest;
            // Amounts that are not known yet only add to the sum.
            if (first !== undefined && compareQuantities(sum.total, this.quantity) > 0) {
                const largest = sum.largest.map(({ label, amount }) => `${label} ${this.format(amount)}`);
                const atLeast = sum.notKnownCount > 0 ? "at least " : "";
                return [
                    {
                        kind: "violation",
                        message: `${what} are ${atLeast}${this.format(sum.total)} in all, above ${this.text}, the most that is allowed here. The largest: ${largest.join(", ")}. Lower these or their replicas, or raise the budget.`,
                        place: first.place,
                    },
                ];
            }
            return sum.firstNotKnown === undefined
                ? []
                : [
                      {
                          kind: "note",
                          message: `${what} not checked until known: ${listed(sum.notKnown, sum.notKnownCount)}. The others are ${this.format(sum.total)} of ${this.text}.`,
                          place: sum.firstNotKnown,
                      },
                  ];
        });
    }

    private format(quantity: Quantity): string {
        return formatQuantity(quantity, this.resource !== "cpu");
    }
}

/** What a template's pods come to in all; undefined when that is nothing. What only a part of is written here is not known. */
function amountOfAll(pod: PodTemplate, field: (typeof fields)[number], resource: string): Total {
    const replicas = replicasOf(pod);
    if (replicas === 0) {
        return undefined;
    }
    const total = pod.partial ? notKnown : podTotal(pod, field, resource);
    if (total === undefined || total === notKnown || replicas === notKnown) {
        return total === undefined ? undefined : notKnown;
    }
    return multiplyQuantity(total, replicas === "eachNode" ? 1 : replicas);
}

/** A Deployment's ReplicaSet, a ReplicaSet's Pod: as a cluster lists them beside what they belong to. */
function isControlled(pod: PodTemplate): boolean {
    return readList(pod.resource, "metadata", "ownerReferences").items.some(
        (owner) => read(owner, "controller") === true,
    );
}
