import * as proxy from "@pulumi/policy/proxy";

/** What the engine's accessor for unknown values exports, but does not declare. */
interface Unknowns {
    /** Wraps a resource's fields as the engine does: reading an unknown one throws an UnknownValueError. */
    readonly unknownCheckingProxy: (props: object) => object;
    readonly UnknownValueError: new () => Error;
    /** The values that stand for unknown ones. */
    readonly unknownStringValue: string;
    readonly unknownNumberValue: string;
    readonly unknownBooleanValue: string;
    readonly unknownArrayValue: string;
    readonly unknownObjectValue: string;
}

/** How the engine hands values that are not known yet to a policy. */
export const unknowns = proxy as unknown as Unknowns;
