import { notKnown, read, readList } from "../podTemplate";
import type { Rule } from "../rule";
import { mountsOf, volumeLabel } from "../volumes";

/** Every volume of the pod is mounted by one of its containers. */
export const volumeIsUsed: Rule = {
    name: "volume-is-used",
    why: "A volume that no container mounts is a leftover, or its mount was forgotten. It still has to be there for the pod to start: a Secret that is missing holds it up.",
    level: "advisory",
    options: {},
    check(pod, _options, report) {
        const mounts = pod.containers.map(mountsOf);
        const used = new Set(mounts.flatMap(({ items }) => items.map(({ volume }) => volume)));
        const known = mounts.every((mount) => mount.known) && pod.notKnown.length === 0;
        readList(pod.spec, "volumes").items.forEach((volume, index) => {
            const name = read(volume, "name");
            const path = `${pod.path}.volumes[${index}]`;
            if (name === undefined || (typeof name === "string" && used.has(name))) {
                return;
            }
            if (!known || pod.partial || name === notKnown || volume === notKnown) {
                report.notChecked(path);
            } else {
                report.violation(
                    path,
                    `${volumeLabel(name)}: no container mounts it. Mount it, or remove it from spec.volumes.`,
                );
            }
        });
    },
};
