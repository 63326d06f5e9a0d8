import {
    type Container,
    type List,
    type PodTemplate,
    notKnown,
    quoteName,
    read,
    readKeys,
    readList,
} from "./podTemplate";

/** One mount of a container: a `volumeMounts` entry, or a `volumeDevices` entry. */
export interface Mount {
    /** Which of the two it is. */
    readonly kind: "volumeMounts" | "volumeDevices";
    /** The name of its volume: undefined when there is none, `notKnown` when it is not known yet. */
    readonly volume: string | typeof notKnown | undefined;
    /** Where it is in the resource: `spec.containers[0].volumeMounts[1]`. */
    readonly path: string;
    /** The entry itself. */
    readonly node: unknown;
}

/** A container's mounts; `known` is false when some of them are not known yet. */
export interface Mounts {
    readonly items: readonly Mount[];
    readonly known: boolean;
    /** The paths of what is not known yet. */
    readonly notKnown: readonly string[];
}

/** All mounts of a container, file systems and block devices. */
export function mountsOf(container: Container): Mounts {
    return (container.mounts ??= readMounts(container));
}

function readMounts(container: Container): Mounts {
    const items: Mount[] = [];
    const missing: string[] = [];
    for (const kind of ["volumeMounts", "volumeDevices"] as const) {
        const list = readList(container.node, kind);
        if (!list.known) {
            missing.push(`${container.path}.${kind}`);
        }
        list.items.forEach((node, index) => {
            const path = `${container.path}.${kind}[${index}]`;
            if (node === notKnown) {
                missing.push(path);
                return;
            }
            const name = read(node, "name");
            if (name === notKnown) {
                missing.push(`${path}.name`);
            }
            if (typeof node === "object" && node !== null) {
                const volume = name === notKnown || typeof name === "string" ? name : undefined;
                items.push({ kind, volume, path, node });
            }
        });
    }
    return { items, known: missing.length === 0, notKnown: missing };
}

/** The volumes of a pod, by name; `known` is false when some of them are not known yet. */
export interface Volumes {
    readonly byName: ReadonlyMap<string, unknown>;
    readonly known: boolean;
}

/** A pod's volumes, those that a StatefulSet's `volumeClaimTemplates` add included. */
export function volumesOf(pod: PodTemplate): Volumes {
    return (pod.volumes ??= readVolumes(pod));
}

function readVolumes(pod: PodTemplate): Volumes {
    const byName = new Map<string, unknown>();
    let known = true;
    const collect = (list: List, nameOf: (item: unknown) => unknown): void => {
        known &&= list.known;
        for (const item of list.items) {
            const name = nameOf(item);
            if (name === notKnown) {
                known = false;
            } else if (typeof name === "string") {
                byName.set(name, item);
            }
        }
    };
    collect(readList(pod.spec, "volumes"), (item) => read(item, "name"));
    collect(readList(pod.owner, "volumeClaimTemplates"), (item) => read(item, "metadata", "name"));
    return { byName, known };
}

/** The kinds of volume that containers can only read: nothing can be handed from one to another through them. */
const readOnlyKinds = ["configMap", "secret", "downwardAPI", "projected", "image"];

/** Whether containers can write to the volume, as far as the volume itself says. */
export function isWritable(volume: unknown): boolean {
    return (
        !readKeys(volume).some((key) => readOnlyKinds.includes(key)) &&
        read(volume, "persistentVolumeClaim", "readOnly") !== true
    );
}

/** The directory of the volume that is mounted, empty for all of it; undefined when it is not known, or depends on the container's environment. */
export function partOf(mount: Mount): string | undefined {
    const subPath = read(mount.node, "subPath");
    const expression = read(mount.node, "subPathExpr");
    if (subPath === notKnown || expression === notKnown || (typeof expression === "string" && expression !== "")) {
        return undefined;
    }
    const parts = typeof subPath === "string" ? subPath.split("/") : [];
    return parts.filter((part) => part !== "" && part !== ".").join("/");
}

/** Whether two parts of a volume have files in common: one is the other, or holds it. */
export function overlap(a: string, b: string): boolean {
    return a === "" || b === "" || a === b || a.startsWith(`${b}/`) || b.startsWith(`${a}/`);
}

/** "volume `logs`", or "a volume" when the name is not a proper one. */
export function volumeLabel(name: unknown): string {
    const quoted = quoteName(name);
    return quoted === undefined ? "a volume" : `volume ${quoted}`;
}
