import { quoteName, read, readList } from "../podTemplate";
import { type IgnoreOption, type Rule, ignoreOption, isIgnored } from "../rule";
import { mountsOf, volumeLabel, volumesOf } from "../volumes";

/** Every mount names a volume that its pod has, and has once. */
export const mountHasVolume: Rule<IgnoreOption> = {
    name: "mount-has-volume",
    why: "A mount names one of its pod's volumes, and the API server refuses the pod when there is none of that name, or more than one. In a Deployment that shows only as a rollout that never starts.",
    level: "mandatory",
    options: { ignore: ignoreOption },
    check(pod, options, report) {
        const volumes = volumesOf(pod);
        const names = readList(pod.spec, "volumes").items.map((volume) => read(volume, "name"));
        names.forEach((name, index) => {
            if (typeof name === "string" && names.indexOf(name) < index) {
                report.violation(
                    `${pod.path}.volumes[${index}].name`,
                    `${volumeLabel(name)}: another volume has this name already, so the pod would be refused. Give each a name of its own.`,
                );
            }
        });
        for (const container of pod.containers) {
            if (isIgnored(container, options)) {
                continue;
            }
            const mounts = mountsOf(container);
            for (const path of mounts.notKnown) {
                report.notChecked(path);
            }
            for (const { volume, path } of mounts.items) {
                if (volume === undefined) {
                    report.violation(
                        `${path}.name`,
                        `${container.label}: a mount does not say which volume it mounts. Set its name to one of spec.volumes.`,
                    );
                } else if (typeof volume === "string" && !volumes.byName.has(volume)) {
                    if (!volumes.known || pod.partial) {
                        report.notChecked(`${path}.name`);
                        continue;
                    }
                    const name = quoteName(volume);
                    report.violation(
                        `${path}.name`,
                        name === undefined
                            ? `${container.label}: a mount's name is not that of any volume of the pod. Set it to one of spec.volumes.`
                            : `${container.label}: it mounts volume ${name}, which the pod does not have, so the pod would be refused. Add ${name} to spec.volumes, or remove the mount.`,
                    );
                }
            }
        }
    },
};
