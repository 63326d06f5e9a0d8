import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import {
    appendFileSync,
    chmodSync,
    mkdtempSync,
    renameSync,
    rmSync,
    symlinkSync,
    truncateSync,
    writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { emptyDir, logReader, type LogReaderArgs, type SidecarArgs } from "../../../../components";
import { mistakesOf } from "../inputErrors";

const volume = emptyDir("logs");
const plain: LogReaderArgs = {
    name: "reader",
    logs: volume.readOnlyAt("/var/log/nginx"),
    files: ["access.log", "error.log"],
};

describe("logReader", () => {
    it("takes the documents' command literally, without probes of ours", () => {
        const command = [
            "sh",
            "-c",
            "while true; do cat /var/log/nginx/access.log /var/log/nginx/error.log; sleep 30; done",
        ];
        const sidecar = logReader({ ...plain, command });
        assert.deepEqual(sidecar.command, command);
        assert.equal(sidecar.readinessProbe, undefined);
        assert.equal(sidecar.livenessProbe, undefined);
    });

    it("lets every field of the container be overridden", () => {
        const securityContext = { runAsUser: 0 };
        assert.equal(logReader({ ...plain, securityContext }).securityContext, securityContext);
        assert.equal(logReader({ ...plain, native: true }).native, true);
        assert.equal(logReader({ ...plain, image: "busybox" }).image, "busybox");
    });

    const plainName = `is not a plain file name: letters, digits, ".", "_" and "-", not beginning with "." or "-"`;
    const bad: [string, Partial<LogReaderArgs>, string[]][] = [
        ["a name of a file with /", { files: ["a/b.log"] }, [`logReader.files[0]: "a/b.log" ${plainName}`]],
        ["..", { files: ["a.log", ".."] }, [`logReader.files[1]: ".." ${plainName}`]],
        [
            "a name with shell characters",
            { files: ["$(reboot).log"] },
            [`logReader.files[0]: "$(reboot).log" ${plainName}`],
        ],
        ["a name with a space", { files: ["a b"] }, [`logReader.files[0]: "a b" ${plainName}`]],
        ["a name with a line end", { files: ["a\n"] }, [`logReader.files[0]: "a\\n" ${plainName}`]],
        ["a name like an option", { files: ["-f"] }, [`logReader.files[0]: "-f" ${plainName}`]],
        ["an empty name of a file", { files: [""] }, [`logReader.files[0]: "" ${plainName}`]],
        ["a file named twice", { files: ["a", "a"] }, [`logReader.files[1]: "a" stands in the list already`]],
        ["no files", { files: [] }, ["logReader.files: needs at least one file"]],
        [
            "an interval of 0",
            { intervalSeconds: 0 },
            ["logReader.intervalSeconds: 0 is not a number of seconds above 0"],
        ],
        [
            "an interval below 0",
            { intervalSeconds: -1 },
            ["logReader.intervalSeconds: -1 is not a number of seconds above 0"],
        ],
        [
            "no interval",
            { intervalSeconds: NaN },
            ["logReader.intervalSeconds: NaN is not a number of seconds above 0"],
        ],
        ["an empty command", { command: [] }, ["logReader.command: must not be empty"]],
        [
            "an unknown mode",
            { mode: "once" as "follow" },
            [`logReader.mode: "once" is neither "follow" nor "snapshot"`],
        ],
        ["an empty container name", { name: "" }, ["logReader.name: must not be empty"]],
        [
            "a relative path",
            { logs: volume.readOnlyAt("logs") },
            [`logReader.logs.path: "logs" is not absolute: it must begin with "/"`],
        ],
        [
            "a path that a shell would read differently",
            { logs: volume.readOnlyAt("/logs;reboot") },
            [`logReader.logs.path: "/logs;reboot" may hold letters, digits, ".", "_", "-" and "/" only`],
        ],
    ];
    for (const [what, changes, expected] of bad) {
        it(`refuses ${what}`, () => {
            assert.deepEqual(
                mistakesOf(() => logReader({ ...plain, ...changes })),
                expected,
            );
        });
    }
});

/** A log reader that really runs, in the shells that there are. */
class Running {
    readonly directory = mkdtempSync(join(tmpdir(), "log-reader-"));
    readonly sidecar: SidecarArgs;
    output = "";
    complaints = "";
    private process?: ChildProcess;
    private ended?: Promise<number | null>;

    constructor(
        private readonly searchPath: string | undefined,
        args: Partial<LogReaderArgs> = {},
    ) {
        this.sidecar = logReader({ ...plain, ...args, logs: volume.readOnlyAt(this.directory) });
    }

    start(): void {
        const [shell, ...rest] = this.sidecar.command as string[];
        const child = spawn(shell!, rest, { env: { PATH: this.searchPath } });
        child.stdout.on("data", (chunk: Buffer) => (this.output += chunk.toString()));
        child.stderr.on("data", (chunk: Buffer) => (this.complaints += chunk.toString()));
        this.ended = new Promise((resolve) => child.on("close", resolve));
        this.process = child;
    }

    append(file: string, text: string): void {
        appendFileSync(join(this.directory, file), text);
    }

    path(file: string): string {
        return join(this.directory, file);
    }

    /** Waits until the output is this, and that nothing follows. */
    async prints(expected: string): Promise<void> {
        for (let waited = 0; waited < 4000 && this.output.length < expected.length; waited += 20) {
            await sleep(20);
        }
        assert.equal(this.output, expected);
    }

    /** The exit code after TERM, and how many milliseconds it took. */
    async terminate(): Promise<{ code: number | null; ms: number }> {
        const start = performance.now();
        this.process!.kill("SIGTERM");
        return { code: await this.ended!, ms: performance.now() - start };
    }

    async remove(): Promise<void> {
        this.process?.kill("SIGTERM");
        await this.ended;
        rmSync(this.directory, { recursive: true, force: true });
    }
}

/** Where the commands are that a script finds: this machine's, and BusyBox's where it is installed. */
const toolboxes: [string, string | undefined][] = [["this machine's tools", process.env.PATH]];
const busybox = spawnSync("sh", ["-c", "command -v busybox"]).stdout.toString().trim();
if (busybox !== "") {
    const directory = mkdtempSync(join(tmpdir(), "busybox-"));
    for (const tool of ["sh", "tail", "cat", "sleep"]) {
        symlinkSync(busybox, join(directory, tool));
    }
    chmodSync(directory, 0o755);
    toolboxes.push(["BusyBox", directory]);
    after(() => {
        rmSync(directory, { recursive: true });
    });
}

for (const [name, path] of toolboxes) {
    describe(`the log reader's script with ${name}`, () => {
        let reader: Running;

        function start(args: Partial<LogReaderArgs> = {}): Running {
            reader = new Running(path, args);
            return reader;
        }

        afterEach(() => reader.remove());

        it("prints each line of both files once, from the first line on, and nothing else", async () => {
            start();
            reader.append("access.log", "a1\n");
            reader.start();
            await reader.prints("a1\n");
            reader.append("error.log", "e1\n");
            await reader.prints("a1\ne1\n");
            reader.append("access.log", "a2\n");
            await reader.prints("a1\ne1\na2\n");
            await sleep(300);
            assert.equal(reader.output, "a1\ne1\na2\n");
            assert.equal(reader.complaints, "");
        });

        it("picks up a file that appears later", async () => {
            start().start();
            await sleep(200);
            reader.append("access.log", "first\n");
            await reader.prints("first\n");
            assert.equal(reader.complaints, "");
        });

        it("goes on after a rotation", async () => {
            start();
            reader.append("access.log", "old\n");
            reader.start();
            await reader.prints("old\n");
            renameSync(reader.path("access.log"), reader.path("access.log.1"));
            writeFileSync(reader.path("access.log"), "new\n");
            await reader.prints("old\nnew\n");
            reader.append("access.log", "newer\n");
            await reader.prints("old\nnew\nnewer\n");
        });

        it("goes on after a truncation", async () => {
            start();
            reader.append("access.log", "a long first line\n");
            reader.start();
            await reader.prints("a long first line\n");
            truncateSync(reader.path("access.log"));
            await sleep(300);
            reader.append("access.log", "short\n");
            await reader.prints("a long first line\nshort\n");
        });

        it("ends at once on TERM, with code 0", async () => {
            start();
            reader.append("access.log", "up\n");
            reader.start();
            await reader.prints("up\n");
            const { code, ms } = await reader.terminate();
            assert.equal(code, 0);
            assert.ok(ms < 2000, `took ${ms} ms`);
        });

        it("prints the files as a whole again and again in snapshot mode", async () => {
            start({ mode: "snapshot", intervalSeconds: 0.3 });
            reader.append("access.log", "a\n");
            reader.append("error.log", "e\n");
            reader.start();
            await reader.prints("a\ne\n");
            await reader.prints("a\ne\na\ne\n");
        });

        it("ends at once on TERM in the middle of an interval", async () => {
            start({ mode: "snapshot", intervalSeconds: 30 });
            reader.append("access.log", "a\n");
            reader.append("error.log", "e\n");
            reader.start();
            await reader.prints("a\ne\n");
            const { code, ms } = await reader.terminate();
            assert.equal(code, 0);
            assert.ok(ms < 2000, `took ${ms} ms`);
        });

        it("is ready before there is any log, and not when a log cannot be read", () => {
            start();
            chmodSync(reader.directory, 0o755);
            const [command, ...rest] = (reader.sidecar.readinessProbe as { exec: { command: string[] } }).exec.command;
            const nobody = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
            const probe = () => spawnSync(command!, rest, { env: { PATH: path }, ...nobody });
            assert.equal(probe().status, 0);
            reader.append("access.log", "a\n");
            assert.equal(probe().status, 0);
            chmodSync(reader.path("access.log"), 0);
            const failed = probe();
            assert.equal(failed.status, 1);
            assert.equal(failed.stdout.toString(), `cannot read ${reader.path("access.log")}\n`);
        });
    });
}

describe("the log reader's script with GNU tail", () => {
    it("prints what is still written to a renamed file before it is opened again", async function () {
        if (!spawnSync("tail", ["--version"]).stdout.includes("GNU coreutils")) {
            this.skip();
        }
        const reader = new Running(process.env.PATH);
        reader.append("access.log", "old\n");
        reader.start();
        await reader.prints("old\n");
        // The lines before keep tail from looking for a new file just now.
        reader.append("access.log", "last\n");
        renameSync(reader.path("access.log"), reader.path("access.log.1"));
        reader.append("access.log.1", "late\n");
        writeFileSync(reader.path("access.log"), "new\n");
        await reader.prints("old\nlast\nlate\nnew\n");
        await reader.remove();
    });
});
