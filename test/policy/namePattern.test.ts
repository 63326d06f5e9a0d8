import * as assert from "node:assert/strict";
import * as fc from "fast-check";
import { namePattern } from "../../policy/namePattern";

describe("namePattern", () => {
    const table: [pattern: string, name: string, expected: boolean][] = [
        ["nginx", "nginx", true],
        ["nginx", "nginx-1", false],
        ["nginx*", "nginx-1", true],
        ["*-proxy", "istio-proxy", true],
        ["*-proxy", "istio-proxy-2", false],
        ["*", "", true],
        ["a*a", "a", false],
        ["a*a", "aa", true],
        ["a*b*c", "a-b-c", true],
        ["a*bb*bc", "abbc", false],
        ["a.c", "abc", false],
        ["", "", true],
        ["", "a", false],
    ];
    for (const [pattern, name, expected] of table) {
        it(`"${pattern}" ${expected ? "matches" : "does not match"} "${name}"`, () => {
            assert.equal(namePattern([pattern])(name), expected);
        });
    }

    it("matches nothing without patterns", () => {
        assert.equal(namePattern([])("nginx"), false);
    });

    it("agrees with a regular expression", () => {
        const piece = fc.string({ unit: fc.constantFrom("a", "b", "*", "."), maxLength: 8 });
        const name = fc.string({ unit: fc.constantFrom("a", "b", "."), maxLength: 10 });
        fc.assert(
            fc.property(piece, name, (pattern, text) => {
                const escaped = pattern.replaceAll(".", "\\.").replaceAll("*", ".*");
                assert.equal(namePattern([pattern])(text), new RegExp(`^${escaped}$`).test(text));
            }),
            { numRuns: 2000 },
        );
    });
});
