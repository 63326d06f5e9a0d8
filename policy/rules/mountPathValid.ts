import { notKnown, read } from "../podTemplate";
import { type IgnoreOption, type Rule, ignoreOption, isIgnored } from "../rule";
import { mountsOf } from "../volumes";

/** Every mount says where it is in its container, and none leads out of its volume. */
export const mountPathValid: Rule<IgnoreOption> = {
    name: "mount-path-valid",
    why: "The API server refuses a mount without a mountPath, and one whose subPath leads out of its volume. In a Deployment that shows only as a rollout that never starts.",
    level: "mandatory",
    options: { ignore: ignoreOption },
    check(pod, options, report) {
        for (const container of pod.containers.filter((other) => !isIgnored(other, options))) {
            for (const { node, path } of mountsOf(container).items.filter(({ kind }) => kind === "volumeMounts")) {
                const mountPath = read(node, "mountPath");
                if (mountPath === notKnown || (mountPath === undefined && pod.partial)) {
                    report.notChecked(`${path}.mountPath`);
                } else if (typeof mountPath !== "string" || mountPath === "") {
                    report.violation(
                        `${path}.mountPath`,
                        `${container.label}: a mount does not say where it is to be. Set its mountPath, for instance /data.`,
                    );
                }
                const fields = ["subPath", "subPathExpr"].map((name) => ({ name, value: read(node, name) }));
                for (const { name, value } of fields) {
                    if (value === notKnown) {
                        report.notChecked(`${path}.${name}`);
                    } else if (
                        typeof value === "string" &&
                        (value.startsWith("/") || value.split("/").includes(".."))
                    ) {
                        report.violation(
                            `${path}.${name}`,
                            `${container.label}: the ${name} of a mount leads out of its volume. Write a path within the volume, without a slash before it and without \`..\`.`,
                        );
                    }
                }
                if (fields.every(({ value }) => typeof value === "string" && value !== "")) {
                    report.violation(
                        `${path}.subPathExpr`,
                        `${container.label}: a mount has both a subPath and a subPathExpr. Remove one of them.`,
                    );
                }
            }
        }
    },
};
