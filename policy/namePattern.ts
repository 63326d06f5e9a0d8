/**
 * A test for names: true for a name that one of the patterns matches as a whole. `*` in a pattern stands for any characters,
 * everything else for itself. Takes time in proportion to the name's length times the pattern's, whatever they are.
 */
export function namePattern(patterns: readonly string[]): (name: string) => boolean {
    let test = tests.get(patterns);
    if (test === undefined) {
        const split = patterns.map((pattern) => pattern.split("*"));
        test = (name) => split.some((parts) => matches(parts, name));
        tests.set(patterns, test);
    }
    return test;
}

/** A rule asks for the same patterns, those of its options, with each container. */
const tests = new WeakMap<readonly string[], (name: string) => boolean>();

function matches(parts: readonly string[], name: string): boolean {
    const first = parts[0] ?? "";
    const last = parts[parts.length - 1] ?? "";
    if (parts.length === 1) {
        return name === first;
    }
    if (name.length < first.length + last.length || !name.startsWith(first) || !name.endsWith(last)) {
        return false;
    }
    const end = name.length - last.length;
    let from = first.length;
    for (const part of parts.slice(1, -1)) {
        const at = name.indexOf(part, from);
        if (at === -1 || at + part.length > end) {
            return false;
        }
        from = at + part.length;
    }
    return true;
}
