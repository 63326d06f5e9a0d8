import { notKnown, read, readList } from "../podTemplate";
import { type IgnoreOption, type Rule, ignoreOption, isIgnored } from "../rule";

const shells = new Set(["sh", "bash", "ash", "dash", "ksh", "zsh"]);

/** A shell that runs a loop as a container's first process ends when it is told to. */
export const shellEndsOnTerm: Rule<IgnoreOption> = {
    name: "shell-ends-on-term",
    why: "A shell that is a container's first process ignores TERM unless it traps it, so a loop with a sleep holds every deletion up for the whole grace period of 30 s. Then it is killed.",
    level: "advisory",
    options: { ignore: ignoreOption },
    check(pod, options, report) {
        // In a pod with one process namespace the first process is the pause container's.
        if (read(pod.spec, "shareProcessNamespace") === true) {
            return;
        }
        for (const container of pod.containers) {
            if (container.kind === "ephemeralContainer" || isIgnored(container, options)) {
                continue;
            }
            const command = readList(container.node, "command");
            const args = readList(container.node, "args");
            const words = [...command.items, ...args.items];
            const path = `${container.path}.${command.items.length > 0 || !command.known ? "command" : "args"}`;
            if (!command.known || !args.known || words.includes(notKnown)) {
                report.notChecked(path);
            } else if (command.items.length > 0 && ignoresTerm(words)) {
                report.violation(
                    path,
                    `${container.label}: its shell loops without a trap, so it ignores TERM and holds a deletion up for 30 s. Begin the script with trap 'exit 0' TERM and wait for a sleep in the background (sleep 30 & wait $!).`,
                );
            }
        }
    },
};

/** Whether the words start a shell with a script that loops around a sleep and has no trap. */
function ignoresTerm(words: readonly unknown[]): boolean {
    const [shell, ...rest] = words;
    if (typeof shell !== "string" || !shells.has(shell.slice(shell.lastIndexOf("/") + 1))) {
        return false;
    }
    const flag = rest.findIndex((word) => typeof word === "string" && /^-[a-z]*c$/.test(word));
    const script = flag === -1 ? undefined : rest[flag + 1];
    return (
        typeof script === "string" &&
        /\b(while|until|for)\b/.test(script) &&
        /\bsleep\b/.test(script) &&
        !/\btrap\b/.test(script)
    );
}
