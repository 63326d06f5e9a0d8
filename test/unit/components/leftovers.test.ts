import assert from "node:assert/strict";

import type { ClusterClient } from "../../../components/clusterClient";
import { leftoverRemoval, removeLeftover } from "../../../components/leftovers";

const PATH = "/api/v1/namespaces/default/pods/web";

function object(mark?: string, uid?: string) {
    return {
        metadata: { name: "web", namespace: "default", uid, annotations: mark ? { "sidecars/resource": mark } : {} },
    };
}

/** A cluster in which there are these objects, one after the other; the last one stays. */
function cluster(objects: unknown[], removed: string[]): ClusterClient {
    const get = (path: string) => {
        assert.equal(path, PATH);
        return Promise.resolve(objects.length > 1 ? objects.shift() : objects[0]);
    };
    return {
        get: <T>(path: string) => get(path) as Promise<T | undefined>,
        text: () => Promise.resolve(undefined),
        remove: (path) => {
            removed.push(path);
            return Promise.resolve();
        },
    };
}

async function removedFrom(objects: unknown[], timeoutMs?: number): Promise<string[]> {
    const removed: string[] = [];
    await removeLeftover("kubernetes:core/v1:Pod", object("o/p/s/web-pod"), cluster(objects, removed), timeoutMs);
    return removed;
}

describe("removeLeftover", () => {
    it("removes what an interrupted update of this resource left, and waits until it is gone", async () => {
        const mine = object("o/p/s/web-pod", "1");
        assert.deepEqual(await removedFrom([mine, mine, undefined]), [PATH]);
    });

    it("is content when another object is there in its place", async () => {
        assert.deepEqual(await removedFrom([object("o/p/s/web-pod", "1"), object("o/p/s/web-pod", "2")]), [PATH]);
    });

    it("leaves alone what is not there, not marked, or another's", async () => {
        assert.deepEqual(await removedFrom([undefined]), []);
        assert.deepEqual(await removedFrom([object(undefined, "1")]), []);
        assert.deepEqual(await removedFrom([object("o/p/other/web-pod", "1")]), []);
    });

    it("gives up when it does not go", async () => {
        await assert.rejects(
            removedFrom([object("o/p/s/web-pod", "1")], 100),
            /default\/web, left by an interrupted update, is not gone after 0.1 s$/,
        );
    });

    it("does nothing where the cluster is not known", () => {
        const removal = leftoverRemoval(undefined);
        assert.equal(removal.hooks, undefined);
        assert.deepEqual(removal.annotations("web-pod"), {});
    });
});
