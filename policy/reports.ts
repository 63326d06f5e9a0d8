import type { Rule } from "./rule";

/** One line of a report: something found in a manifest. */
export interface ReportedFinding {
    readonly file: string;
    readonly line: number;
    /** The resource: `Deployment shop/web`. */
    readonly resource: string;
    readonly rule: string;
    /** An error makes the check fail, a warning is advice, a note is information. */
    readonly severity: "error" | "warning" | "note";
    readonly path: string;
    readonly message: string;
}

/** What was wrong with the input itself. */
export interface InputError {
    readonly file: string;
    readonly line: number;
    readonly message: string;
}

/** All that a check found. */
export interface CheckReport {
    readonly findings: readonly ReportedFinding[];
    readonly errors: readonly InputError[];
    /** How many pods and pod templates were looked at. */
    readonly pods: number;
    /** The rules that were run. */
    readonly rules: readonly Rule[];
    /** The version of this package. */
    readonly version: string;
}

/** The formats of a report. */
export const formats = { text, json, sarif, junit, markdown };

/** The name of a format. */
export type Format = keyof typeof formats;

function text({ findings, errors, pods }: CheckReport): string {
    const lines = [
        ...errors.map(({ file, line, message }) => `${file}:${line}: not read: ${message}`),
        ...findings.map(
            ({ file, line, severity, rule, resource, message }) =>
                `${file}:${line}: ${severity}: ${resource}: ${message} [${rule}]`,
        ),
    ];
    return [...lines, summary(findings, errors, pods)].join("\n");
}

function summary(findings: readonly ReportedFinding[], errors: readonly InputError[], pods: number): string {
    const count = (severity: string): number => findings.filter((finding) => finding.severity === severity).length;
    const counted = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? "" : "s"}`;
    const parts = [
        counted(count("error"), "error"),
        counted(count("warning"), "warning"),
        counted(count("note"), "note"),
    ];
    const unread = errors.length === 0 ? "" : `, ${counted(errors.length, "place")} that could not be read`;
    return `${counted(pods, "pod")} checked: ${parts.join(", ")}${unread}`;
}

function json({ findings, errors, pods, version }: CheckReport): string {
    return JSON.stringify({ version, pods, findings, errors }, null, 4);
}

/** SARIF 2.1.0, https://docs.oasis-open.org/sarif/sarif/v2.1.0/. */
function sarif({ findings, errors, rules, version }: CheckReport): string {
    const place = (file: string, line: number): object => ({
        physicalLocation: {
            artifactLocation: { uri: encodeURI(file.replaceAll("\\", "/")) },
            region: { startLine: line },
        },
    });
    const run = {
        tool: {
            driver: {
                name: "sidecars-policy",
                version,
                rules: rules.map(({ name, why }) => ({
                    id: name,
                    shortDescription: { text: name },
                    fullDescription: { text: why },
                })),
            },
        },
        results: findings.map(({ file, line, rule, severity, resource, message }) => ({
            ruleId: rule,
            level: severity,
            message: { text: `${resource}: ${message}` },
            locations: [place(file, line)],
        })),
        invocations: [
            {
                executionSuccessful: errors.length === 0,
                toolExecutionNotifications: errors.map(({ file, line, message }) => ({
                    level: "error",
                    message: { text: message },
                    locations: [place(file, line)],
                })),
            },
        ],
    };
    return JSON.stringify(
        { $schema: "https://json.schemastore.org/sarif-2.1.0.json", version: "2.1.0", runs: [run] },
        null,
        4,
    );
}

function junit({ findings, errors, rules }: CheckReport): string {
    const violations = findings.filter(({ severity }) => severity === "error");
    const suites = rules.map(({ name }) => {
        const own = violations.filter(({ rule }) => rule === name);
        const cases = own.map(
            ({ file, line, resource, message }) =>
                `        <testcase name="${xml(`${resource} at ${file}:${line}`)}" classname="${xml(name)}"><failure message="${xml(message)}"/></testcase>`,
        );
        const passed = `        <testcase name="every pod" classname="${xml(name)}"/>`;
        const tests = cases.length === 0 ? [passed] : cases;
        return `    <testsuite name="${xml(name)}" tests="${tests.length}" failures="${own.length}" errors="0">\n${tests.join("\n")}\n    </testsuite>`;
    });
    const unread = errors.map(
        ({ file, line, message }) =>
            `        <testcase name="${xml(`${file}:${line}`)}" classname="input"><error message="${xml(message)}"/></testcase>`,
    );
    const input = `    <testsuite name="input" tests="${unread.length}" failures="0" errors="${unread.length}">\n${unread.join("\n")}\n    </testsuite>`;
    return [
        '<?xml version="1.0" encoding="UTF-8"?>',
        "<testsuites>",
        ...suites,
        ...(unread.length === 0 ? [] : [input]),
        "</testsuites>",
    ].join("\n");
}

function markdown({ findings, errors, pods }: CheckReport): string {
    const cell = (value: string): string => value.replaceAll("|", "\\|").replaceAll("\n", " ");
    const rows = findings.map(
        ({ file, line, severity, rule, resource, message }) =>
            `| ${severity} | ${rule} | ${cell(resource)} | ${cell(message)} | ${cell(file)}:${line} |`,
    );
    const unread = errors.map(
        ({ file, line, message }) => `- ${cell(file)}:${line} could not be read: ${cell(message)}`,
    );
    const table =
        rows.length === 0 ? [] : ["| | rule | resource | finding | where |", "|---|---|---|---|---|", ...rows, ""];
    return [...table, ...unread, ...(unread.length === 0 ? [] : [""]), summary(findings, errors, pods)].join("\n");
}

function xml(value: string): string {
    const escapes: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
    // Control characters are not allowed in XML, not even escaped.
    // eslint-disable-next-line no-control-regex
    return value.replaceAll(/[\u0000-\u001f]/g, " ").replaceAll(/[&<>"]/g, (character) => escapes[character] ?? "");
}
