import { imageVersion } from "../image";
import { notKnown, read } from "../podTemplate";
import { type IgnoreOption, type Rule, ignoreOption, isIgnored } from "../rule";

/** Options of `image-tag`. */
export interface ImageTagOptions extends IgnoreOption {
    /** Whether only a digest will do. */
    readonly digest: boolean;
}

/** Every image says which version it is. */
export const imageTag: Rule<ImageTagOptions> = {
    name: "image-tag",
    why: "`latest` is another image tomorrow: two replicas of one pod may run different ones, and going back is not possible. A tag names a version, and a digest cannot change.",
    level: "advisory",
    options: {
        ignore: ignoreOption,
        digest: {
            type: "boolean",
            description: "Every image has a digest; a tag alone is not enough.",
            default: false,
        },
    },
    check(pod, options, report) {
        for (const container of pod.containers) {
            const image = read(container.node, "image");
            const path = `${container.path}.image`;
            if (isIgnored(container, options)) {
                continue;
            }
            if (image === notKnown) {
                report.notChecked(path);
            }
            if (typeof image !== "string" || image === "") {
                continue;
            }
            const { tag, digest } = imageVersion(image);
            if (options.digest && !digest) {
                report.violation(
                    path,
                    `${container.label}: its image has no digest. Add @sha256:… of the build that is meant.`,
                );
            } else if (!digest && tag === "latest") {
                report.violation(
                    path,
                    `${container.label}: its image is whatever is latest when it is pulled. Name a version: a tag, or a digest.`,
                );
            }
        }
    },
};
