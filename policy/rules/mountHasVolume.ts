import { quoteName } from "../podTemplate";
import { type IgnoreOption, type Rule, ignoreOption, isIgnored } from "../rule";
import { mountsOf, volumesOf } from "../volumes";

/** Every mount names a volume that its pod has. */
export const mountHasVolume: Rule<IgnoreOption> = {
    name: "mount-has-volume",
    why: "A mount names one of its pod's volumes, and the API server refuses the pod when there is none of that name. In a Deployment that shows only as a rollout that never starts.",
    level: "mandatory",
    options: { ignore: ignoreOption },
    check(pod, options, report) {
        const volumes = volumesOf(pod);
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
