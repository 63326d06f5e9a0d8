import { namePattern } from "../namePattern";
import { notKnown, quoteName, read, readList } from "../podTemplate";
import { replicasOf } from "../replicas";
import type { Rule } from "../rule";
import { volumeLabel } from "../volumes";

/** Options of `claim-of-replicas`. */
export interface ClaimOfReplicasOptions {
    /** Names of claims that several nodes can mount. */
    readonly shared: readonly string[];
}

/**
 * A claim that several pods of one workload use is one that several nodes can mount. Claims that each pod gets for itself
 * (a StatefulSet's `volumeClaimTemplates`, an `ephemeral` volume) are none of these.
 */
export const claimOfReplicas: Rule<ClaimOfReplicasOptions> = {
    name: "claim-of-replicas",
    why: "A claim of access mode ReadWriteOnce can be used on one node at a time. Of several replicas with one such claim those on other nodes never start.",
    level: "advisory",
    options: {
        shared: {
            type: "array",
            items: { type: "string", minLength: 1 },
            description: "Claims of access mode ReadWriteMany or ReadOnlyMany, by name; `*` stands for any characters.",
            default: [],
        },
    },
    check(pod, options, report) {
        const replicas = replicasOf(pod);
        if (typeof replicas === "number" && replicas <= 1) {
            return;
        }
        const isShared = namePattern(options.shared);
        const volumes = readList(pod.spec, "volumes");
        if (!volumes.known) {
            report.notChecked(`${pod.path}.volumes`);
        }
        volumes.items.forEach((volume, index) => {
            const claim = read(volume, "persistentVolumeClaim", "claimName");
            const path = `${pod.path}.volumes[${index}].persistentVolumeClaim.claimName`;
            if (claim === undefined || (typeof claim === "string" && isShared(claim))) {
                return;
            }
            if (replicas === notKnown || claim === notKnown) {
                report.notChecked(path);
            } else {
                const name = quoteName(claim);
                report.violation(
                    path,
                    `${volumeLabel(read(volume, "name"))}: several pods of this ${pod.kind} use ${name === undefined ? "its claim" : `the claim ${name}`}, and only one with access mode ReadWriteMany (or ReadOnlyMany) can be used on several nodes. If it has that, name it in this rule's \`shared\`; else use a StatefulSet with volumeClaimTemplates, or one replica.`,
                );
            }
        });
    },
};
