import * as pulumi from "@pulumi/pulumi";

import { InputErrors, renamingPaths } from "./inputErrors";
import type { LocalClusterArgs } from "./localCluster";
import { checkedArgs, type WebserverArgs } from "./webserver";

/** What a stack's config says. */
export interface StackConfig {
    readonly cluster: LocalClusterArgs;
    readonly webserver: Omit<WebserverArgs, "cluster" | "transforms">;
}

/** The kind of value that a key takes, and for an object the kinds of its own keys. */
type Kind = "string" | "integer" | "number" | "boolean" | "strings" | "dictionary" | { readonly [key: string]: Kind };

const RESOURCES: Kind = { requests: "dictionary", limits: "dictionary" };

const KEYS = {
    context: "string",
    allowContext: "string",
    name: "string",
    namespace: "string",
    labels: "dictionary",
    annotations: "dictionary",
    nginx: { name: "string", image: "string", resources: RESOURCES },
    reader: {
        name: "string",
        image: "string",
        mode: "string",
        intervalSeconds: "number",
        command: "strings",
        native: "boolean",
        resources: RESOURCES,
    },
    logs: { name: "string", path: "string", sizeLimit: "string", files: "strings" },
    workload: "string",
    replicas: "integer",
    service: { type: "string", port: "integer" },
    readiness: { timeoutSeconds: "number", graceSeconds: "number" },
} satisfies Record<string, Kind>;

/**
 * Reads the webserver's config from the stack, under the namespace `sidecars`.
 *
 * Its keys are those of {@link WebserverArgs}. An empty object or text counts as not given.
 *
 * @param name the component's name, see {@link WebserverArgs.name}.
 * @throws InvalidInputError for unknown keys, wrong types and everything that the webserver itself would refuse, each
 * with its key.
 */
export function stackConfig(name: string): StackConfig {
    const errors = new InputErrors();
    const values: Record<string, unknown> = {};
    for (const [fullKey, raw] of Object.entries(pulumi.runtime.allConfig())) {
        const [namespace, key = ""] = fullKey.split(/:(.*)/s);
        if (namespace !== "sidecars") {
            continue;
        }
        const kind = own(KEYS, key);
        if (kind === undefined) {
            errors.add(fullKey, `is not a config key${suggestion(key, Object.keys(KEYS))}`);
            continue;
        }
        const value = kind === "string" ? raw : parsed(raw);
        check(fullKey, value, kind, errors);
        if (!isEmpty(value)) {
            values[key] = value;
        }
    }
    errors.throwIfAny();

    const { context, allowContext, ...rest } = values as LocalClusterArgs & StackConfig["webserver"];
    // The project's default for replicas is 1, which is what a bare Pod has anyway.
    const webserver = rest.replicas === 1 && rest.workload !== "Deployment" ? { ...rest, replicas: undefined } : rest;
    renamingPaths(
        (path) => `sidecars:${path}`,
        () => checkedArgs(name, webserver),
    );
    return { cluster: { context, allowContext }, webserver };
}

function own(kinds: Record<string, Kind>, key: string): Kind | undefined {
    return Object.hasOwn(kinds, key) ? kinds[key] : undefined;
}

function parsed(raw: string): unknown {
    try {
        return JSON.parse(raw);
    } catch {
        return raw;
    }
}

function isEmpty(value: unknown): boolean {
    return value === "" || (typeof value === "object" && value !== null && Object.keys(value).length === 0);
}

function check(path: string, value: unknown, kind: Kind, errors: InputErrors): void {
    const found = JSON.stringify(value);
    if (typeof kind !== "string") {
        if (!isObject(value)) {
            errors.add(path, `must be an object with the keys ${Object.keys(kind).join(", ")}, and is ${found}`);
            return;
        }
        for (const [key, inner] of Object.entries(value)) {
            const innerKind = own(kind, key);
            if (innerKind === undefined) {
                errors.add(`${path}.${key}`, `is not a config key${suggestion(key, Object.keys(kind))}`);
            } else {
                check(`${path}.${key}`, inner, innerKind, errors);
            }
        }
    } else if (!FITS[kind].test(value)) {
        errors.add(path, `must be ${FITS[kind].noun}, and is ${found}`);
    }
}

const FITS: Record<Extract<Kind, string>, { noun: string; test: (value: unknown) => boolean }> = {
    string: { noun: "a text", test: (value) => typeof value === "string" },
    integer: { noun: "a whole number", test: Number.isInteger },
    number: { noun: "a number", test: (value) => typeof value === "number" },
    boolean: { noun: "true or false", test: (value) => typeof value === "boolean" },
    strings: {
        noun: "a list of texts",
        test: (value) => Array.isArray(value) && value.every((item) => typeof item === "string"),
    },
    dictionary: {
        noun: "an object whose values are texts",
        test: (value) => isObject(value) && Object.values(value).every((item) => typeof item === "string"),
    },
};

function isObject(value: unknown): value is Record<string, unknown> {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}

function suggestion(key: string, known: string[]): string {
    const near = known
        .map((candidate) => ({ candidate, edits: distance(key.toLowerCase(), candidate.toLowerCase()) }))
        .sort((a, b) => a.edits - b.edits)[0];
    return near !== undefined && near.edits <= 2
        ? `. Did you mean "${near.candidate}"?`
        : `. There are ${known.join(", ")}`;
}

/** Levenshtein's distance. */
function distance(a: string, b: string): number {
    let row = Array.from({ length: b.length + 1 }, (_, index) => index);
    for (let i = 1; i <= a.length; i++) {
        const next = [i];
        for (let j = 1; j <= b.length; j++) {
            const changed = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
            next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, changed));
        }
        row = next;
    }
    return row[b.length]!;
}
