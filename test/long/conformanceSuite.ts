import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";

/** Tests of the Kubernetes project that belong together. */
export interface Group {
    readonly title: string;
    /** Their full names. */
    readonly tests: readonly string[];
}

/** Reads a list of tests: a group begins with a line `## TITLE`, every other line that is no comment is a test's name. */
export function readGroups(file: string): Group[] {
    const groups: { title: string; tests: string[] }[] = [];
    for (const line of readFileSync(file, "utf8").split("\n")) {
        if (line.startsWith("## ")) {
            groups.push({ title: line.slice(3), tests: [] });
        } else if (line !== "" && !line.startsWith("#")) {
            groups.at(-1)!.tests.push(line);
        }
    }
    return groups;
}

/** What became of one test: a line of what `conformance` writes. */
export interface Result {
    readonly name: string;
    readonly state: string;
    readonly seconds?: number;
    readonly message?: string;
    readonly location?: string;
    readonly output?: string;
}

/** A regular expression of Go's syntax that matches a text as it is. */
function quoted(text: string): string {
    return text.replace(/[\\.+*?()|[\]{}^$]/g, "\\$&");
}

/** How a process that ran tests ended, which its results must agree with. */
export interface End {
    readonly code: number | null;
    readonly results: readonly Result[];
    /** How many tests it says at its end that it ran, which is not what it told of each. */
    readonly ran: number | undefined;
    /** The last that it printed. */
    readonly output: string;
}

/** The results of tests, each of which can be awaited before it is there. */
export class Results {
    /** How each process ends. */
    public readonly ends: Promise<End>[] = [];
    private readonly arrivals = new Map<string, { promise: Promise<Result>; arrive: (result: Result) => void }>();

    public constructor(names: readonly string[]) {
        for (const name of names) {
            let arrive!: (result: Result) => void;
            const promise = new Promise<Result>((resolve) => (arrive = resolve));
            this.arrivals.set(name, { promise, arrive });
        }
    }

    public of(name: string): Promise<Result> {
        return this.arrivals.get(name)!.promise;
    }

    /** Adds a result. One that is there already is kept. */
    public add(result: Result): void {
        this.arrivals.get(result.name)?.arrive(result);
    }
}

/** What speaks against a process's results; nothing where they can be believed. */
export function contradictions({ code, results, ran }: End): string[] {
    const names = results.map(({ name }) => name);
    const failed = results.some(({ state }) => state !== "passed" && state !== "skipped");
    const started = results.filter(({ state }) => state !== "skipped").length;
    return [
        ...names.filter((name, index) => names.indexOf(name) !== index).map((name) => `told twice: ${name}`),
        ...((code !== 0) === failed ? [] : [`it ended by ${code}, and ${failed ? "a" : "no"} test of its failed`]),
        ...(ran !== undefined && ran >= started && ran <= results.length
            ? []
            : [`it ran ${ran ?? "no"} tests, and told of ${results.length}`]),
    ];
}

/**
 * Runs tests on a cluster, several at a time, and tells the result of each as soon as it is known. A test whose process
 * ended without a result counts as failed.
 *
 * @param binary the command `conformance`
 * @param kubeconfig the file whose current context's cluster is tested
 * @param names full names of tests
 * @param processes how many tests run at a time
 */
export function runConformance(
    binary: string,
    kubeconfig: string,
    names: readonly string[],
    processes: number,
): Results {
    const results = new Results(names);
    for (let index = 0; index < processes; index++) {
        const share = names.filter((_, position) => position % processes === index);
        const child = spawn(
            binary,
            [
                "--provider=local",
                `--kubeconfig=${kubeconfig}`,
                "--ginkgo.no-color",
                "--ginkgo.v",
                ...share.map((name) => `--ginkgo.focus= ${quoted(name)}$`),
            ],
            { stdio: ["ignore", "pipe", "pipe", "pipe"] },
        );
        let output = "";
        for (const stream of [child.stdout, child.stderr]) {
            stream?.on("data", (chunk: Buffer) => (output = (output + chunk.toString()).slice(-8_000)));
        }
        const told: Result[] = [];
        createInterface({ input: child.stdio[3] as Readable }).on("line", (line) => {
            const result = JSON.parse(line) as Result;
            told.push(result);
            results.add(result);
        });
        results.ends.push(
            new Promise((resolve) => {
                const ended = (how: string, code: number | null): void => {
                    for (const name of share) {
                        results.add({ name, state: "failed", message: `${how} without a result of this test`, output });
                    }
                    const ran = /^Ran (\d+) of \d+ Specs/m.exec(output)?.[1];
                    resolve({ code, results: told, ran: ran === undefined ? undefined : Number(ran), output });
                };
                child.on("error", (error) => {
                    ended(error.message, null);
                });
                child.on("close", (code, signal) => {
                    ended(`the tests' process ended by ${signal ?? code}`, code);
                });
            }),
        );
    }
    return results;
}

/**
 * The image for want of which a test failed, if it is that.
 *
 * @param images those of the tests' pods; one that a test takes from elsewhere is its own business
 */
export function missingImage({ output = "" }: Result, images: readonly string[]): string | undefined {
    const wanted = [...output.matchAll(/(?:Failed to pull image|Back-off pulling image) \\?"([^"\\]+)/g)];
    return wanted.map(([, image = ""]) => image).find((image) => images.includes(image));
}
