import { notKnown, read } from "../podTemplate";
import type { Rule } from "../rule";
import { type Mount, mountsOf, volumeLabel } from "../volumes";

/** Containers that share a volume mount parts of it that have something in common. */
export const sharedPart: Rule = {
    name: "shared-part",
    why: "Two containers that mount one volume under different subPaths share nothing: each sees its own directory. The sidecar then waits for files that never appear.",
    level: "advisory",
    options: {},
    check(pod, _options, report) {
        const mounts = pod.containers.flatMap((container) =>
            mountsOf(container).items.map((mount) => ({ container, mount, part: partOf(mount) })),
        );
        for (const { container, mount, part } of mounts) {
            const others = mounts.filter(
                (other) => other.container !== container && other.mount.volume === mount.volume,
            );
            if (typeof mount.volume !== "string" || part === "") {
                continue;
            }
            const path = `${mount.path}.subPath`;
            const own = mounts.filter((other) => other.container === container && other.mount.volume === mount.volume);
            const known =
                mounts.every((other) => other.mount.volume !== notKnown) &&
                [...others, ...own].every((other) => other.part !== undefined);
            const meets = own.some(({ part: a }) =>
                others.some(({ part: b }) => a !== undefined && b !== undefined && overlap(a, b)),
            );
            if (meets || others.length === 0) {
                continue;
            }
            if (!known || pod.partial) {
                report.notChecked(path);
            } else {
                report.violation(
                    path,
                    `${container.label}: it mounts a part of ${volumeLabel(mount.volume)} that no other container mounts, so they share no files. Use one subPath for both, or a volume of its own.`,
                );
            }
        }
    },
};

/** The directory of the volume that is mounted, empty for all of it; undefined when it is not known, or depends on the container's environment. */
function partOf(mount: Mount): string | undefined {
    const subPath = read(mount.node, "subPath");
    const expression = read(mount.node, "subPathExpr");
    if (subPath === notKnown || expression === notKnown || (typeof expression === "string" && expression !== "")) {
        return undefined;
    }
    const parts = typeof subPath === "string" ? subPath.split("/") : [];
    return parts.filter((part) => part !== "" && part !== ".").join("/");
}

function overlap(a: string, b: string): boolean {
    return a === "" || b === "" || a === b || a.startsWith(`${b}/`) || b.startsWith(`${a}/`);
}
