import * as pulumi from "@pulumi/pulumi";

/** A resource as the program registered it. */
export interface Registered {
    readonly type: string;
    readonly name: string;
    // eslint-disable-next-line @typescript-eslint/no-explicit-any -- a test reads whatever was registered
    readonly inputs: any;
}

/**
 * Replaces the engine. Call it before the code under test runs; what it registers is in the list that this returns.
 *
 * @param config the stack's config, with its namespace: `sidecars:name`.
 */
export async function mockEngine(config: Record<string, string> = {}, preview = false): Promise<Registered[]> {
    const registered: Registered[] = [];
    await pulumi.runtime.setMocks(
        {
            newResource: ({ type, name, inputs }) => {
                registered.push({ type, name, inputs });
                return { id: `${name}-id`, state: inputs as Record<string, unknown> };
            },
            call: ({ inputs }) => inputs as Record<string, unknown>,
        },
        "sidecars",
        "test",
        preview,
    );
    pulumi.runtime.setAllConfig(config);
    return registered;
}

/** The value of an Output, or its error. */
export function valueOf<T>(output: pulumi.Output<T>): Promise<T> {
    return (output as unknown as { promise: () => Promise<T> }).promise();
}

/** What was registered under a name. */
export function find(registered: Registered[], name: string): Registered {
    const found = registered.find((resource) => resource.name === name);
    if (found === undefined) {
        throw new Error(`there is no ${name} among ${registered.map((resource) => resource.name).join(", ")}`);
    }
    return found;
}
