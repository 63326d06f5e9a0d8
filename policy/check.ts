/** The pack's rules over manifests, as a command. */
import * as fs from "node:fs";
import * as path from "node:path";
import { parseArgs } from "node:util";
import type { EnforcementLevel } from "@pulumi/policy";
import { ConfigError, type Configured, configuration, engineConfig } from "./config";
import { coverage, coverageName } from "./coverage";
import { evaluate, todayInUtc } from "./evaluate";
import { ExemptionLog } from "./exemptionLog";
import type { ExemptionUse } from "./exemptions";
import { type Manifest, manifestFiles, parseYaml, readManifests } from "./manifests";
import { podTemplates } from "./podTemplate";
import { type Format, type InputError, type ReportedFinding, formats } from "./reports";
import { resourceLabel } from "./resourceLabel";
import { rulePage } from "./rulePage";
import { type AnyRule, allRules, ruleGroups } from "./rules";
import { type StackEvaluation, beginStack } from "./stack";
import type { StackFinding } from "./stackRule";

const usage = `usage: sidecars-policy check [--config FILE] [--format ${Object.keys(formats).join("|")}] FILE|DIRECTORY|- ...
       sidecars-policy config FILE
       sidecars-policy rules [NAME]

check   runs the rules over Kubernetes manifests, YAML or JSON; - is standard input
config  checks a config, and writes it out for pulumi's --policy-pack-config, which knows no groups of rules
rules   lists the rules, or tells all about one

--config  levels of rules, of groups and of all, and options of rules, in JSON or YAML
--format  how to report (text)

Exit code: 0 no violation, 1 violations, 2 input or config that could not be read`;

/** Where the command reads from and writes to. */
export interface CommandIo {
    readonly stdin: NodeJS.ReadableStream;
    readonly print: (text: string) => void;
    readonly printError: (text: string) => void;
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
        for (const [group, members] of Object.entries<readonly AnyRule[]>(ruleGroups)) {
            io.print(`${group}:`);
            members.forEach(({ name, level, why }) => {
                io.print(`    ${name} (${level})\n        ${why}`);
            });
        }
        return 0;
    }
    if (command === "rules" && targets.length === 1) {
        const rule = allRules.find(({ name }) => name === targets[0]);
        if (rule === undefined) {
            io.printError(
                `there is no rule "${targets[0]}". The rules are: ${allRules.map(({ name }) => name).join(", ")}.`,
            );
            return 2;
        }
        io.print(rulePage(rule));
        return 0;
    }
    if (command === "config" && targets.length === 1) {
        io.print(JSON.stringify(engineConfig(readConfig(targets[0])), null, 4));
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
    return check(targets, values.format as Format, configuration(readConfig(values.config)), io);
}

async function check(
    targets: readonly string[],
    format: Format,
    configured: Configured,
    io: CommandIo,
): Promise<number> {
    const enabled = configured.rules.filter(({ level }) => level !== "disabled");
    const stackRules = configured.stackRules.filter(({ level }) => level !== "disabled");
    const run = { rules: [...enabled, ...stackRules].map(({ rule }) => rule), version: version() };
    const report = formats[format](run, io.print);
    const count = { pods: 0, error: 0, warning: 0, note: 0, unread: 0 };
    const today = todayInUtc();
    const exemptions = new ExemptionLog([...enabled, ...stackRules]);
    const onUse: ExemptionUse = (rule, exemption, inForce) => {
        exemptions.use(rule, exemption, inForce);
    };
    const tell = (finding: ReportedFinding): void => {
        count[finding.severity] += 1;
        report.finding(finding);
    };
    const stack = stackRules.flatMap((rule): RunningStackRule[] => {
        const evaluation = beginStack<Place>(rule, today, onUse);
        return evaluation === undefined ? [] : [{ name: rule.rule.name, level: rule.level, evaluation }];
    });
    const unread = (error: InputError): void => {
        count.unread += 1;
        report.unread(error);
    };
    for (const target of targets) {
        try {
            for (const file of manifestFiles(target)) {
                for await (const manifest of readManifests(file, io.stdin)) {
                    if (manifest.error !== undefined) {
                        unread({ file, ...manifest.error });
                    }
                    count.pods += checkManifest(manifest, { ...configured, rules: enabled }, stack, today, tell, onUse);
                }
            }
        } catch (error) {
            unread({ file: target, line: 1, message: messageOf(error) });
        }
    }
    for (const rule of stack) {
        rule.evaluation.end().forEach((finding) => {
            tell(stackFinding(rule, finding));
        });
    }
    const summary = exemptions.summary();
    count.note += summary.remarks.length;
    report.end({ ...count, ...summary, errors: count.error, warnings: count.warning, notes: count.note });
    return count.unread > 0 ? 2 : count.error > 0 ? 1 : 0;
}

/** Where a pod is, without the pod. */
type Place = Pick<ReportedFinding, "file" | "line" | "resource" | "path">;

/** A rule over all pods, while they come in. */
interface RunningStackRule {
    readonly name: string;
    readonly level: EnforcementLevel;
    readonly evaluation: StackEvaluation<Place>;
}

function stackFinding({ name, level }: RunningStackRule, found: StackFinding<Place>): ReportedFinding {
    const severity = found.kind === "note" ? "note" : level === "advisory" ? "warning" : "error";
    return { ...found.place, rule: name, severity, message: found.message };
}

/** Tells what the rules find in a manifest, and returns how many pods it has. */
function checkManifest(
    manifest: Manifest,
    configured: Configured,
    stack: readonly RunningStackRule[],
    today: string,
    tell: (finding: ReportedFinding) => void,
    onUse: ExemptionUse,
): number {
    const resource = { props: manifest.resource };
    const pods = podTemplates(resource);
    for (const pod of pods) {
        for (const rule of configured.rules) {
            for (const { kind, path: at, message, fix } of evaluate(rule, pod, today, onUse)) {
                const severity = kind === "note" ? "note" : rule.level === "advisory" ? "warning" : "error";
                tell({
                    file: manifest.file,
                    line: manifest.lineOf(at),
                    resource: resourceLabel(pod.resource),
                    rule: rule.rule.name,
                    severity,
                    path: at,
                    message:
                        rule.level === "remediate" && fix !== undefined
                            ? `${message} In a stack, remediate sets ${at} to ${fix}.`
                            : message,
                });
            }
        }
        for (const rule of stack) {
            const place = (): Place => ({
                file: manifest.file,
                line: manifest.lineOf(pod.path),
                resource: resourceLabel(pod.resource),
                path: pod.path,
            });
            rule.evaluation.add(pod, place).forEach((finding) => {
                tell(stackFinding(rule, finding));
            });
        }
    }
    for (const message of configured.coverage ? coverage(resource, pods) : []) {
        tell({
            file: manifest.file,
            line: manifest.lineOf(""),
            resource: resourceLabel(manifest.resource),
            rule: coverageName,
            severity: "note",
            path: "",
            message,
        });
    }
    return pods.length;
}

function readConfig(file: string | undefined): unknown {
    if (file === undefined) {
        return {};
    }
    try {
        return parseYaml(fs.readFileSync(file, "utf8"));
    } catch (error) {
        throw new ConfigError([`${file}: ${messageOf(error)}`]);
    }
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
