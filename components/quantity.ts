/**
 * A Kubernetes quantity such as `250m`, `64Mi` or `1e3`, as an exact number of 10^-9 units.
 *
 * Source of the grammar: k8s.io/apimachinery/pkg/api/resource/quantity.go.
 */
export type Nanos = bigint;

const GRAMMAR = /^([+-]?)(\d+\.?\d*|\.\d+)(?:(Ki|Mi|Gi|Ti|Pi|Ei|[numkMGTPE])|[eE]([+-]?\d{1,3}))?$/;

const DECIMAL_EXPONENTS: Record<string, number> = { n: -9, u: -6, m: -3, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 };
const BINARY_EXPONENTS: Record<string, bigint> = { Ki: 10n, Mi: 20n, Gi: 30n, Ti: 40n, Pi: 50n, Ei: 60n };

/**
 * Reads a quantity. A part below 10^-9 is rounded up, as Kubernetes does.
 *
 * @returns undefined when the text is not a quantity.
 */
export function parseQuantity(text: string): Nanos | undefined {
    const match = GRAMMAR.exec(text);
    if (match === null) {
        return undefined;
    }
    const [, sign, number, suffix, exponent] = match;
    const [whole = "", fraction = ""] = number!.split(".");
    let digits = BigInt(whole + fraction);
    let tens = 9 - fraction.length;
    if (suffix !== undefined && suffix in BINARY_EXPONENTS) {
        digits <<= BINARY_EXPONENTS[suffix]!;
    } else {
        tens += suffix === undefined ? Number(exponent ?? 0) : DECIMAL_EXPONENTS[suffix]!;
    }
    const scale = 10n ** BigInt(Math.abs(tens));
    const size = tens >= 0 ? digits * scale : (digits + scale - 1n) / scale;
    return sign === "-" ? -size : size;
}

/** Says what is wrong with a quantity that must not be negative, or nothing. */
export function quantityProblem(text: string): string | undefined {
    const value = parseQuantity(text);
    if (value === undefined) {
        return "is not a Kubernetes quantity such as 64Mi or 250m";
    }
    return value < 0n ? "must not be negative" : undefined;
}

/** Says what is wrong with a quantity that must be above zero, or nothing. */
export function positiveQuantityProblem(text: string): string | undefined {
    return quantityProblem(text) ?? (parseQuantity(text) === 0n ? "must be more than 0" : undefined);
}
