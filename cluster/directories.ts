import { createHash } from "node:crypto";
import { homedir } from "node:os";
import { join, resolve } from "node:path";

/** The checkout. */
export const checkout = resolve(__dirname, "..");

/** What can be made again: tools, images, logs. `make clean` removes it. */
export const cacheDirectory = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "sidecars");

/** What cannot be made again: the stack's state, and which cluster is ours. `make down` empties it. */
export const stateDirectory = join(process.env.XDG_STATE_HOME || join(homedir(), ".local", "state"), "sidecars");

/** What is at work, unfinished: each run begins without what a killed one left there. */
export const workDirectory = join(cacheDirectory, "build");

/** Where commands put what they need for a moment. */
export const temporaryDirectory = join(workDirectory, "tmp");

/** One log file for each step, of its last run. */
export const logDirectory = join(cacheDirectory, "logs");

/**
 * Where the socket and process id of a cache's engine live: they do not outlive the machine's uptime. The name carries the cache's
 * path, so that two caches have two engines, and it is short because a socket's path may have 107 bytes at most.
 */
export function runtimeDirectoryOf(cache: string): string {
    const digest = createHash("sha256").update(cache).digest("hex").slice(0, 8);
    return join(process.env.XDG_RUNTIME_DIR || "/run", `sidecars-${digest}`);
}

/** Where our engine's socket and process id live. */
export const runtimeDirectory = runtimeDirectoryOf(cacheDirectory);
