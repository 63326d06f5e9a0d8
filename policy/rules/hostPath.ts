import { notKnown, read, readList } from "../podTemplate";
import type { Rule } from "../rule";
import { mountsOf, volumeLabel } from "../volumes";

/** Options of `host-path`. */
export interface HostPathOptions {
    /** Directories of the node that may be mounted. */
    readonly allow: readonly string[];
    /** Whether those may be mounted writable. */
    readonly writable: boolean;
}

/** No volume is a directory of the node, but for those that are allowed. */
export const hostPath: Rule<HostPathOptions> = {
    name: "host-path",
    why: "A hostPath volume shows the node's own files to a container: with it a container can read other pods' secrets, or take the node over. Its content also differs from node to node.",
    level: "mandatory",
    options: {
        allow: {
            type: "array",
            items: { type: "string", pattern: "^/" },
            description: "Directories of the node that may be mounted, with all below them.",
            default: [],
        },
        writable: {
            type: "boolean",
            description: "Those may be mounted writable too, not only read-only.",
            default: false,
        },
    },
    check(pod, options, report) {
        readList(pod.spec, "volumes").items.forEach((volume, index) => {
            const source = read(volume, "hostPath");
            const at = `${pod.path}.volumes[${index}].hostPath`;
            if (source === undefined) {
                return;
            }
            const directory = read(source, "path");
            const name = read(volume, "name");
            if (source === notKnown || (directory === notKnown && options.allow.length > 0)) {
                report.notChecked(`${at}.path`);
            } else if (typeof directory !== "string" || !options.allow.some((prefix) => isWithin(directory, prefix))) {
                report.violation(at, forbidden(name));
            } else if (!options.writable) {
                for (const container of pod.containers) {
                    for (const mount of mountsOf(container).items.filter((item) => item.volume === name)) {
                        const readOnly = read(mount.node, "readOnly");
                        if (readOnly === notKnown) {
                            report.notChecked(`${mount.path}.readOnly`);
                        } else if (readOnly !== true) {
                            report.violation(
                                `${mount.path}.readOnly`,
                                `${container.label}: it mounts the hostPath ${volumeLabel(name)} writable. Set readOnly: true on the mount.`,
                            );
                        }
                    }
                }
            }
        });
    },
};

function forbidden(name: unknown): string {
    return `${volumeLabel(name)}: a hostPath shows the node's own files to the pod. Use an emptyDir or a claim, or have the directory allowed in this rule's config.`;
}

/** Whether a directory is the prefix or below it. One with `..` is within nothing: the API server refuses it. */
function isWithin(directory: string, prefix: string): boolean {
    const base = prefix.replace(/\/+$/, "");
    return !directory.split("/").includes("..") && (directory === base || `${directory}/`.startsWith(`${base}/`));
}
