/**
 * A Kubernetes quantity, exact: `unscaled` times ten to the power of `exponent`.
 * A pair, not one number, because `1e2147483647` is a quantity that the API server accepts.
 */
export interface Quantity {
    readonly unscaled: bigint;
    readonly exponent: number;
}

/** The finest step of a quantity, a nano unit: anything finer is rounded away from zero to it. */
const nano = -9;

/** The largest value of a quantity with a binary suffix, 2^63 - 1: larger ones are cut to it. */
const binaryMaximum = (1n << 63n) - 1n;

/** Numbers of more digits than this are not written out. */
const mostDigits = 1000;

const decimalSuffixes: ReadonlyMap<string, number> = new Map([
    ["n", -9],
    ["u", -6],
    ["m", -3],
    ["", 0],
    ["k", 3],
    ["M", 6],
    ["G", 9],
    ["T", 12],
    ["P", 15],
    ["E", 18],
]);

const binarySuffixes: ReadonlyMap<string, bigint> = new Map([
    ["Ki", 10n],
    ["Mi", 20n],
    ["Gi", 30n],
    ["Ti", 40n],
    ["Pi", 50n],
    ["Ei", 60n],
]);

const grammar = /^([+-]?)([0-9]*)(?:\.([0-9]*))?([a-zA-Z]*[+-]?[0-9]*)$/;
const exponentSuffix = /^[eE]([+-]?)([0-9]+)$/;

/**
 * Reads a quantity as the API server does (`ParseQuantity` in k8s.io/apimachinery/pkg/api/resource), oddities included:
 * a lone sign or a suffix without a number is zero, and an exponent is taken modulo 2^32.
 * A number (YAML and JSON allow `memory: 1048576`) is read as it is written. Returns undefined for what is refused there.
 */
export function parseQuantity(value: unknown): Quantity | undefined {
    const text = typeof value === "number" ? String(value) : value;
    if (typeof text !== "string" || text === "") {
        return undefined;
    }
    const match = grammar.exec(text);
    if (match === null) {
        return undefined;
    }
    const [, sign, whole = "", fraction = "", suffix = ""] = match;
    const digits = whole + fraction;
    const binary = binarySuffixes.get(suffix);
    if (binary !== undefined) {
        // Without a digit, the API server's fast path yields zero and its exact path an error: large suffixes take the latter.
        return digits === "" && binary > 40n
            ? undefined
            : binaryQuantity(sign === "-", BigInt(digits) << binary, fraction.length);
    }
    const power = decimalSuffixes.get(suffix) ?? decimalExponent(suffix);
    if (power === undefined) {
        return undefined;
    }
    const exponent = int32(power - fraction.length);
    if (digits === "" && exponent < nano) {
        return undefined;
    }
    return signed(sign === "-", roundUpToNano({ unscaled: BigInt(digits), exponent }));
}

/** Negative when a is less than b, zero when they are equal, positive when a is more. */
export function compareQuantities(a: Quantity, b: Quantity): number {
    if (a.exponent === b.exponent) {
        return a.unscaled < b.unscaled ? -1 : a.unscaled > b.unscaled ? 1 : 0;
    }
    const signA = signOf(a);
    const signB = signOf(b);
    if (signA !== signB || signA === 0) {
        return signA - signB;
    }
    // Leading digits first: 10^2147483647 can be compared, but not written out.
    const magnitude = leadingDigit(a) - leadingDigit(b);
    if (magnitude !== 0) {
        return magnitude * signA;
    }
    const common = Math.min(a.exponent, b.exponent);
    const left = a.unscaled * 10n ** BigInt(a.exponent - common);
    const right = b.unscaled * 10n ** BigInt(b.exponent - common);
    return left < right ? -1 : left > right ? 1 : 0;
}

/** The exact sum of two amounts, neither of them below zero. Where one is beyond all that there is (10^1000), it is the sum: both could not be written out together. */
export function addQuantities(a: Quantity, b: Quantity): Quantity {
    const [large, small] = compareQuantities(a, b) < 0 ? [b, a] : [a, b];
    if (small.unscaled === 0n || leadingDigit(large) > mostDigits) {
        return large;
    }
    const exponent = Math.min(a.exponent, b.exponent);
    const shifted = (quantity: Quantity): bigint => quantity.unscaled * 10n ** BigInt(quantity.exponent - exponent);
    return { unscaled: shifted(a) + shifted(b), exponent };
}

/** The exact amount of so many times a quantity; `times` is a whole number. */
export function multiplyQuantity({ unscaled, exponent }: Quantity, times: number): Quantity {
    return { unscaled: unscaled * BigInt(times), exponent };
}

/** The quantity as one would write it: in bytes with the largest binary suffix that fits exactly, else in units, thousandths or less. */
export function formatQuantity(quantity: Quantity, binary: boolean): string {
    if (quantity.unscaled === 0n) {
        return "0";
    }
    if (leadingDigit(quantity) > mostDigits) {
        return `${quantity.unscaled}e${quantity.exponent}`;
    }
    const nanos = quantity.unscaled * 10n ** BigInt(quantity.exponent - nano);
    if (nanos % 10n ** 9n !== 0n) {
        return nanos % 10n ** 6n === 0n ? `${nanos / 10n ** 6n}m` : `${nanos}n`;
    }
    const units = nanos / 10n ** 9n;
    const fits = [...binarySuffixes].filter(([, power]) => binary && units !== 0n && units % (1n << power) === 0n);
    const [suffix, power] = fits[fits.length - 1] ?? ["", 0n];
    return `${units >> power}${suffix}`;
}

/** -1, 0 or 1. */
export function signOf(quantity: Quantity): -1 | 0 | 1 {
    return quantity.unscaled < 0n ? -1 : quantity.unscaled > 0n ? 1 : 0;
}

/** The position of the first digit: 1 for 1 to 9, 2 for 10 to 99, and so on. */
function leadingDigit({ unscaled, exponent }: Quantity): number {
    return (unscaled < 0n ? -unscaled : unscaled).toString().length + exponent;
}

function decimalExponent(suffix: string): number | undefined {
    const match = exponentSuffix.exec(suffix);
    if (match === null) {
        return undefined;
    }
    const [, sign, digits = ""] = match;
    const value = sign === "-" ? -BigInt(digits) : BigInt(digits);
    return BigInt.asIntN(64, value) === value ? Number(BigInt.asIntN(32, value)) : undefined;
}

/** `shifted` is the number without its decimal point, times the power of two that the suffix stands for. */
function binaryQuantity(negative: boolean, shifted: bigint, decimals: number): Quantity {
    const exact = roundUpToNano({ unscaled: shifted, exponent: -decimals });
    const maximum: Quantity = { unscaled: binaryMaximum, exponent: 0 };
    return signed(negative, compareQuantities(exact, maximum) > 0 ? maximum : exact);
}

function roundUpToNano(quantity: Quantity): Quantity {
    const { unscaled, exponent } = quantity;
    if (unscaled === 0n || exponent >= nano) {
        return quantity;
    }
    if (leadingDigit(quantity) < nano) {
        return { unscaled: 1n, exponent: nano };
    }
    const divisor = 10n ** BigInt(nano - exponent);
    return { unscaled: (unscaled + divisor - 1n) / divisor, exponent: nano };
}

function signed(negative: boolean, quantity: Quantity): Quantity {
    return negative ? { unscaled: -quantity.unscaled, exponent: quantity.exponent } : quantity;
}

/** The API server holds exponents in 32 bits, and lets them wrap. */
function int32(value: number): number {
    return value | 0;
}
