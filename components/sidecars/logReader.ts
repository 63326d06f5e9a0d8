import type * as pulumi from "@pulumi/pulumi";

import { InputErrors } from "../inputErrors";
import { dnsLabelProblem, mountPathProblem, type Resources, type SidecarArgs } from "../podSpec";
import type { Mount } from "../sharedVolume";

const DEFAULT_RESOURCES = {
    requests: { cpu: "10m", memory: "16Mi" },
    limits: { cpu: "100m", memory: "64Mi", "ephemeral-storage": "64Mi" },
} satisfies Resources;

/** How a log reader reads: see {@link LogReaderArgs.mode}. */
export type LogReaderMode = "follow" | "snapshot";

export interface LogReaderArgs extends Omit<
    SidecarArgs,
    "name" | "image" | "mounts" | "command" | "args" | "resources" | "native"
> {
    /** The container's name. */
    name: string;
    /**
     * An image with `sh`, `tail`, `cat` and `sleep`, from GNU, BusyBox or uutils.
     *
     * @default "ubuntu:latest"
     */
    image?: pulumi.Input<string>;
    /** The mount in which the log files are. Best taken with `readOnlyAt`: the reader never writes. */
    logs: Mount;
    /** Names of the log files, directly in `logs`. They may appear later. */
    files: string[];
    /**
     * - `"follow"`: prints each line once, from the files' first line on, within 200 ms (within 1 s in BusyBox, whose
     *   tail counts in whole seconds); across rotation and truncation. A log that is renamed should be opened anew soon
     *   after, as logrotate's postrotate does.
     * - `"snapshot"`: prints the files as a whole every `intervalSeconds`, so each line again and again.
     *
     * @default "follow"
     */
    mode?: LogReaderMode;
    /**
     * Seconds between two snapshots.
     *
     * @default 30
     */
    intervalSeconds?: number;
    /**
     * Runs this instead, taken literally, and without probes unless given here: nothing is known about it.
     *
     * @default our own script for `mode`
     */
    command?: string[];
    /**
     * @default { requests: { cpu: "10m", memory: "16Mi" }, limits: { cpu: "100m", memory: "64Mi", "ephemeral-storage": "64Mi" } }
     */
    resources?: Resources;
    /**
     * A native sidecar instead of an ordinary container, see {@link SidecarArgs.native}.
     *
     * @default false
     */
    native?: boolean;
}

/**
 * A sidecar that prints log files of the main container to its own output, where `kubectl logs` and log collectors see
 * them. It runs as nobody, without capabilities and with a read-only root.
 *
 * @throws InvalidInputError with the property path of each mistake.
 * @example
 * const logs = emptyDir("shared-logs");
 * logReader({ name: "reader", logs: logs.readOnlyAt("/var/log/nginx"), files: ["access.log", "error.log"] });
 */
export function logReader(args: LogReaderArgs): SidecarArgs {
    const {
        image = "ubuntu:latest",
        logs,
        files,
        mode = "follow",
        intervalSeconds = 30,
        command,
        resources = DEFAULT_RESOURCES,
        ...rest
    } = args;
    check(args);
    const paths = files.map((file) => `${logs.path.replace(/\/+$/, "")}/${file}`);
    const script = mode === "follow" ? followScript(paths) : snapshotScript(paths, intervalSeconds);
    return {
        command: command ?? ["sh", "-c", script],
        ...(command === undefined ? probes(paths) : {}),
        securityContext: {
            allowPrivilegeEscalation: false,
            capabilities: { drop: ["ALL"] },
            readOnlyRootFilesystem: true,
            runAsNonRoot: true,
            // nobody, in Debian, Ubuntu, Alpine and BusyBox alike.
            runAsUser: 65534,
            runAsGroup: 65534,
            seccompProfile: { type: "RuntimeDefault" },
        },
        ...rest,
        image,
        resources,
        mounts: [logs],
    };
}

function check({ name, logs, files, mode, intervalSeconds, command }: LogReaderArgs): void {
    const errors = new InputErrors();
    const nameProblem = dnsLabelProblem(name);
    if (nameProblem !== undefined) {
        errors.add("logReader.name", nameProblem);
    }
    const pathProblem = mountPathProblem(logs.path);
    if (pathProblem !== undefined) {
        errors.add("logReader.logs.path", pathProblem);
    } else if (!/^[A-Za-z0-9._/-]+$/.test(logs.path)) {
        errors.add("logReader.logs.path", `"${logs.path}" may hold letters, digits, ".", "_", "-" and "/" only`);
    }
    if (files.length === 0 && command === undefined) {
        errors.add("logReader.files", "needs at least one file");
    }
    files.forEach((file, index) => {
        // The names stand in a shell script, so everything that a shell could read as more than a name is refused.
        if (!/^[A-Za-z0-9_][A-Za-z0-9._-]*$/.test(file)) {
            errors.add(
                `logReader.files[${index}]`,
                `${JSON.stringify(file)} is not a plain file name: letters, digits, ".", "_" and "-", not beginning with "." or "-"`,
            );
        } else if (files.indexOf(file) !== index) {
            errors.add(`logReader.files[${index}]`, `"${file}" stands in the list already`);
        }
    });
    if (mode !== undefined && mode !== "follow" && mode !== "snapshot") {
        errors.add("logReader.mode", `${JSON.stringify(mode)} is neither "follow" nor "snapshot"`);
    }
    if (intervalSeconds !== undefined && !(Number.isFinite(intervalSeconds) && intervalSeconds > 0)) {
        errors.add("logReader.intervalSeconds", `${intervalSeconds} is not a number of seconds above 0`);
    }
    if (command !== undefined && (command.length === 0 || command[0] === "")) {
        errors.add("logReader.command", "must not be empty");
    }
    errors.throwIfAny();
}

/*
 * Both scripts wait in the background: the shell is process 1 of its container, which ignores TERM unless it traps it,
 * and a trap runs only after the command in the foreground has ended.
 */
const TRAP = `trap 'kill "$!" 2>/dev/null; exit 0' TERM INT`;

/**
 * GNU tail looks 33 times a second instead of waiting for inotify, which makes it leave a renamed file at once: lines
 * that are still written to it, between a rotation's rename and the reopening, would be lost. What tail itself says
 * (headers, "file truncated", "has appeared") is none of the log's lines, so it is left out.
 */
function followScript(paths: string[]): string {
    return [
        TRAP,
        `case "$(tail --version 2>&1)" in`,
        `  *'GNU coreutils'*) polling='---disable-inotify -s 0.03 --max-unchanged-stats=33' ;;`,
        `  *BusyBox*) polling='-s 1' ;;`,
        `  *) polling='-s 0.1' ;;`,
        `esac`,
        `tail -q -n +1 -F $polling ${paths.join(" ")} 2>/dev/null &`,
        `wait "$!"`,
    ].join("\n");
}

function snapshotScript(paths: string[], intervalSeconds: number): string {
    return [
        TRAP,
        "while true; do",
        `  cat ${paths.join(" ")} & wait "$!"`,
        `  sleep ${intervalSeconds} & wait "$!"`,
        "done",
    ].join("\n");
}

/*
 * Ready means that every log file that is there can be read; one that is not there yet may need a first request. Alive
 * means that the container can still start a process: the shell ends by itself when its reader does. Each probe costs
 * a process, so they are far apart; but a kubelet that was started less than a period ago waits for a random part of it
 * before its first probe, which a new cluster's first pod would have to wait for.
 */
function probes(paths: string[]): Pick<SidecarArgs, "readinessProbe" | "livenessProbe"> {
    const readable = `for log in ${paths.join(" ")}; do [ ! -e "$log" ] || [ -r "$log" ] || { echo "cannot read $log"; exit 1; }; done`;
    return {
        readinessProbe: { exec: { command: ["sh", "-c", readable] }, periodSeconds: 10, timeoutSeconds: 5 },
        livenessProbe: { exec: { command: ["true"] }, periodSeconds: 60, timeoutSeconds: 5 },
    };
}
