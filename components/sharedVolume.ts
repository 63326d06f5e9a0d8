import type { types } from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

import type { InputErrors } from "./inputErrors";
import { positiveQuantityProblem } from "./quantity";

/** A directory of a volume in a container. Made by {@link SharedVolume.at} and {@link SharedVolume.readOnlyAt} only. */
export interface Mount {
    readonly volume: SharedVolume;
    readonly path: string;
    readonly readOnly: boolean;
    readonly subPath?: string;
}

export interface MountOptions {
    /**
     * A directory or file inside the volume to mount instead of its root.
     *
     * @default the volume's root
     */
    subPath?: string;
}

/** A PersistentVolumeClaim that is to be created before the pod. */
export interface ClaimRequest {
    readonly name: string;
    readonly spec: types.input.core.v1.PersistentVolumeClaimSpec;
}

/** A volume as it stands in one pod. */
export interface PodVolume {
    readonly source: types.input.core.v1.Volume;
    /** The claim that must be created for it, if any. */
    readonly claim?: ClaimRequest;
}

/**
 * A volume of a pod, from which its containers take mounts. Which volumes a pod has follows from the mounts alone.
 *
 * @example
 * const logs = emptyDir("shared-logs", { sizeLimit: "64Mi" });
 * const writer = { name: "nginx", image: "nginx:latest", mounts: [logs.at("/var/log/nginx")] };
 * const reader = { name: "reader", image: "ubuntu:latest", mounts: [logs.readOnlyAt("/logs")] };
 */
export abstract class SharedVolume {
    /** @param name a DNS label, unique in the pod. */
    constructor(readonly name: string) {}

    /** A mount that can be written to, where the volume's kind allows it. */
    at(path: string, options: MountOptions = {}): Mount {
        return { volume: this, path, readOnly: false, ...options };
    }

    /** A mount that can only be read. */
    readOnlyAt(path: string, options: MountOptions = {}): Mount {
        return { volume: this, path, readOnly: true, ...options };
    }

    /**
     * The volume as Kubernetes spells it. Mistakes go to `errors`, under the property path `path`.
     *
     * @param podName the pod's name, with which the name of a claim begins that is created for it.
     */
    abstract inPod(podName: string, errors: InputErrors, path: string): PodVolume;
}

export interface EmptyDirArgs {
    /**
     * How large the volume may grow before the pod is evicted.
     *
     * @default "64Mi"
     */
    sizeLimit?: pulumi.Input<string>;
    /**
     * `"Memory"` for a tmpfs, whose size counts as the containers' memory.
     *
     * @default the node's disk
     */
    medium?: "Memory";
}

/** A directory that starts empty and lives as long as the pod. */
export function emptyDir(name: string, args: EmptyDirArgs = {}): SharedVolume {
    return new EmptyDir(name, args);
}

class EmptyDir extends SharedVolume {
    constructor(
        name: string,
        private readonly args: EmptyDirArgs,
    ) {
        super(name);
    }

    inPod(_podName: string, errors: InputErrors, path: string): PodVolume {
        const { sizeLimit = "64Mi", medium } = this.args;
        const limit = errors.checked(`${path}.sizeLimit`, sizeLimit, positiveQuantityProblem);
        return { source: { name: this.name, emptyDir: { sizeLimit: limit, medium } } };
    }
}

type ConfigMapArgs = Omit<types.input.core.v1.ConfigMapVolumeSource, "name"> & {
    /** The ConfigMap's name. */
    name: pulumi.Input<string>;
};

/** The files of an existing ConfigMap. */
export function configMap(name: string, args: ConfigMapArgs): SharedVolume {
    return new ConfigMap(name, args);
}

class ConfigMap extends SharedVolume {
    constructor(
        name: string,
        private readonly args: ConfigMapArgs,
    ) {
        super(name);
    }

    inPod(_podName: string, errors: InputErrors, path: string): PodVolume {
        const name = errors.checked(`${path}.name`, this.args.name, emptyProblem);
        return { source: { name: this.name, configMap: { ...this.args, name } } };
    }
}

type SecretArgs = Omit<types.input.core.v1.SecretVolumeSource, "secretName"> & {
    /** The Secret's name. */
    secretName: pulumi.Input<string>;
};

/** The files of an existing Secret. */
export function secret(name: string, args: SecretArgs): SharedVolume {
    return new Secret(name, args);
}

class Secret extends SharedVolume {
    constructor(
        name: string,
        private readonly args: SecretArgs,
    ) {
        super(name);
    }

    inPod(_podName: string, errors: InputErrors, path: string): PodVolume {
        const secretName = errors.checked(`${path}.secretName`, this.args.secretName, emptyProblem);
        return { source: { name: this.name, secret: { ...this.args, secretName } } };
    }
}

export interface PersistentVolumeClaimArgs {
    /** The name of an existing claim. Either this or `storage`. */
    claimName?: pulumi.Input<string>;
    /** How much storage to claim, in a claim that is created with the pod. Either this or `claimName`. */
    storage?: pulumi.Input<string>;
    /**
     * The storage class of the claim that is created.
     *
     * @default the cluster's default class
     */
    storageClassName?: pulumi.Input<string>;
    /**
     * The access modes of the claim that is created.
     *
     * @default ["ReadWriteOnce"]
     */
    accessModes?: pulumi.Input<string>[];
}

/** Storage that outlives the pod: an existing claim, or one that is created with the pod. */
export function persistentVolumeClaim(name: string, args: PersistentVolumeClaimArgs): SharedVolume {
    return new PersistentVolumeClaim(name, args);
}

class PersistentVolumeClaim extends SharedVolume {
    constructor(
        name: string,
        private readonly args: PersistentVolumeClaimArgs,
    ) {
        super(name);
    }

    inPod(podName: string, errors: InputErrors, path: string): PodVolume {
        const { claimName, storage, storageClassName, accessModes = ["ReadWriteOnce"] } = this.args;
        if (storage === undefined) {
            if (claimName === undefined) {
                errors.add(path, "needs a claimName (an existing claim) or storage (for a new one)");
                return { source: { name: this.name } };
            }
            const existing = errors.checked(`${path}.claimName`, claimName, emptyProblem);
            return { source: { name: this.name, persistentVolumeClaim: { claimName: existing } } };
        }
        if (claimName !== undefined) {
            errors.add(path, "takes a claimName (an existing claim) or storage (for a new one), not both");
        }
        const request = errors.checked(`${path}.storage`, storage, positiveQuantityProblem);
        const name = `${podName}-${this.name}`;
        return {
            source: { name: this.name, persistentVolumeClaim: { claimName: name } },
            claim: { name, spec: { accessModes, storageClassName, resources: { requests: { storage: request } } } },
        };
    }
}

function emptyProblem(name: string): string | undefined {
    return name === "" ? "must not be empty" : undefined;
}
