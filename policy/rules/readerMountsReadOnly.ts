import { namePattern } from "../namePattern";
import { notKnown, read } from "../podTemplate";
import { type IgnoreOption, type Rule, ignoreOption, isIgnored } from "../rule";
import { type Mount, isWritable, mountsOf, overlap, partOf, volumeLabel, volumesOf } from "../volumes";

/** Options of `reader-mounts-read-only`. */
export interface ReaderMountsReadOnlyOptions extends IgnoreOption {
    /** Names of containers that only read. */
    readonly readers: readonly string[];
    /** Who writes to which volumes: all others only read those. */
    readonly writers: readonly Writers[];
}

/** The containers that write to a volume. */
export interface Writers {
    /** Names of volumes, `*` standing for any characters. */
    readonly volume: string;
    /** Names of containers, likewise. */
    readonly containers: readonly string[];
}

/**
 * A volume that containers share has one writer, and the others mount it read-only. Init containers that end do not count as
 * writers: what they bring is there before the others start.
 */
export const readerMountsReadOnly: Rule<ReaderMountsReadOnlyOptions> = {
    name: "reader-mounts-read-only",
    why: "A volume with one writer and read-only readers cannot be spoilt by a reader: one that may write can truncate the log it was to read. Of two writers neither knows what the other does to its files.",
    level: "advisory",
    options: {
        // A rotator works on files that another container writes.
        ignore: { ...ignoreOption, default: ["rotator", "*-rotator", "logrotate"] },
        readers: {
            type: "array",
            items: { type: "string", minLength: 1 },
            description: "Containers that only read the volumes they share, by name; `*` stands for any characters.",
            default: ["*-reader", "log-reader", "reader", "*-tailer", "*-exporter", "exporter"],
        },
        writers: {
            type: "array",
            description:
                "Who writes to which volumes: all other containers only read those. A volume that is not named here has one writer, whichever that is.",
            default: [],
            items: {
                type: "object",
                required: ["volume", "containers"],
                additionalProperties: false,
                properties: {
                    volume: {
                        type: "string",
                        minLength: 1,
                        description: "The volume's name; `*` stands for any characters.",
                    },
                    containers: {
                        type: "array",
                        items: { type: "string", minLength: 1 },
                        description: "The containers that may write to it, by name, likewise.",
                    },
                },
            },
        },
    },
    remediation: "Sets readOnly on the mounts of readers, and of those who are not named as writers.",
    check(pod, options, report) {
        const isReader = namePattern(options.readers);
        const volumes = volumesOf(pod);
        const mounts = pod.containers.flatMap((container) =>
            mountsOf(container).items.map((mount) => ({ container, mount })),
        );
        const writing: typeof mounts = [];
        for (const { container, mount } of mounts) {
            const { volume } = mount;
            const path = `${mount.path}.readOnly`;
            const readOnly = read(mount.node, "readOnly");
            const isShared = mounts.some((other) => other.container !== container && other.mount.volume === volume);
            if (typeof volume !== "string" || !isShared || readOnly === true || isIgnored(container, options)) {
                continue;
            }
            if (readOnly === notKnown || !container.nameKnown || !(volumes.known || volumes.byName.has(volume))) {
                report.notChecked(path);
                continue;
            }
            const name = container.name ?? "";
            const named = options.writers.filter((entry) => namePattern([entry.volume])(volume));
            if (!isWritable(volumes.byName.get(volume)) || named.some((entry) => namePattern(entry.containers)(name))) {
                continue;
            }
            const tell = (message: string, fix?: true): void => {
                if (pod.partial) {
                    report.notChecked(path);
                } else {
                    report.violation(path, `${container.label}: ${message}`, fix);
                }
            };
            const label = volumeLabel(volume);
            if (named.length > 0) {
                tell(
                    `it mounts ${label} writable, and this rule's \`writers\` name others for it. Set readOnly: true on the mount.`,
                    true,
                );
            } else if (isReader(name)) {
                tell(`it only reads ${label}, and mounts it writable. Set readOnly: true on the mount.`, true);
            } else if (container.kind === "container" || container.kind === "sidecar") {
                const others = writing.filter(
                    (other) => other.container !== container && other.mount.volume === volume,
                );
                const first = others.find((other) => shareFiles(mount, other.mount) === true);
                if (first !== undefined) {
                    tell(
                        `it and ${first.container.label} both mount ${label} writable. Set readOnly: true where it is only read; if both write, name them in this rule's \`writers\`.`,
                    );
                } else if (others.some((other) => shareFiles(mount, other.mount) === undefined)) {
                    report.notChecked(path);
                }
                writing.push({ container, mount });
            }
        }
    },
};

/** Whether two mounts of one volume have files in common; undefined when that is not known. */
function shareFiles(a: Mount, b: Mount): boolean | undefined {
    const [one, other] = [partOf(a), partOf(b)];
    return one === undefined || other === undefined ? undefined : overlap(one, other);
}
