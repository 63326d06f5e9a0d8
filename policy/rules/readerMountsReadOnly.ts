import { namePattern } from "../namePattern";
import { notKnown, read } from "../podTemplate";
import { type IgnoreOption, type Rule, ignoreOption, isIgnored } from "../rule";
import { mountsOf, volumeLabel } from "../volumes";

/** Options of `reader-mounts-read-only`. */
export interface ReaderMountsReadOnlyOptions extends IgnoreOption {
    /** Names of containers that only read. */
    readonly readers: readonly string[];
}

/** Containers that only read what others write mount it read-only. */
export const readerMountsReadOnly: Rule<ReaderMountsReadOnlyOptions> = {
    name: "reader-mounts-read-only",
    why: "A volume with one writer and read-only readers cannot be spoilt by a reader. One that may write can truncate the log it was to read.",
    level: "advisory",
    options: {
        ignore: ignoreOption,
        readers: {
            type: "array",
            items: { type: "string", minLength: 1 },
            description: "Containers that only read the volumes they share, by name; `*` stands for any characters.",
            default: ["*-reader", "log-reader", "reader", "*-tailer", "*-exporter", "exporter"],
        },
    },
    remediation: "Sets readOnly on the mounts of readers.",
    check(pod, options, report) {
        const isReader = namePattern(options.readers);
        for (const container of pod.containers) {
            if (container.name === undefined || !isReader(container.name) || isIgnored(container, options)) {
                continue;
            }
            const others = new Set(
                pod.containers
                    .filter((other) => other !== container)
                    .flatMap((other) => mountsOf(other).items.map(({ volume }) => volume)),
            );
            for (const mount of mountsOf(container).items) {
                const readOnly = read(mount.node, "readOnly");
                const path = `${mount.path}.readOnly`;
                if (typeof mount.volume !== "string" || !others.has(mount.volume) || readOnly === true) {
                    continue;
                }
                if (readOnly === notKnown || pod.partial) {
                    report.notChecked(path);
                } else {
                    report.violation(
                        path,
                        `${container.label}: it only reads ${volumeLabel(mount.volume)}, and mounts it writable. Set readOnly: true on the mount.`,
                        true,
                    );
                }
            }
        }
    },
};
