import { notKnown, read } from "../podTemplate";
import { type IgnoreOption, type Rule, ignoreOption, isIgnored } from "../rule";
import { type Mount, mountsOf } from "../volumes";

/** Options of `mount-path-unique`. */
export interface MountPathUniqueOptions extends IgnoreOption {
    /** Whether one mount may be inside another. */
    readonly nested: boolean;
}

/** No two mounts of a container are on one path, or one inside another. */
export const mountPathUnique: Rule<MountPathUniqueOptions> = {
    name: "mount-path-unique",
    why: "Two mounts on one path are refused by the API server, or one hides the other where the paths are only written differently. A mount inside another hides what the outer volume has there.",
    level: "mandatory",
    options: {
        ignore: ignoreOption,
        nested: {
            type: "boolean",
            description: "A mount may be inside another: a ConfigMap in the midst of an emptyDir, for example.",
            default: true,
        },
    },
    check(pod, options, report) {
        for (const container of pod.containers) {
            if (isIgnored(container, options)) {
                continue;
            }
            const seen: { readonly path: string; readonly mount: Mount }[] = [];
            for (const mount of mountsOf(container).items) {
                const value = read(mount.node, "mountPath");
                const at = `${mount.path}.mountPath`;
                if (value === notKnown) {
                    report.notChecked(at);
                }
                if (typeof value !== "string") {
                    continue;
                }
                const path = normalize(value);
                const same = seen.find((other) => other.path === path);
                const around = seen.find(
                    (other) => other.path.startsWith(path + "/") || path.startsWith(other.path + "/"),
                );
                if (same !== undefined) {
                    report.violation(
                        at,
                        `${container.label}: this mount and ${same.mount.path} are on one path. Give each its own mountPath.`,
                    );
                } else if (around !== undefined && !options.nested) {
                    report.violation(
                        at,
                        `${container.label}: this mount and ${around.mount.path} are one inside the other. Mount them side by side.`,
                    );
                }
                seen.push({ path, mount });
            }
        }
    },
};

/** `/a//b/./` as `/a/b`, and `/` as the empty path, which every other one is inside of. */
function normalize(path: string): string {
    const parts = path.split("/").filter((part) => part !== "" && part !== ".");
    return parts.map((part) => `/${part}`).join("");
}
