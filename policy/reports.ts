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

/** The run of a check that a report is of. */
export interface Run {
    /** The rules that are run. */
    readonly rules: readonly { readonly name: string; readonly why: string }[];
    /** The version of this package. */
    readonly version: string;
}

/** What a check found, in numbers. */
export interface Summary {
    /** How many pods and pod templates were looked at. */
    readonly pods: number;
    readonly errors: number;
    readonly warnings: number;
    readonly notes: number;
    /** How many places of the input could not be read. */
    readonly unread: number;
    /** The exemptions in force, each once. */
    readonly exemptions: readonly ExemptionInForce[];
    /** How many pods have one beyond those that are listed. */
    readonly moreExemptions: number;
    /** What there is to know about the config after all input was read. */
    readonly remarks: readonly string[];
}

/** An exemption that took violations away. */
export interface ExemptionInForce {
    readonly rule: string;
    readonly reason: string;
    /** The last day on which it holds; without it there is no end. */
    readonly until?: string;
    /** Of how many pods it took violations away. */
    readonly pods: number;
}

/** Writes a report while the check goes on, and holds no more of it than its format makes necessary. */
export interface Reporter {
    finding(finding: ReportedFinding): void;
    unread(error: InputError): void;
    end(summary: Summary): void;
}

/** Where a report goes, a line or several at a time. */
type Print = (text: string) => void;

/** The formats of a report. */
export const formats = { text, json, sarif, junit, markdown } satisfies Record<
    string,
    (run: Run, print: Print) => Reporter
>;

/** The name of a format. */
export type Format = keyof typeof formats;

function text(_run: Run, print: Print): Reporter {
    return {
        finding: ({ file, line, severity, rule, resource, message }) => {
            print(`${file}:${line}: ${severity}: ${resource}: ${message} [${rule}]`);
        },
        unread: ({ file, line, message }) => {
            print(`${file}:${line}: not read: ${message}`);
        },
        end: (summary) => {
            for (const { rule, reason, until, pods } of summary.exemptions) {
                const end = until === undefined ? "without end" : `until ${until}`;
                print(`exempt from ${rule} ${end}, ${counted(pods, "pod")}: ${reason}`);
            }
            if (summary.moreExemptions > 0) {
                print(`and more pods with other exemptions: ${summary.moreExemptions}`);
            }
            summary.remarks.forEach((remark) => {
                print(`note: ${remark}`);
            });
            print(sentence(summary));
        },
    };
}

function counted(number: number, noun: string): string {
    return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

function sentence({ pods, errors, warnings, notes, unread }: Summary): string {
    const parts = [counted(errors, "error"), counted(warnings, "warning"), counted(notes, "note")];
    const places = unread === 0 ? "" : `, ${counted(unread, "place")} that could not be read`;
    return `${counted(pods, "pod")} checked: ${parts.join(", ")}${places}`;
}

function json({ version }: Run, print: Print): Reporter {
    const errors: InputError[] = [];
    print(`{ "version": ${JSON.stringify(version)}, "findings": [`);
    const findings = listItems(print);
    return {
        finding: findings.add,
        unread: (error) => {
            errors.push(error);
        },
        end: ({ pods, exemptions, moreExemptions, remarks }) => {
            findings.end();
            print(`], "errors": ${JSON.stringify(errors)},`);
            print(
                `"exemptions": ${JSON.stringify(exemptions)}, "moreExemptions": ${moreExemptions}, "remarks": ${JSON.stringify(remarks)}, "pods": ${pods} }`,
            );
        },
    };
}

/** SARIF 2.1.0, https://docs.oasis-open.org/sarif/sarif/v2.1.0/. */
function sarif({ rules, version }: Run, print: Print): Reporter {
    const notifications: object[] = [];
    const driver = {
        name: "sidecars-policy",
        version,
        rules: rules.map(({ name, why }) => ({
            id: name,
            shortDescription: { text: name },
            fullDescription: { text: why },
        })),
    };
    const place = (file: string, line: number): object => ({
        physicalLocation: {
            artifactLocation: { uri: encodeURI(file.replaceAll("\\", "/")) },
            region: { startLine: line },
        },
    });
    print('{ "$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [{');
    print(`"tool": ${JSON.stringify({ driver })},`);
    print('"results": [');
    const results = listItems(print);
    return {
        finding: ({ file, line, rule, severity, resource, message }) => {
            results.add({
                ruleId: rule,
                level: severity,
                message: { text: `${resource}: ${message}` },
                locations: [place(file, line)],
            });
        },
        unread: ({ file, line, message }) => {
            notifications.push({ level: "error", message: { text: message }, locations: [place(file, line)] });
        },
        end: ({ unread }) => {
            results.end();
            const invocation = { executionSuccessful: unread === 0, toolExecutionNotifications: notifications };
            print(`], "invocations": [${JSON.stringify(invocation)}] }] }`);
        },
    };
}

/** Prints the items of a JSON list, one in a line. */
function listItems(print: Print): { add: (item: object) => void; end: () => void } {
    let last: string | undefined;
    return {
        add: (item) => {
            if (last !== undefined) {
                print(`${last},`);
            }
            last = JSON.stringify(item);
        },
        end: () => {
            if (last !== undefined) {
                print(last);
            }
        },
    };
}

/** Holds the violations until the end: each suite begins with their number. */
function junit({ rules }: Run, print: Print): Reporter {
    const failed = new Map<string, string[]>(rules.map(({ name }) => [name, []]));
    const unread: string[] = [];
    return {
        finding: ({ file, line, rule, severity, resource, message }) => {
            if (severity === "error") {
                failed
                    .get(rule)!
                    .push(
                        `<testcase name="${xml(`${resource} at ${file}:${line}`)}" classname="${xml(rule)}"><failure message="${xml(message)}"/></testcase>`,
                    );
            }
        },
        unread: ({ file, line, message }) => {
            unread.push(
                `<testcase name="${xml(`${file}:${line}`)}" classname="input"><error message="${xml(message)}"/></testcase>`,
            );
        },
        end: () => {
            const suite = (name: string, cases: readonly string[], failures: number, errors: number): void => {
                print(
                    `    <testsuite name="${xml(name)}" tests="${cases.length}" failures="${failures}" errors="${errors}">`,
                );
                cases.forEach((testCase) => {
                    print(`        ${testCase}`);
                });
                print("    </testsuite>");
            };
            print('<?xml version="1.0" encoding="UTF-8"?>');
            print("<testsuites>");
            for (const [name, cases] of failed) {
                const passed = `<testcase name="every pod" classname="${xml(name)}"/>`;
                suite(name, cases.length === 0 ? [passed] : cases, cases.length, 0);
            }
            if (unread.length > 0) {
                suite("input", unread, 0, unread.length);
            }
            print("</testsuites>");
        },
    };
}

function markdown(_run: Run, print: Print): Reporter {
    const cell = (value: string): string => value.replaceAll("|", "\\|").replaceAll("\n", " ");
    const unread: string[] = [];
    let empty = true;
    return {
        finding: ({ file, line, severity, rule, resource, message }) => {
            if (empty) {
                print("| | rule | resource | finding | where |\n|---|---|---|---|---|");
                empty = false;
            }
            print(`| ${severity} | ${rule} | ${cell(resource)} | ${cell(message)} | ${cell(file)}:${line} |`);
        },
        unread: ({ file, line, message }) => {
            unread.push(`- ${cell(file)}:${line} could not be read: ${cell(message)}`);
        },
        end: (summary) => {
            const items = [...unread, ...summary.remarks.map((remark) => `- note: ${cell(remark)}`)];
            const parts = [...(empty ? [] : [""]), ...items, ...(items.length === 0 ? [] : [""]), sentence(summary)];
            print(parts.join("\n"));
        },
    };
}

function xml(value: string): string {
    const escapes: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
    // Control characters are not allowed in XML, not even escaped.
    // eslint-disable-next-line no-control-regex
    return value.replaceAll(/[\u0000-\u001f]/g, " ").replaceAll(/[&<>"]/g, (character) => escapes[character] ?? "");
}
