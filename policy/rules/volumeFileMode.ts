import { notKnown, read, readList } from "../podTemplate";
import type { Rule } from "../rule";
import { volumeLabel } from "../volumes";

/** Options of `volume-file-mode`. */
export interface VolumeFileModeOptions {
    /** The permission bits that files of a Secret may have. */
    readonly secret: number;
    /** The permission bits that files of a ConfigMap may have. */
    readonly configMap: number;
}

/** Files from Secrets and ConfigMaps have no wider modes than they need. */
export const volumeFileMode: Rule<VolumeFileModeOptions> = {
    name: "volume-file-mode",
    why: "Files of a Secret that group or others can write, or run, are wider open than any reader needs. A mode written in decimal where octal was meant (644 instead of 0644) is a frequent cause.",
    level: "advisory",
    options: {
        secret: {
            type: "integer",
            minimum: 0,
            maximum: 511,
            description: "The permission bits that files of a Secret may have, as a decimal number: 420 is 0644.",
            default: 0o644,
        },
        configMap: {
            type: "integer",
            minimum: 0,
            maximum: 511,
            description: "The permission bits that files of a ConfigMap may have, as a decimal number: 493 is 0755.",
            default: 0o755,
        },
    },
    check(pod, options, report) {
        readList(pod.spec, "volumes").items.forEach((volume, index) => {
            const label = volumeLabel(read(volume, "name"));
            for (const kind of ["secret", "configMap"] as const) {
                const holder = read(volume, kind);
                if (holder === undefined) {
                    continue;
                }
                const path = `${pod.path}.volumes[${index}].${kind}`;
                const modes = [
                    { mode: read(holder, "defaultMode"), at: `${path}.defaultMode` },
                    ...readList(holder, "items").items.map((item, at) => ({
                        mode: read(item, "mode"),
                        at: `${path}.items[${at}].mode`,
                    })),
                ];
                for (const { mode, at } of modes) {
                    if (mode === notKnown) {
                        report.notChecked(at);
                    } else if (typeof mode === "number" && Number.isInteger(mode) && (mode & ~options[kind]) !== 0) {
                        report.violation(
                            at,
                            `${label}: mode 0${mode.toString(8)} is wider than the 0${options[kind].toString(8)} that is allowed for a ${kind === "secret" ? "Secret" : "ConfigMap"}. Set it to what the readers need, for instance 0440.`,
                        );
                    }
                }
            }
        });
    },
};
