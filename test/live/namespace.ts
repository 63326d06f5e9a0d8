import { ApiException, AppsV1Api, CoreV1Api, type KubeConfig } from "@kubernetes/client-node";
import { randomBytes } from "node:crypto";
import { currentLocalContext, loadKubeConfig } from "../../cluster/kubeconfig";
import { documented, LiveWebserver, type WebserverAddress } from "../../cluster/webserver";
import { eventually } from "./eventually";

/** A namespace of its own for the tests of one file. */
export class Namespace {
    public readonly name = `live-${randomBytes(4).toString("hex")}`;
    public readonly config: KubeConfig = loadKubeConfig();

    public get core(): CoreV1Api {
        return this.config.makeApiClient(CoreV1Api);
    }

    public get apps(): AppsV1Api {
        return this.config.makeApiClient(AppsV1Api);
    }

    /** The webserver that runs in it under the documents' names, or under others. */
    public webserver(address: Partial<WebserverAddress> = {}): LiveWebserver {
        return new LiveWebserver(this.config, { ...documented, namespace: this.name, ...address });
    }

    /** The names of its pods, those that are being deleted left out. */
    public async pods(): Promise<string[]> {
        const { items } = await this.core.listNamespacedPod({ namespace: this.name });
        return items
            .filter(({ metadata }) => metadata?.deletionTimestamp === undefined)
            .map(({ metadata }) => metadata?.name ?? "");
    }

    public async create(): Promise<void> {
        if ((await currentLocalContext()) === undefined) {
            throw new Error("the current context is no local cluster that answers: `make cluster` sets one up");
        }
        const body: object = { metadata: { name: this.name } };
        await this.core.createNamespace({ body });
        // Without its service account the namespace takes no pod.
        await eventually(() => this.core.readNamespacedServiceAccount({ name: "default", namespace: this.name }), 30);
    }

    /** Starts its deletion, with all that is in it. */
    public async delete(): Promise<void> {
        await this.core.deleteCollectionNamespacedPod({ namespace: this.name, gracePeriodSeconds: 0 });
        await this.core.deleteNamespace({ name: this.name });
    }

    public async isGone(): Promise<true> {
        try {
            await this.core.readNamespace({ name: this.name });
        } catch (error) {
            if (error instanceof ApiException && error.code === 404) {
                return true;
            }
            throw error;
        }
        throw new Error(`the namespace ${this.name} is still there`);
    }
}

const deleted: Namespace[] = [];

/** Waits until all namespaces that were deleted are gone. That takes some seconds, so that no suite does it by itself. */
export async function allGone(): Promise<void> {
    await Promise.all(deleted.splice(0).map((namespace) => eventually(() => namespace.isGone(), 120)));
}

/** A namespace for the tests of the suite that this is called in. */
export function namespaceOfSuite(): Namespace {
    const namespace = new Namespace();
    let created = false;
    before(async () => {
        await namespace.create();
        created = true;
    });
    after(async () => {
        if (created) {
            await namespace.delete();
            deleted.push(namespace);
        }
    });
    return namespace;
}
