import * as assert from "node:assert/strict";
import * as fc from "fast-check";
import { amountPattern } from "../../policy/amounts";
import { parseQuantity } from "../../policy/quantity";

describe("an option that is an amount", () => {
    const pattern = new RegExp(amountPattern);

    it("takes no text that is no quantity", () => {
        fc.assert(
            fc.property(fc.stringMatching(pattern), (text) => {
                assert.equal(parseQuantity(text) === undefined, text === "");
            }),
        );
    });

    for (const text of ["", "0", "64Mi", "1.5Gi", "500m", "2", "1G", "10k"]) {
        it(`takes ${JSON.stringify(text)}`, () => {
            assert.match(text, pattern);
        });
    }

    for (const text of ["2gb", "64 Mi", "-1", "lots", "1GB", "64mi", "1e3"]) {
        it(`refuses ${JSON.stringify(text)}`, () => {
            assert.doesNotMatch(text, pattern);
        });
    }
});
