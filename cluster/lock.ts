import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { lock } from "proper-lockfile";
import { stateDirectory, workDirectory } from "./directories";

/** A lock whose holder has not touched it for so long belongs to a process that was killed, in milliseconds. */
const stale = 10_000;

/** Runs work that changes the cluster or its tools: one process at a time, a second one says so and waits. */
export async function exclusively(work: () => Promise<void>): Promise<void> {
    await mkdir(stateDirectory, { recursive: true });
    const options = { lockfilePath: join(stateDirectory, "lock"), stale };
    const release = await lock(stateDirectory, options).catch((error: unknown) => {
        if ((error as NodeJS.ErrnoException).code !== "ELOCKED") {
            throw error;
        }
        console.log("  Another run is at work here, or was killed a moment ago: waiting for it.");
        return lock(stateDirectory, {
            ...options,
            retries: { forever: true, factor: 1, minTimeout: 1_000, maxTimeout: 1_000 },
        });
    });
    try {
        await rm(workDirectory, { recursive: true, force: true });
        await work();
    } finally {
        await release();
    }
}
