import { imageVersion } from "../image";
import { notKnown, read } from "../podTemplate";
import { type IgnoreOption, type Rule, ignoreOption, isIgnored } from "../rule";

/** The pull policy suits the image. */
export const pullPolicy: Rule<IgnoreOption> = {
    name: "pull-policy",
    why: "Without a policy Kubernetes pulls an image called latest at each start, so a pod cannot start when the registry is away, and a restart may change the version. A policy that is written down does what it says.",
    level: "advisory",
    options: { ignore: ignoreOption },
    remediation: "Sets imagePullPolicy to IfNotPresent.",
    check(pod, options, report) {
        for (const container of pod.containers) {
            const image = read(container.node, "image");
            const policy = read(container.node, "imagePullPolicy");
            const path = `${container.path}.imagePullPolicy`;
            if (isIgnored(container, options) || policy !== undefined) {
                if (policy === notKnown) {
                    report.notChecked(path);
                }
            } else if (image === notKnown) {
                report.notChecked(path);
            } else if (
                typeof image === "string" &&
                image !== "" &&
                imageVersion(image).tag === "latest" &&
                !imageVersion(image).digest
            ) {
                if (pod.partial) {
                    report.notChecked(path);
                } else {
                    report.violation(
                        path,
                        `${container.label}: its image is the latest, and is pulled at each start. Set imagePullPolicy: IfNotPresent, or name a version.`,
                        "IfNotPresent",
                    );
                }
            }
        }
    },
};
