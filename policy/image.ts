/** How an image says which build it is. */
export interface ImageVersion {
    /** The tag, `latest` when there is neither tag nor digest. */
    readonly tag: string | undefined;
    /** Whether a digest pins it. */
    readonly digest: boolean;
}

/** Splits an image reference: `registry:5000/name:tag@sha256:…`. A colon before the last slash belongs to the registry's port. */
export function imageVersion(image: string): ImageVersion {
    const at = image.indexOf("@");
    const name = at === -1 ? image : image.slice(0, at);
    const colon = name.indexOf(":", name.lastIndexOf("/") + 1);
    const digest = at !== -1;
    return { tag: colon === -1 ? (digest ? undefined : "latest") : name.slice(colon + 1), digest };
}
