/** One document of a file, or one item of a list in it. */
export interface SourceDocument {
    readonly lines: readonly string[];
    /** The number of its first line in the file, from 1. */
    readonly first: number;
}

/** How kubectl writes a list: its first lines, how an item begins, and what the item's other lines begin with. */
interface Listing {
    readonly head: readonly string[];
    readonly first: string;
    readonly more: string;
}

/** `kubectl get --output yaml` and `--output json`: everything in a cluster is one document, of any length. */
const listings: readonly Listing[] = [
    { head: ["apiVersion: v1", "items:"], first: "- ", more: "  " },
    { head: ["{", '    "apiVersion": "v1",', '    "items": ['], first: "        {", more: "        " },
];

/**
 * The documents of a YAML or JSON file, one at a time: no more than one of them is held in memory. Each item of a list that
 * kubectl wrote comes as a document of its own, and the list without its items as the last one.
 */
export async function* splitDocuments(input: NodeJS.ReadableStream): AsyncGenerator<SourceDocument> {
    let number = 0;
    let document: string[] = [];
    let listing: Listing | undefined;
    let item: string[] = [];
    const before = (lines: readonly string[]): SourceDocument => ({ lines, first: number - lines.length });
    for await (const lines of linesOf(input)) {
        for (const line of lines) {
            number += 1;
            const begins = listing !== undefined && line.startsWith(listing.first);
            if (!begins && item.length > 0 && (line === "" || line.startsWith(listing!.more))) {
                item.push(line === "        }," ? "        }" : line);
                continue;
            }
            if (item.length > 0) {
                yield before(item);
                item = [];
            }
            if (begins) {
                item.push(line.replace("- ", "  "));
            } else if (/^(---|\.\.\.)(\s|$)/.test(line)) {
                yield before(document);
                // What follows the marker on its line belongs to the document.
                document = [line.startsWith("---") ? line.replace("---", "   ") : ""];
                listing = undefined;
            } else {
                document.push(line);
                listing ??= listings.find(({ head }) => isHead(head, document));
            }
        }
    }
    number += 1;
    yield before(item);
    yield before(document);
}

function isHead(head: readonly string[], lines: readonly string[]): boolean {
    return lines.length === head.length && head.every((line, index) => line === lines[index]);
}

/** The input's lines, as many at a time as come in one chunk. */
async function* linesOf(input: NodeJS.ReadableStream): AsyncGenerator<readonly string[]> {
    input.setEncoding("utf8");
    let rest = "";
    for await (const chunk of input as AsyncIterable<string>) {
        // A single line of many chunks is put together once, not at each of them.
        if (chunk.includes("\n")) {
            const lines = (rest + chunk).split("\n");
            rest = lines.pop()!;
            yield lines;
        } else {
            rest += chunk;
        }
    }
    yield [rest];
}
