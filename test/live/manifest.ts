import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";

/** A container as a manifest states it. */
export interface ContainerManifest {
    readonly name: string;
    readonly image: string;
    readonly command?: readonly string[];
    readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
    readonly readinessProbe?: object;
}

/** A pod as a manifest states it. */
export interface PodManifest {
    readonly apiVersion: string;
    readonly kind: string;
    readonly metadata: { readonly name: string; readonly labels: Record<string, string> };
    readonly spec: {
        readonly containers: readonly ContainerManifest[];
        readonly volumes: readonly { readonly name: string; readonly emptyDir?: object; readonly hostPath?: object }[];
    };
}

/** The documents' pod. */
export const manifest = parse(readFileSync(join(__dirname, "manifest.yaml"), "utf8")) as PodManifest;

/**
 * Where something differs from what is stated of it, as property paths. What is not stated is free; a list has the stated entries in
 * their order and no others.
 */
export function differences(stated: unknown, actual: unknown, path = ""): string[] {
    if (typeof stated !== "object" || stated === null) {
        return stated === actual ? [] : [`${path}: ${JSON.stringify(actual)} instead of ${JSON.stringify(stated)}`];
    }
    if (typeof actual !== "object" || actual === null) {
        return [`${path}: ${JSON.stringify(actual)} instead of ${JSON.stringify(stated)}`];
    }
    const extra = Array.isArray(stated) && Array.isArray(actual) && actual.length !== stated.length;
    return [
        ...(extra ? [`${path}: ${actual.length} entries instead of ${stated.length}`] : []),
        ...Object.entries(stated).flatMap(([key, value]) =>
            differences(value, (actual as Record<string, unknown>)[key], path === "" ? key : `${path}.${key}`),
        ),
    ];
}
