import { allOptions } from "./evaluate";
import { type AnyRule, ruleGroups } from "./rules";

/** A manifest that shows what a rule means. */
export interface Example {
    readonly title: string;
    readonly manifest: string;
    /** What the rule says of it. */
    readonly messages: readonly string[];
}

/** All there is to know about a rule, in Markdown. */
export function rulePage(rule: AnyRule, examples: readonly Example[] = []): string {
    const group = Object.entries<readonly AnyRule[]>(ruleGroups).find(([, members]) => members.includes(rule));
    const options = Object.entries(allOptions(rule)).map(
        ([name, { description, default: value }]) =>
            `| \`${name}\` | \`${cell(JSON.stringify(value))}\` | ${cell(description)} |`,
    );
    const parts = [
        `# ${rule.name}`,
        rule.why,
        `Group \`${group?.[0] ?? ""}\`, level \`${rule.level}\` unless the config says otherwise.`,
        ...("remediation" in rule && rule.remediation !== undefined
            ? [`Level \`remediate\`: ${rule.remediation}`]
            : []),
        ["## Options", "", "| option | default | |", "|---|---|---|", ...options].join("\n"),
        ...examples.flatMap(({ title, manifest, messages }) => [
            `## ${title}`,
            `\`\`\`yaml\n${manifest.trim()}\n\`\`\``,
            ...messages.map((message) => `> ${message}`),
        ]),
    ];
    return parts.join("\n\n");
}

function cell(text: string): string {
    return text.replaceAll("|", "\\|");
}
