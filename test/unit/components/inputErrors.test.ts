import assert from "node:assert/strict";

import * as pulumi from "@pulumi/pulumi";

import { InputErrors, InvalidInputError, renamingPaths } from "../../../components/inputErrors";
import { valueOf } from "./mocks";

describe("InvalidInputError", () => {
    it("is an input error to Pulumi and printed without its stack", () => {
        const error = new InvalidInputError([{ propertyPath: "a.b", reason: "is wrong" }]);
        assert.ok(pulumi.InputPropertiesError.isInstance(error));
        assert.ok(pulumi.RunError.isInstance(error));
        assert.equal(error.stack, undefined);
        assert.equal(error.message, "a.b: is wrong");
    });

    it("lists all mistakes in its message", () => {
        const error = new InvalidInputError([
            { propertyPath: "a", reason: "is wrong" },
            { propertyPath: "b", reason: "is missing" },
        ]);
        assert.equal(error.message, "2 inputs are wrong:\n  a: is wrong\n  b: is missing");
    });
});

describe("InputErrors", () => {
    it("checks an Output when its value is known, and does not repeat it", async () => {
        const errors = new InputErrors();
        const checked = errors.checked("image", pulumi.output("s3cret"), () => "is no good");
        errors.throwIfAny();
        await assert.rejects(valueOf(pulumi.output(checked)), (error: Error) => {
            assert.equal(error.message, "image: the value is no good");
            return true;
        });
    });

    it("hands a good Output on", async () => {
        const checked = new InputErrors().checked("image", pulumi.output("nginx"), () => undefined);
        assert.equal(await valueOf(pulumi.output(checked)), "nginx");
    });
});

describe("renamingPaths", () => {
    it("reports mistakes under other paths and lets other errors through", () => {
        const wrong = new InvalidInputError([{ propertyPath: "a", reason: "is wrong" }]);
        const rename = (path: string) => `x.${path}`;
        assert.throws(
            () =>
                renamingPaths(rename, () => {
                    throw wrong;
                }),
            { message: "x.a: is wrong" },
        );
        assert.throws(
            () =>
                renamingPaths(rename, () => {
                    throw new RangeError("other");
                }),
            RangeError,
        );
    });
});
