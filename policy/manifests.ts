import * as fs from "node:fs";
import * as path from "node:path";
import * as readline from "node:readline";
import { type Document, LineCounter, isMap, isSeq, parseDocument } from "yaml";

/** One document of a manifest file: a resource, or what is wrong with it. */
export interface Manifest {
    /** The file it is from, as it was asked for; `-` for standard input. */
    readonly file: string;
    /** The resource; undefined when the document is broken. */
    readonly resource: unknown;
    /** What is wrong with the document. */
    readonly errors: readonly { readonly line: number; readonly message: string }[];
    /** The line of a path like `spec.containers[0].image`, or of the nearest thing around it that is there. */
    lineOf(path: string): number;
}

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
    const input = file === "-" ? stdin : fs.createReadStream(file);
    let lines: string[] = [];
    let first = 1;
    let number = 0;
    for await (const line of readline.createInterface({ input, crlfDelay: Infinity })) {
        number += 1;
        if (/^(---|\.\.\.)(\s|$)/.test(line)) {
            yield* parse(file, lines, first);
            // What follows the marker on its line belongs to the document.
            lines = [line.startsWith("---") ? line.replace("---", "   ") : ""];
            first = number;
        } else {
            lines.push(line);
        }
    }
    yield* parse(file, lines, first);
}

function* parse(file: string, lines: readonly string[], first: number): Generator<Manifest> {
    if (lines.every((line) => /^\s*(#.*)?$/.test(line))) {
        return;
    }
    const counter = new LineCounter();
    // As kubectl reads it: YAML 1.1, so 0644 is octal, with merge keys.
    const document = parseDocument(lines.join("\n"), { version: "1.1", merge: true, lineCounter: counter });
    const at = (offset: number): number => counter.linePos(offset).line + first - 1;
    // The first alone: the others mostly follow from it.
    const errors = document.errors.slice(0, 1).map((error) => ({
        line: at(error.pos[0]),
        message: (error.message.split(" at line ")[0] ?? error.message).trim(),
    }));
    let resource: unknown;
    if (errors.length === 0) {
        try {
            resource = document.toJS();
        } catch (error) {
            // Aliases that stand for too much.
            errors.push({ line: first, message: error instanceof Error ? error.message : String(error) });
        }
    }
    yield { file, resource, errors, lineOf: (where) => at(offsetOf(document, where)) };
}

/** Where in the text a path is: its key, or its nearest holder's. */
function offsetOf(document: Document, where: string): number {
    let node: unknown = document.contents;
    let offset = document.contents?.range?.[0] ?? 0;
    for (const [, key, index] of where.matchAll(/([^.[\]]+)|\[(\d+)\]/g)) {
        if (isMap(node) && key !== undefined) {
            const pair = node.items.find((item) => String(item.key) === key);
            if (pair === undefined) {
                return offset;
            }
            offset = (pair.key as { range?: readonly number[] } | null)?.range?.[0] ?? offset;
            node = pair.value;
        } else if (isSeq(node) && index !== undefined) {
            node = node.items[Number(index)];
            offset = (node as { range?: readonly number[] } | null | undefined)?.range?.[0] ?? offset;
        } else {
            return offset;
        }
    }
    return offset;
}
