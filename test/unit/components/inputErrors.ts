import assert from "node:assert/strict";

import * as pulumi from "@pulumi/pulumi";

/** The mistakes that `action` reports, as `path: reason`. */
export function mistakesOf(action: () => unknown): string[] {
    try {
        action();
    } catch (error) {
        assert.ok(pulumi.InputPropertiesError.isInstance(error), `not an input error: ${error}`);
        return error.errors.map(({ propertyPath, reason }) => `${propertyPath}: ${reason}`);
    }
    assert.fail("nothing was reported");
}
