import { notKnown, read } from "../podTemplate";
import { type IgnoreOption, type Rule, ignoreOption, isIgnored } from "../rule";

/** No container can gain more rights than it started with. */
export const privilegeEscalation: Rule<IgnoreOption> = {
    name: "privilege-escalation",
    why: "Unless a container forbids it, a program in it can become root through a setuid file. Nothing that a sidecar does needs that.",
    level: "advisory",
    options: { ignore: ignoreOption },
    check(pod, options, report) {
        for (const container of pod.containers) {
            const path = `${container.path}.securityContext.allowPrivilegeEscalation`;
            const privileged = read(container.node, "securityContext", "privileged");
            const escalation = read(container.node, "securityContext", "allowPrivilegeEscalation");
            if (isIgnored(container, options)) {
                continue;
            }
            if (privileged === true) {
                report.violation(
                    `${container.path}.securityContext.privileged`,
                    `${container.label}: it is privileged, which is root on its node. Remove privileged, and add the capabilities that it needs.`,
                );
            } else if (escalation === notKnown || (escalation === undefined && pod.partial)) {
                report.notChecked(path);
            } else if (escalation !== false) {
                report.violation(
                    path,
                    `${container.label}: it may gain more rights than it started with. Set securityContext.allowPrivilegeEscalation: false.`,
                );
            }
        }
    },
};
