import * as assert from "node:assert/strict";
import * as fc from "fast-check";
import { type Quantity, addQuantities, compareQuantities, formatQuantity, parseQuantity } from "../../policy/quantity";

function parsed(text: unknown): Quantity {
    const quantity = parseQuantity(text);
    assert.ok(quantity, `${String(text)} is a quantity`);
    return quantity;
}

describe("quantity", () => {
    describe("reads", () => {
        // The value in nano units. The odd ones are what ParseQuantity of k8s.io/apimachinery returns for them.
        const table: [text: string | number, nano: bigint][] = [
            ["0", 0n],
            ["1", 1_000_000_000n],
            ["+1", 1_000_000_000n],
            ["-1", -1_000_000_000n],
            ["100m", 100_000_000n],
            ["0.5", 500_000_000n],
            [".5", 500_000_000n],
            ["1.", 1_000_000_000n],
            ["1n", 1n],
            ["1u", 1_000n],
            ["1k", 1_000n * 10n ** 9n],
            ["1M", 10n ** 15n],
            ["1G", 10n ** 18n],
            ["1T", 10n ** 21n],
            ["1P", 10n ** 24n],
            ["1E", 10n ** 27n],
            ["1e3", 1_000n * 10n ** 9n],
            ["1E3", 1_000n * 10n ** 9n],
            ["1e+3", 1_000n * 10n ** 9n],
            ["1e-3", 1_000_000n],
            ["1Ki", 1024n * 10n ** 9n],
            ["1Mi", 1024n ** 2n * 10n ** 9n],
            ["1Gi", 1024n ** 3n * 10n ** 9n],
            ["1Ti", 1024n ** 4n * 10n ** 9n],
            ["1Pi", 1024n ** 5n * 10n ** 9n],
            ["1Ei", 1024n ** 6n * 10n ** 9n],
            ["1.5Gi", (3n * 1024n ** 3n * 10n ** 9n) / 2n],
            ["0.1n", 1n],
            ["-0.1n", -1n],
            ["1.1n", 2n],
            ["1e-2000000000", 1n],
            ["8Ei", ((1n << 63n) - 1n) * 10n ** 9n],
            ["-9Ei", -((1n << 63n) - 1n) * 10n ** 9n],
            ["9E", 9n * 10n ** 27n],
            ["100E", 100n * 10n ** 27n],
            ["1e4294967296", 1_000_000_000n],
            ["+", 0n],
            ["-", 0n],
            [".", 0n],
            ["m", 0n],
            ["Ti", 0n],
            ["00000", 0n],
            ["0Ei", 0n],
            [134217728, 134217728n * 10n ** 9n],
            [0.25, 250_000_000n],
            [1e21, 10n ** 30n],
            [5e-7, 500n],
        ];
        for (const [text, nano] of table) {
            it(`${JSON.stringify(text)} as ${nano} n`, () => {
                assert.equal(compareQuantities(parsed(text), { unscaled: nano, exponent: -9 }), 0);
            });
        }
    });

    describe("refuses", () => {
        const table: unknown[] = [
            "",
            " 1",
            "1 ",
            "1\n",
            "1.1.M",
            "1+1.0M",
            "0.1mi",
            "0.1am",
            "aoeu",
            ".5i",
            "1i",
            "-3.01i",
            "-3.01e-",
            "1MB",
            "128mb",
            "1e",
            "1e1.5",
            "1e9223372036854775808",
            "--1",
            "1_000",
            "0x10",
            "Infinity",
            "Pi",
            "Ei",
            "e-10",
            "١",
            NaN,
            Infinity,
            true,
            null,
            undefined,
            ["1"],
            { value: "1" },
            Symbol("1"),
            10n,
        ];
        for (const value of table) {
            it(typeof value === "string" ? JSON.stringify(value) : `${typeof value} ${String(value)}`, () => {
                assert.equal(parseQuantity(value), undefined);
            });
        }
    });

    describe("compares", () => {
        const ascending = [
            "-1e2147483647",
            "-1Gi",
            "-1",
            "-1n",
            "0",
            "1n",
            "999m",
            "1",
            "1001m",
            "976Ki",
            "1M",
            "1e2147483647",
        ];
        for (const [index, text] of ascending.entries()) {
            it(`${text} with all others`, () => {
                ascending.forEach((other, at) => {
                    assert.equal(
                        Math.sign(compareQuantities(parsed(text), parsed(other))),
                        Math.sign(index - at),
                        other,
                    );
                });
            });
        }

        it("in any notation alike", () => {
            fc.assert(
                fc.property(fc.bigInt(-(10n ** 20n), 10n ** 20n), fc.bigInt(-(10n ** 20n), 10n ** 20n), (a, b) => {
                    const expected = a < b ? -1 : a > b ? 1 : 0;
                    assert.equal(Math.sign(compareQuantities(parsed(`${a}`), parsed(`${b}000m`))), expected);
                    assert.equal(Math.sign(compareQuantities(parsed(`${a}e3`), parsed(`${b}k`))), expected);
                }),
            );
        });
    });

    it("adds in any notation", () => {
        const amount = fc.bigInt(0n, 10n ** 30n);
        fc.assert(
            fc.property(amount, amount, (a, b) => {
                const sum = addQuantities(parsed(`${a}m`), parsed(`${b}u`));
                assert.equal(compareQuantities(sum, parsed(`${a * 1000n + b}u`)), 0);
            }),
        );
    });

    it("adds nothing to what is beyond all that there is", () => {
        const beyond = parsed("1e2147483647");
        assert.deepEqual(addQuantities(parsed("1n"), beyond), beyond);
        assert.deepEqual(addQuantities(beyond, parsed("0")), beyond);
        assert.deepEqual(addQuantities(parsed("0e2147483647"), parsed("1")), parsed("1"));
        assert.deepEqual(addQuantities(parsed("0e2147483647"), parsed("0")).unscaled, 0n);
    });

    describe("writes", () => {
        const table: [text: string, binary: string, decimal: string][] = [
            ["0", "0", "0"],
            ["1", "1", "1"],
            ["1024Mi", "1Gi", "1073741824"],
            ["1.5Gi", "1536Mi", "1610612736"],
            ["1000", "1000", "1000"],
            ["1.5", "1500m", "1500m"],
            ["250m", "250m", "250m"],
            ["1u", "1000n", "1000n"],
            ["1e2000", "1e2000", "1e2000"],
            // Whatever its exponent is: here one that 32 bits do not hold.
            ["000e99999999999", "0", "0"],
        ];
        for (const [text, binary, decimal] of table) {
            it(text, () => {
                assert.equal(formatQuantity(parsed(text), true), binary);
                assert.equal(formatQuantity(parsed(text), false), decimal);
            });
        }

        it("what it reads back", () => {
            fc.assert(
                fc.property(fc.bigInt(0n, 10n ** 30n), fc.boolean(), (nanos, binary) => {
                    const quantity = parsed(`${nanos}n`);
                    const text = formatQuantity(quantity, binary);
                    // Above 2^63 a number with a binary suffix is cut.
                    if (!binary || nanos < 2n ** 63n) {
                        assert.equal(compareQuantities(parsed(text), quantity), 0, text);
                    }
                }),
            );
        });
    });

    it("never throws", () => {
        const piece = fc.constantFrom(..."+-.0123456789eEinumkKMGTPx ".split(""), "e99999999999", "000", "Ki");
        fc.assert(
            fc.property(
                fc.oneof(
                    fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join("")),
                    fc.anything(),
                ),
                (value) => {
                    const quantity = parseQuantity(value);
                    if (quantity !== undefined) {
                        assert.equal(compareQuantities(quantity, quantity), 0);
                        assert.equal(typeof formatQuantity(quantity, true), "string");
                    }
                },
            ),
            { numRuns: 5000 },
        );
    });
});
