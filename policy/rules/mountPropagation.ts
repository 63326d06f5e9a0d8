import { notKnown, read } from "../podTemplate";
import { type IgnoreOption, type Rule, ignoreOption, isIgnored } from "../rule";
import { mountsOf } from "../volumes";

/** No container hands its mounts on to the node, unless the rule passes it over. */
export const mountPropagation: Rule<IgnoreOption> = {
    name: "mount-propagation",
    why: "With Bidirectional propagation what a container mounts appears on the node and in every pod that uses the volume, and stays there if it is not unmounted. Only privileged containers may have it: others are refused.",
    level: "mandatory",
    options: { ignore: ignoreOption },
    check(pod, options, report) {
        for (const container of pod.containers) {
            if (isIgnored(container, options)) {
                continue;
            }
            for (const mount of mountsOf(container).items) {
                const value = read(mount.node, "mountPropagation");
                const path = `${mount.path}.mountPropagation`;
                if (value === notKnown) {
                    report.notChecked(path);
                } else if (value === "Bidirectional") {
                    report.violation(
                        path,
                        `${container.label}: this mount is Bidirectional, so what the container mounts stays on the node. Use HostToContainer or None, or name the container in this rule's \`ignore\`.`,
                    );
                }
            }
        }
    },
};
