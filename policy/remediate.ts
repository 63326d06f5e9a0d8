import { type ConfiguredRule, evaluate } from "./evaluate";
import { type Resource, podTemplates, read } from "./podTemplate";
import type { Fix } from "./rule";

/**
 * Puts right in place what a rule has a fix for, in all pods of a resource, and returns whether there was anything.
 * What is secret stays secret, as only single values are written. What is not known yet is not touched.
 */
export function remediate(rule: ConfiguredRule, resource: Resource, today: string): boolean {
    const fixed = podTemplates(resource)
        .flatMap((pod) => evaluate(rule, pod, today))
        .map(({ path, fix }) => fix !== undefined && write(resource.props, path, fix));
    return fixed.includes(true);
}

/** Writes a value at a path, and the objects around it that are not there. False where something else is in their place. */
function write(props: unknown, path: string, value: Fix): boolean {
    let holder = props;
    let last = "";
    for (const [key] of path.matchAll(/[^.[\]]+/g)) {
        if (last !== "") {
            if (read(holder, last) === undefined) {
                (holder as Record<string, unknown>)[last] = {};
            }
            holder = read(holder, last);
        }
        if (typeof holder !== "object" || holder === null || Array.isArray(holder) !== /^\d+$/.test(key)) {
            return false;
        }
        last = key;
    }
    (holder as Record<string, unknown>)[last] = value;
    return true;
}
