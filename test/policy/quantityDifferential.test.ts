import * as assert from "node:assert/strict";
import * as fc from "fast-check";
import { compareQuantities, parseQuantity } from "../../policy/quantity";
import { type GoQuantity, differentialRuns, fromGo, kubernetesOfSuite } from "./kubernetes";

const oneOf = (characters: string): fc.Arbitrary<string> => fc.constantFrom(...Array.from(characters));
const digits = fc.string({ unit: oneOf("0000123456789"), maxLength: 12 });
const longDigits = fc.string({ unit: oneOf("0123456789"), maxLength: 40 });
const suffix = fc.constantFrom("", "n", "u", "m", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei");
const smallExponent = fc
    .tuple(fc.constantFrom("e", "E"), fc.constantFrom("", "+", "-"), fc.integer({ min: 0, max: 60 }))
    .map((parts) => parts.join(""));
/** Exponents that wrap to small ones, or are out of any range. */
const oddExponent = fc.constantFrom(
    "e4294967296",
    "e4294967299",
    "E-4294967297",
    "e8589934590",
    "e9223372036854775808",
    "e",
    "E+",
    "e-",
);
const sign = fc.constantFrom("", "", "", "+", "-");
const number = (whole: fc.Arbitrary<string>): fc.Arbitrary<string> =>
    fc.oneof(
        whole,
        fc.tuple(whole, whole).map((parts) => parts.join(".")),
    );
const join = (...parts: fc.Arbitrary<string>[]): fc.Arbitrary<string> => fc.tuple(...parts).map((all) => all.join(""));

const quantities = fc.oneof(
    join(sign, number(digits), suffix),
    join(sign, number(longDigits), suffix),
    join(sign, number(digits), smallExponent),
    join(sign, number(longDigits), smallExponent),
    join(sign, number(fc.string({ unit: oneOf("0123456789"), maxLength: 4 })), oddExponent),
    // Few digits only: the Go package writes a number of 2^31 digits out for others.
    join(sign, fc.nat(99_999).map(String), fc.constantFrom("e2147483647", "e1000000", "E99999")),
    fc.string({ unit: oneOf("+-.0159eEinumkKMGTP "), maxLength: 8 }),
    fc.string({ unit: oneOf("+-.1Kimx_\n\u0661"), maxLength: 6 }),
    fc.string({ unit: "grapheme", maxLength: 6 }),
);

describe("quantity, beside the Go package", function () {
    this.timeout(600_000);
    const compareAll = kubernetesOfSuite();

    it(`accepts, refuses and values ${differentialRuns} strings alike`, () => {
        let accepted = 0;
        compareAll(
            differentialRuns,
            (count) => fc.sample(quantities, count),
            (text, answer) => {
                const theirs = answer as GoQuantity | null;
                const ours = parseQuantity(text);
                const shown = `${JSON.stringify(text)}: ${JSON.stringify(answer)}`;
                if (theirs === null) {
                    assert.equal(ours, undefined, shown);
                } else {
                    assert.ok(ours, shown);
                    assert.equal(compareQuantities(ours, fromGo(theirs)), 0, shown);
                    accepted += 1;
                }
            },
        );
        assert.ok(accepted > differentialRuns / 3, `${accepted} accepted`);
    });
});
