import * as pulumi from "@pulumi/pulumi";

/** One mistake in what the caller wrote: where it is, as a property path, and what is wrong with it. */
export type InputErrorDetails = pulumi.InputPropertyErrorDetails;

/**
 * The mistakes found in a component's inputs, all of them at once.
 *
 * Pulumi prints it as a plain message, without the stack trace that would only show our own code.
 */
export class InvalidInputError extends pulumi.InputPropertiesError {
    constructor(errors: InputErrorDetails[]) {
        const lines = errors.map(({ propertyPath, reason }) => `${propertyPath}: ${reason}`);
        super({
            message: lines.length === 1 ? lines[0]! : `${lines.length} inputs are wrong:\n  ${lines.join("\n  ")}`,
            errors,
        });
        this.name = "InvalidInputError";
        // A RunError's mark is what makes Pulumi's Node.js runtime leave the stack out.
        Object.assign(this, new pulumi.RunError());
        withoutStack(this);
    }
}

/**
 * Takes the stack out of an error that is for the user. Pulumi formats it even where it does not print it, which some
 * versions of Node.js need twenty seconds for when a frame lies in node_modules.
 */
export function withoutStack<T extends Error>(error: T): T {
    error.stack = undefined;
    return error;
}

/** Runs `action`; the mistakes that it finds are reported under other property paths. */
export function renamingPaths<T>(rename: (path: string) => string, action: () => T): T {
    try {
        return action();
    } catch (error) {
        if (error instanceof InvalidInputError) {
            throw new InvalidInputError(
                error.errors.map(({ propertyPath, reason }) => ({ propertyPath: rename(propertyPath), reason })),
            );
        }
        throw error;
    }
}

/** Collects mistakes, so that a user sees all of them after one run. */
export class InputErrors {
    private readonly details: InputErrorDetails[] = [];

    add(propertyPath: string, reason: string): void {
        this.details.push({ propertyPath, reason });
    }

    /** @throws InvalidInputError when anything was added. */
    throwIfAny(): void {
        if (this.details.length > 0) {
            throw new InvalidInputError(this.details);
        }
    }

    /**
     * Checks a leaf of the inputs: a plain value now, an Output as soon as its value is known, which is before it is
     * sent to the API server. An Output's value may be secret, so it is not repeated in the message.
     *
     * @param problem says what is wrong with a value in words that follow the value itself, or nothing.
     * @returns the value to use from here on.
     */
    checked<T>(
        path: string,
        value: pulumi.Input<T>,
        problem: (value: pulumi.Unwrap<T>) => string | undefined,
    ): pulumi.Input<T> {
        if (!pulumi.Output.isInstance(value) && !(value instanceof Promise)) {
            const reason = problem(value as pulumi.Unwrap<T>);
            if (reason !== undefined) {
                this.add(path, `${JSON.stringify(value)} ${reason}`);
            }
            return value;
        }
        return pulumi.output(value).apply((known) => {
            const reason = problem(known);
            if (reason !== undefined) {
                throw new InvalidInputError([{ propertyPath: path, reason: `the value ${reason}` }]);
            }
            return known;
        }) as pulumi.Output<T>;
    }
}
