import { quoteName, read } from "./podTemplate";

/** What to call a resource: `Deployment shop/web`. A name that is not a proper one is left out. */
export function resourceLabel(resource: unknown, kind: unknown = read(resource, "kind")): string {
    const proper = (value: unknown): string | undefined =>
        typeof value === "string" && quoteName(value) !== undefined ? value : undefined;
    const name = proper(read(resource, "metadata", "name"));
    const namespace = proper(read(resource, "metadata", "namespace"));
    const full = [namespace, name].filter((part) => part !== undefined).join("/");
    return [typeof kind === "string" && /^[A-Za-z0-9]+$/.test(kind) ? kind : "resource", full].join(" ").trim();
}
