import { setTimeout as sleep } from "node:timers/promises";

import * as pulumi from "@pulumi/pulumi";

import { clusterClient, type ClusterClient } from "./clusterClient";
import type { LocalCluster } from "./localCluster";

/** An object as the hook gets it from the engine, and as the API server has it. */
interface Marked {
    readonly metadata: {
        name: string;
        namespace: string;
        uid?: string;
        annotations?: Record<string, string | undefined>;
    };
}

/** Says which resource of which stack an object in the cluster belongs to. */
const MARK = "sidecars/resource";

const COLLECTIONS: Record<string, (namespace: string) => string> = {
    "kubernetes:core/v1:Pod": (namespace) => `/api/v1/namespaces/${namespace}/pods`,
    "kubernetes:core/v1:Service": (namespace) => `/api/v1/namespaces/${namespace}/services`,
    "kubernetes:apps/v1:Deployment": (namespace) => `/apis/apps/v1/namespaces/${namespace}/deployments`,
};

const POLL_MS = 250;

/** What a resource needs so that its leftover can be removed: annotations for its object, and a hook. */
export interface LeftoverRemoval {
    readonly hooks?: pulumi.ResourceHookBinding;
    annotations(resourceName: string): Record<string, string>;
}

/** Engine and program know a hook by its name, so there is one for each context. */
const hooks = new Map<string, pulumi.ResourceHook>();

/** @param cluster undefined where it is not known: then nothing is removed. */
export function leftoverRemoval(cluster: LocalCluster | undefined): LeftoverRemoval {
    if (cluster === undefined) {
        return { annotations: () => ({}) };
    }
    const { context } = cluster;
    let hook = hooks.get(context);
    if (hook === undefined) {
        hook = new pulumi.ResourceHook(`sidecars-leftovers-${context}`, async ({ type, newInputs }) => {
            await removeLeftover(type, newInputs as Marked, await clusterClient(context));
        });
        hooks.set(context, hook);
    }
    const stack = `${pulumi.getOrganization()}/${pulumi.getProject()}/${pulumi.getStack()}`;
    return {
        hooks: { beforeCreate: [hook] },
        annotations: (resourceName) => ({ [MARK]: `${stack}/${resourceName}` }),
    };
}

/**
 * Makes way for a resource that is about to be created: an update that was killed may have created its object without
 * the stack's state knowing it, and then every further update would fail, because the object exists already. Only an
 * object with this resource's own mark is deleted.
 *
 * @param timeoutMs for the object to be gone.
 */
export async function removeLeftover(
    type: string,
    inputs: Marked,
    client: ClusterClient,
    timeoutMs = 60_000,
): Promise<void> {
    const { name, namespace, annotations } = inputs.metadata;
    const path = `${COLLECTIONS[type]!(namespace)}/${name}`;
    const found = await client.get<Marked>(path);
    const ours = annotations?.[MARK];
    if (found === undefined || ours === undefined || found.metadata.annotations?.[MARK] !== ours) {
        return;
    }
    await client.remove(path);
    const deadlineMs = Date.now() + timeoutMs;
    while ((await client.get<Marked>(path))?.metadata.uid === found.metadata.uid) {
        if (Date.now() >= deadlineMs) {
            throw new Error(
                `${namespace}/${name}, left by an interrupted update, is not gone after ${timeoutMs / 1000} s`,
            );
        }
        await sleep(POLL_MS);
    }
}
