import { environment } from "./environment";
import { podImage, registryInReach } from "./images";
import { loadImages, onOurCluster } from "./kindCluster";
import { exclusively } from "./lock";
import { main, probe } from "./steps";
import { tool } from "./tools";

/** The images that the tests which are run need, by the last part of their names. Those of all others are left out. */
const needed = /^registry\.k8s\.io\/e2e-test-images\/(agnhost|busybox|glibc-dns-testing|nonewprivs|nonroot):/;

/** The images that the Kubernetes project's tests of a cluster may ask for, by their full names. */
export async function conformanceImages(binary: string): Promise<string[]> {
    const { stdout } = await probe(binary, ["--images"]);
    return stdout.split("\n").filter(Boolean).sort();
}

// Builds the tests, and gives the cluster that is ours the images of their pods where it cannot pull them.
if (require.main === module) {
    main(() =>
        exclusively(async () => {
            Object.assign(process.env, await environment());
            const binary = await tool("conformance");
            if (!(await onOurCluster())) {
                return;
            }
            // It is there already, and tells whether it could be pulled.
            await podImage("nginx:latest");
            if (!registryInReach()) {
                await loadImages((await conformanceImages(binary)).filter((image) => needed.test(image)));
            }
        }),
    );
}
