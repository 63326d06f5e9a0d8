import { notKnown } from "../podTemplate";
import type { Rule } from "../rule";
import { mountsOf, overlap, partOf, volumeLabel } from "../volumes";

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
