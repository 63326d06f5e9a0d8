/** The pack's rules over manifests, as a command. */
import * as fs from "node:fs";
import * as path from "node:path";
import { parseArgs } from "node:util";
import { parseDocument } from "yaml";
import { ConfigError, type LeveledRule, configuredRules } from "./config";
import { coverage, coverageName } from "./coverage";
import { evaluate, todayInUtc } from "./evaluate";
import { type Manifest, manifestFiles, readManifests } from "./manifests";
import { podTemplates, quoteName, read } from "./podTemplate";
import { type Format, type InputError, type ReportedFinding, formats } from "./reports";
import { rules } from "./rules";

const usage = `usage: sidecars-policy check [--config FILE] [--format ${Object.keys(formats).join("|")}] FILE|DIRECTORY|- ...
       sidecars-policy rules

check  runs the rules over Kubernetes manifests, YAML or JSON; - is standard input
rules  lists the rules

--config  levels and options, as for pulumi's --policy-pack-config, in JSON or YAML
--format  how to report (text)

Exit code: 0 no violation, 1 violations, 2 input or config that could not be read`;

/** Where the command reads from and writes to. */
export interface CommandIo {
    readonly stdin: NodeJS.ReadableStream;
    print(text: string): void;
    printError(text: string): void;
}

/** Runs the command with its words, and returns its exit code. Throws on words that it does not know, and on a wrong config. */
export async function checkCommand(words: readonly string[], io: CommandIo): Promise<number> {
    const { values, positionals } = parseArgs({
        args: [...words],
        allowPositionals: true,
        options: {
            config: { type: "string" },
            format: { type: "string", default: "text" },
            help: { type: "boolean", short: "h" },
        },
    });
    const [command, ...targets] = positionals;
    if (values.help === true) {
        io.print(usage);
        return 0;
    }
    if (command === "rules" && targets.length === 0) {
        rules.forEach(({ name, level, why }) => {
            io.print(`${name} (${level})\n    ${why}`);
        });
        return 0;
    }
    if (command !== "check" || targets.length === 0) {
        io.printError(usage);
        return 2;
    }
    if (!Object.prototype.hasOwnProperty.call(formats, values.format)) {
        io.printError(`there is no format "${values.format}". The formats are: ${Object.keys(formats).join(", ")}.`);
        return 2;
    }
    return check(targets, values.format as Format, configuredRules(readConfig(values.config)), io);
}

async function check(
    targets: readonly string[],
    format: Format,
    configured: readonly LeveledRule[],
    io: CommandIo,
): Promise<number> {
    const findings: ReportedFinding[] = [];
    const errors: InputError[] = [];
    const today = todayInUtc();
    let pods = 0;
    for (const target of targets) {
        try {
            for (const file of manifestFiles(target)) {
                for await (const manifest of readManifests(file, io.stdin)) {
                    errors.push(...manifest.errors.map((error) => ({ file, ...error })));
                    const checked = checkManifest(manifest, configured, today);
                    findings.push(...checked.findings);
                    pods += checked.pods;
                }
            }
        } catch (error) {
            errors.push({ file: target, line: 1, message: messageOf(error) });
        }
    }
    const report = { findings, errors, pods, rules: configured.map(({ rule }) => rule), version: version() };
    io.print(formats[format](report));
    return errors.length > 0 ? 2 : findings.some(({ severity }) => severity === "error") ? 1 : 0;
}

function checkManifest(
    manifest: Manifest,
    configured: readonly LeveledRule[],
    today: string,
): { findings: ReportedFinding[]; pods: number } {
    const findings: ReportedFinding[] = [];
    const resource = { props: manifest.resource };
    const pods = podTemplates(resource);
    for (const pod of pods) {
        const found = { file: manifest.file, resource: labelOf(pod.resource) };
        for (const rule of configured) {
            for (const { kind, path: at, message } of evaluate(rule, pod, today)) {
                const severity = kind === "note" ? "note" : rule.level === "advisory" ? "warning" : "error";
                findings.push({
                    ...found,
                    line: manifest.lineOf(at),
                    rule: rule.rule.name,
                    severity,
                    path: at,
                    message,
                });
            }
        }
    }
    const place = { file: manifest.file, line: manifest.lineOf(""), path: "", resource: labelOf(manifest.resource) };
    for (const message of coverage(resource, pods)) {
        findings.push({ ...place, rule: coverageName, severity: "note", message });
    }
    return { findings, pods: pods.length };
}

/** `Deployment shop/web`; a name that is not a proper one is left out. */
function labelOf(resource: unknown): string {
    const kind = read(resource, "kind");
    const proper = (value: unknown): string | undefined =>
        typeof value === "string" && quoteName(value) !== undefined ? value : undefined;
    const name = proper(read(resource, "metadata", "name"));
    const namespace = proper(read(resource, "metadata", "namespace"));
    const full = [namespace, name].filter((part) => part !== undefined).join("/");
    return [typeof kind === "string" && /^[A-Za-z0-9]+$/.test(kind) ? kind : "resource", full].join(" ").trim();
}

function readConfig(file: string | undefined): unknown {
    if (file === undefined) {
        return {};
    }
    const document = parseDocument(fs.readFileSync(file, "utf8"));
    const [error] = document.errors;
    if (error !== undefined) {
        throw new ConfigError([`${file}: ${error.message}`]);
    }
    return document.toJS() as unknown;
}

function version(): string {
    const manifest = JSON.parse(fs.readFileSync(path.join(__dirname, "..", "package.json"), "utf8")) as {
        version: string;
    };
    return manifest.version;
}

function messageOf(error: unknown): string {
    return error instanceof Error ? error.message : String(error);
}
