import { environment } from "./environment";
import { type Cluster, localCluster } from "./kindCluster";
import { exclusively } from "./lock";
import { main } from "./steps";
import { pulumi } from "./toolchain";

/**
 * Brings up everything that a stack needs: Pulumi with its provider, a local cluster, and the images of the pods. Afterwards this
 * process has their environment.
 *
 * @param images for instance `nginx:latest`
 */
export async function setUp(images: readonly string[]): Promise<Cluster> {
    Object.assign(process.env, await environment());
    // Side by side: the cluster's packages and images are got ready while Pulumi is built, and it starts while the provider is.
    const [cluster] = await Promise.all([localCluster(images), pulumi()]);
    Object.assign(process.env, await environment());
    return cluster;
}

if (require.main === module) {
    main(() =>
        exclusively(async () => {
            await setUp(process.argv.slice(2));
        }),
    );
}
