import type { PodTemplate } from "./podTemplate";
import type { RuleDescription } from "./rule";

/** A rule over all pods of a stack. It never throws, and holds no pod after it has seen it. */
export interface StackRule<Options extends object = object> extends RuleDescription<Options> {
    /** Begins to look at a stack. Undefined when, with these options, there is nothing to look at. */
    begin<Place>(options: Options): StackRun<Place> | undefined;
}

/** One look at a stack. */
export interface StackRun<Place> {
    /** Takes in one pod. */
    add(pod: StackPod<Place>): void;
    /** What there is to say once all pods are in. */
    end(): readonly StackFinding<Place>[];
}

/** A pod with where it is from. */
export interface StackPod<Place> {
    readonly pod: PodTemplate;
    /** Whether it is exempt cannot be told yet. */
    readonly maybeExempt: boolean;
    /** Where its resource is: a URN, or a file and line. Asked for only when it is to be kept. */
    readonly place: () => Place;
}

/** One thing that a rule says about a stack. */
export interface StackFinding<Place> {
    /** A violation counts at the rule's level; a note is information, whatever the level. */
    readonly kind: "violation" | "note";
    readonly message: string;
    /** The resource to look at first. */
    readonly place: Place;
}
