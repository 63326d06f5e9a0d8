import * as fs from "node:fs";
import * as path from "node:path";
import {
    CORE_SCHEMA,
    EVENT_ID,
    YAMLException,
    boolYaml11Tag,
    getScalarValue,
    intYaml11Tag,
    load,
    mergeTag,
    nullYaml11Tag,
    parseEvents,
} from "js-yaml";
import { type SourceDocument, splitDocuments } from "./documents";

/** One document of a manifest file: a resource, or what is wrong with it. */
export interface Manifest {
    /** The file it is from, as it was asked for; `-` for standard input. */
    readonly file: string;
    /** The resource; undefined when the document is broken. */
    readonly resource: unknown;
    /** What is wrong with the document. */
    readonly error?: { readonly line: number; readonly message: string };
    /** The line of a path like `spec.containers[0].image`, or of the nearest thing around it that is there. */
    lineOf(path: string): number;
}

/** YAML as kubectl reads it: version 1.1, so that 0644 is octal, with merge keys; a date is a text. */
const kubectlSchema = CORE_SCHEMA.withTags(nullYaml11Tag, boolYaml11Tag, intYaml11Tag, mergeTag);

const extensions = new Set([".yaml", ".yml", ".json"]);
const skipped = new Set([".git", "node_modules"]);

/** The manifest files below a directory, sorted; a file is itself. Throws when there is no such file. */
export function manifestFiles(target: string): string[] {
    if (target === "-" || !fs.statSync(target).isDirectory()) {
        return [target];
    }
    return fs
        .readdirSync(target, { withFileTypes: true })
        .sort((a, b) => (a.name < b.name ? -1 : 1))
        .flatMap((entry) => {
            const file = path.join(target, entry.name);
            if (entry.isDirectory()) {
                return skipped.has(entry.name) ? [] : manifestFiles(file);
            }
            return extensions.has(path.extname(entry.name)) ? [file] : [];
        });
}

/** The documents of a YAML or JSON file, one at a time: no more than one of them is held in memory. */
export async function* readManifests(file: string, stdin: NodeJS.ReadableStream): AsyncGenerator<Manifest> {
    for await (const document of splitDocuments(file === "-" ? stdin : fs.createReadStream(file))) {
        if (!document.lines.every((line) => /^\s*(#.*)?$/.test(line))) {
            yield parse(file, document);
        }
    }
}

function parse(file: string, { lines, first }: SourceDocument): Manifest {
    const text = lines.join("\n");
    try {
        const resource = parseYaml(text);
        let places: Place | undefined;
        const lineOf = (where: string): number => {
            places ??= placesIn(text);
            return first + lineIn(places, where);
        };
        return { file, resource, lineOf };
    } catch (error) {
        const mark = error instanceof YAMLException ? error.mark : undefined;
        const message = error instanceof YAMLException ? error.reason : String(error);
        const line = first + (mark?.line ?? 0);
        return { file, resource: undefined, error: { line, message }, lineOf: () => line };
    }
}

/** The value of one YAML or JSON document, read as kubectl does. Throws a YAMLException that says where the text is broken. */
export function parseYaml(text: string): unknown {
    if (text.trimStart().startsWith("{")) {
        try {
            return JSON.parse(text) as unknown;
        } catch {
            // Not JSON, but it may be YAML.
        }
    }
    return load(text, { schema: kubectlSchema });
}

/** Where a value begins in its text, and what it holds: by key, or by index. */
interface Place {
    /** Lines before it. */
    readonly line: number;
    readonly parts: ReadonlyMap<string, Place>;
}

/** Where everything is in a text that could be read. */
function placesIn(text: string): Place {
    const events = parseEvents(text, {});
    let next = 0;
    let line = 0;
    let lineEnd = text.indexOf("\n");
    // Events come in the text's order.
    const lineAt = (offset: number): number => {
        while (lineEnd !== -1 && lineEnd < offset) {
            line += 1;
            lineEnd = text.indexOf("\n", lineEnd + 1);
        }
        return line;
    };
    const visit = (): Place & { readonly key: string } => {
        const event = events[next]!;
        next += 1;
        const parts = new Map<string, Place>();
        if (event.type === EVENT_ID.SCALAR) {
            return { line: lineAt(event.valueStart), parts, key: getScalarValue(text, event) };
        }
        if (event.type === EVENT_ID.ALIAS || event.type === EVENT_ID.POP) {
            return { line, parts, key: "" };
        }
        const begin = event.type === EVENT_ID.DOCUMENT ? 0 : lineAt(event.start);
        while (events[next]!.type !== EVENT_ID.POP) {
            const part = visit();
            if (event.type === EVENT_ID.MAPPING) {
                parts.set(part.key, { line: part.line, parts: visit().parts });
            } else {
                parts.set(String(parts.size), part);
            }
        }
        next += 1;
        return { line: begin, parts, key: "" };
    };
    return visit().parts.get("0")!;
}

/** The line of a path: that of its key, or its nearest holder's. */
function lineIn(root: Place, where: string): number {
    let place = root;
    for (const [, key, index] of where.matchAll(/([^.[\]]+)|\[(\d+)\]/g)) {
        const part = place.parts.get(key ?? index!);
        if (part === undefined) {
            break;
        }
        place = part;
    }
    return place.line;
}
