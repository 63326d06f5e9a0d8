import { amountOf, parseAmount, podLimit } from "../amounts";
import { notKnown, read, readList } from "../podTemplate";
import { compareQuantities } from "../quantity";
import type { Rule } from "../rule";
import { mountsOf, volumeLabel } from "../volumes";

/** A volume in memory is smaller than the memory limit of each container that writes to it. */
export const memoryVolumeFits: Rule = {
    name: "memory-volume-fits",
    why: "What a container writes to an emptyDir of medium Memory counts as its own memory. A volume that may grow beyond the limit gets the container killed, instead of telling it that the disk is full.",
    level: "mandatory",
    options: {},
    check(pod, _options, report) {
        readList(pod.spec, "volumes").items.forEach((volume, index) => {
            const name = read(volume, "name");
            const path = `${pod.path}.volumes[${index}].emptyDir`;
            const medium = read(volume, "emptyDir", "medium");
            const size = parseAmount(read(volume, "emptyDir", "sizeLimit"));
            if (medium === notKnown || (medium === "Memory" && size.state === "notKnown")) {
                report.notChecked(path);
            }
            if (medium !== "Memory" || size.state !== "set") {
                return;
            }
            for (const container of pod.containers) {
                const writes = mountsOf(container).items.some(
                    (mount) => mount.volume === name && read(mount.node, "readOnly") !== true,
                );
                const own = amountOf(container.node, "limits", "memory");
                const limit = own.state === "missing" ? podLimit(pod, "memory") : own;
                if (writes && limit.state === "notKnown") {
                    report.notChecked(`${container.path}.resources.limits.memory`);
                } else if (writes && limit.state === "set" && compareQuantities(size.quantity, limit.quantity) >= 0) {
                    report.violation(
                        `${path}.sizeLimit`,
                        `${volumeLabel(name)}: it may hold ${size.text} in memory, and ${container.label} that writes to it has a memory limit of ${limit.text}. Lower the sizeLimit, or raise the limit.`,
                    );
                }
            }
        });
    },
};
