import { execFile, spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { checkout, logDirectory, temporaryDirectory } from "./directories";
import { fullDisk, type Shortage, shortOf } from "./space";

/** An error that tells the user what went wrong and what to do; it is shown without a stack trace. */
export class StepError extends Error {
    public constructor(
        message: string,
        /** What the user can do about it. */
        public readonly remedy?: string,
    ) {
        super(message);
    }
}

/** A disk has not the room that is needed. */
class SpaceError extends StepError {}

/**
 * Looks whether the cache's disk has room for what comes.
 *
 * @param needed GiB
 * @throws StepError if it has not
 */
export function requireSpace(needed: number): void {
    const lack = shortOf(needed);
    if (lack !== undefined) {
        throw new SpaceError(lack.message, lack.remedy);
    }
}

/** What the user is told of an error: of the disk, where that is full; undefined where the error is not one for the user. */
function explained(error: unknown, lines: readonly string[] = []): Shortage | StepError | undefined {
    // Where nothing can be written, nothing may have told it.
    const told = [...lines, String(error)].some((line) => /no space left on device|ENOSPC/i.test(line));
    const full = error instanceof SpaceError ? undefined : fullDisk(told);
    return full ?? (error instanceof StepError ? error : undefined);
}

/** Ends the commands that still run when we are told to end. */
const interruption = new AbortController();

/** How a command is run within a step. */
export interface RunOptions {
    /** Working directory; the checkout by default. */
    readonly cwd?: string;
    /** Added to the environment. */
    readonly env?: NodeJS.ProcessEnv;
    /** Seconds after which the command is killed; none by default. */
    readonly timeout?: number;
}

/** What a command left behind. */
export interface RunResult {
    readonly ok: boolean;
    /** Standard output, trimmed at its end. */
    readonly stdout: string;
}

/** How much of a log's end is shown at most, in characters. */
const tailLength = 8_192;

/** The columns of a step's line: what is done, and its time. */
const lineWidth = 72;
const timeWidth = 8;

/** One line of progress, and the log file behind it. */
export class Step {
    private readonly started = Date.now();
    private readonly logFile: string;
    private readonly log: number;
    /** What the log ends with. Kept apart from it, because a full disk cuts it short. */
    private tail = "";
    private outcome = "";

    public constructor(private readonly title: string) {
        mkdirSync(logDirectory, { recursive: true });
        mkdirSync(temporaryDirectory, { recursive: true });
        this.logFile = join(logDirectory, `${title.toLowerCase().replace(/[^a-z0-9.]+/g, "-")}.log`);
        this.log = openSync(this.logFile, "w");
    }

    /** What the step's line says beside its title once it is done. */
    public says(outcome: string): void {
        this.outcome = outcome;
    }

    /** Runs a command whose output goes to the log. Throws when it fails. */
    public async run(command: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
        const result = await this.tries(command, args, options);
        if (!result.ok) {
            throw new StepError(`${command} ${args[0] ?? ""} failed`);
        }
        return result.stdout;
    }

    /** Runs a command that may fail. */
    public tries(command: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
        this.writes(`$ ${[command, ...args].join(" ")}\n`);
        return new Promise((resolve) => {
            const child = spawn(command, args, {
                cwd: options.cwd ?? checkout,
                env: { ...process.env, TMPDIR: temporaryDirectory, ...options.env },
                stdio: ["ignore", "pipe", "pipe"],
                timeout: options.timeout === undefined ? undefined : options.timeout * 1000,
                killSignal: options.timeout === undefined ? "SIGTERM" : "SIGKILL",
                signal: interruption.signal,
            });
            let stdout = "";
            child.stdout?.on("data", (chunk: Buffer) => {
                stdout += chunk.toString();
                this.writes(chunk);
            });
            child.stderr?.on("data", (chunk: Buffer) => {
                this.writes(chunk);
            });
            child.on("error", (error) => {
                this.writes(`${error.message}\n`);
                resolve({ ok: false, stdout: "" });
            });
            child.on("close", (code) => {
                resolve({ ok: code === 0, stdout: stdout.trimEnd() });
            });
        });
    }

    /** Adds to the log. */
    private writes(text: string | Buffer): void {
        this.tail = (this.tail + text.toString()).slice(-tailLength);
        try {
            writeSync(this.log, text.toString());
        } catch {
            // Work that does not need the disk goes on where it is full.
        }
    }

    /** The last lines of the log, without colours. */
    public lastLines(count: number): string[] {
        return stripVTControlCharacters(this.tail)
            .split(/[\r\n]+/)
            .filter((line) => line.trim() !== "")
            .slice(-count);
    }

    /** The step's line: mark, title, outcome, time; the times of lines with the same padding stand below each other. */
    public line(mark: string, padding = lineWidth): string {
        const text = this.outcome === "" ? this.title : `${this.title}: ${this.outcome}`;
        const time = duration(Date.now() - this.started);
        return `${mark} ${text.padEnd(padding)} ${padding === 0 ? time : time.padStart(timeWidth)}`;
    }

    /** What is shown when the step failed. */
    public failure(error: unknown): string {
        const lines = this.lastLines(15);
        const told = explained(error, lines);
        return [
            this.line("✗"),
            ...lines.map((line) => `    ${line}`),
            `  ${told?.message ?? (error instanceof Error ? error.message : String(error))}`,
            `  The whole log: ${this.logFile}`,
            told?.remedy ?? "  Run the same command again: what is done already is kept.",
        ].join("\n");
    }

    public close(): void {
        closeSync(this.log);
    }
}

/** Runs a short command outside any step, to learn something. It may fail; it is killed after `timeout` (20 s by default). */
export function probe(command: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
    return new Promise((resolve) => {
        execFile(
            command,
            args,
            {
                cwd: options.cwd ?? checkout,
                env: { ...process.env, ...options.env },
                timeout: (options.timeout ?? 20) * 1000,
                killSignal: "SIGKILL",
            },
            (error, stdout) => {
                resolve({ ok: error === null, stdout: stdout.trimEnd() });
            },
        );
    });
}

/** `85 s` as `1 min 25 s`. */
export function duration(milliseconds: number): string {
    const seconds = milliseconds / 1000;
    if (seconds < 60) {
        return `${seconds.toFixed(1)} s`;
    }
    return `${Math.floor(seconds / 60)} min ${Math.floor(seconds % 60)} s`;
}

const heartbeatSeconds = process.stdout.isTTY ? 1 : 30;

/** The steps at work, and how long each is about to take: two may run side by side. */
const atWork = new Map<Step, string>();

function alive(current: Step, padding: number): string {
    const about = atWork.get(current) ?? "";
    return current.line("…", padding) + (about === "" ? "" : ` of about ${about}`);
}

/** On a terminal, shows all steps at work in one line, which is written anew. */
function showAtWork(): void {
    const line = [...atWork.keys()].map((current) => alive(current, 0)).join("  ");
    process.stdout.write(`\r\x1b[K${line.slice(0, process.stdout.columns - 1)}`);
}

/** Shows that a step is alive: on a terminal by that line, elsewhere by a line of its own every 30 seconds. */
function showAlive(current: Step): void {
    if (process.stdout.isTTY) {
        showAtWork();
    } else {
        console.log(alive(current, lineWidth));
    }
}

/** Marks an error whose step has told the user already. */
const told = new WeakSet<Error>();

/**
 * Runs one step of the work and prints its line, with its time.
 *
 * @param title what is done, for the user
 * @param work does it
 * @param about how long it takes where everything has to be made, for instance `9 min`
 */
export async function step<T>(title: string, work: (current: Step) => Promise<T>, about = ""): Promise<T> {
    const current = new Step(title);
    atWork.set(current, about);
    const heartbeat = setInterval(() => {
        showAlive(current);
    }, heartbeatSeconds * 1000);
    if (process.stdout.isTTY || about !== "") {
        showAlive(current);
    }
    const clear = process.stdout.isTTY ? "\r\x1b[K" : "";
    try {
        const result = await work(current);
        console.log(clear + current.line("✓"));
        return result;
    } catch (error) {
        console.error(clear + current.failure(error));
        if (error instanceof Error) {
            told.add(error);
        }
        throw error;
    } finally {
        clearInterval(heartbeat);
        atWork.delete(current);
        current.close();
    }
}

/** Runs a command's main function: a failure is told once, and is the exit code. */
export function main(work: () => Promise<void>): void {
    for (const [signal, code] of [
        ["SIGINT", 130],
        ["SIGTERM", 143],
    ] as const) {
        process.once(signal, () => {
            console.error("\nInterrupted. Run the same command again to go on: what is done already is kept.");
            interruption.abort();
            process.exit(code);
        });
    }
    work().catch((error: unknown) => {
        if (!(error instanceof Error) || !told.has(error)) {
            const known = explained(error);
            console.error(known === undefined ? error : `✗ ${known.message}\n  ${known.remedy?.trim() ?? ""}`);
        }
        // What runs beside the failed step.
        interruption.abort();
        process.exit(1);
    });
}
