import assert from "node:assert/strict";

import fc from "fast-check";

import { parseQuantity, positiveQuantityProblem, quantityProblem } from "../../../components/quantity";

describe("parseQuantity", () => {
    const equal: [string, string][] = [
        ["1Gi", "1024Mi"],
        ["1", "1000m"],
        ["0.5", "500m"],
        ["1e3", "1k"],
        ["1E3", "1000"],
        ["1E", "1000P"],
        ["12e-1", "1200m"],
        [".5Gi", "512Mi"],
        ["1.", "1"],
        ["+1", "1"],
        ["100n", "0.1u"],
        ["0.1n", "1n"],
    ];
    for (const [a, b] of equal) {
        it(`reads ${a} as ${b}`, () => {
            assert.notEqual(parseQuantity(a), undefined);
            assert.equal(parseQuantity(a), parseQuantity(b));
        });
    }

    for (const text of [
        "",
        " 1",
        "1 Gi",
        "64MB",
        "1ki",
        "1K",
        "m",
        ".",
        "1.2.3",
        "1e",
        "0x10",
        "1e3Ki",
        "--1",
        "NaN",
    ]) {
        it(`refuses ${JSON.stringify(text)}`, () => {
            assert.equal(parseQuantity(text), undefined);
        });
    }

    it("keeps the order of whole numbers of any size", () => {
        fc.assert(
            fc.property(fc.bigInt(), fc.bigInt(), (a, b) => {
                assert.equal(parseQuantity(`${a}`)! < parseQuantity(`${b}`)!, a < b);
            }),
        );
    });

    it("never throws", () => {
        fc.assert(
            fc.property(fc.string(), (text) => {
                parseQuantity(text);
            }),
        );
    });
});

describe("quantityProblem", () => {
    it("finds malformed and negative quantities", () => {
        assert.equal(quantityProblem("64Mb"), "is not a Kubernetes quantity such as 64Mi or 250m");
        assert.equal(quantityProblem("-1Mi"), "must not be negative");
        assert.equal(quantityProblem("0"), undefined);
        assert.equal(positiveQuantityProblem("0"), "must be more than 0");
        assert.equal(positiveQuantityProblem("1"), undefined);
    });
});
