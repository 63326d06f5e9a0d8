import { readdir, readFile, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** What Pulumi writes into a lock: who holds it. */
interface Lock {
    readonly pid: number;
    readonly hostname: string;
}

function isAlive(pid: number): boolean {
    try {
        process.kill(pid, 0);
        return true;
    } catch (error) {
        return (error as NodeJS.ErrnoException).code !== "ESRCH";
    }
}

/**
 * Removes the locks that Pulumi commands left on their stacks when they were killed. Those of commands that still run stay, and so do
 * those of another machine.
 *
 * @param backend where the stacks' state is; only a folder has locks that can be looked at
 */
export async function removeStaleLocks(backend: string): Promise<void> {
    if (!backend.startsWith("file:///")) {
        return;
    }
    const folder = join(fileURLToPath(backend), ".pulumi", "locks");
    const names = await readdir(folder, { recursive: true }).catch(() => []);
    for (const file of names.filter((name) => name.endsWith(".json")).map((name) => join(folder, name))) {
        const lock = await readFile(file, "utf8")
            .then((text) => JSON.parse(text) as Lock)
            .catch(() => undefined);
        if (lock?.hostname === hostname() && !isAlive(lock.pid)) {
            await rm(file, { force: true });
        }
    }
}
