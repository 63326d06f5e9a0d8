import { existsSync, statfsSync, statSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { cacheDirectory, checkout, stateDirectory } from "./directories";

const gibibyte = 2 ** 30;

/** Less than this is none, in GiB: what is written comes in larger pieces. */
const nothing = 0.05;

/** What a disk is short of, and what to do. */
export interface Shortage {
    readonly message: string;
    readonly remedy: string;
}

/** The folder, or the one above it that it will be made in. */
function existing(path: string): string {
    return existsSync(path) ? path : existing(dirname(path));
}

/** How much a user may still write below a folder, in GiB. */
function free(path: string): number {
    const { bavail, bsize } = statfsSync(existing(path));
    return (bavail * bsize) / gibibyte;
}

/** Where the disk that holds a folder is mounted. */
function mountPoint(path: string): string {
    const folder = existing(resolve(path));
    const above = dirname(folder);
    return above === folder || statSync(above).dev !== statSync(folder).dev ? folder : mountPoint(above);
}

function shortage(path: string, needed?: number): Shortage {
    const figures = `${needed === undefined ? "" : `${needed} GiB ${needed === 1 ? "is" : "are"} needed, `}${free(path).toFixed(2)} GiB are free`;
    return {
        message: `No space left on ${mountPoint(path)}: ${figures}`,
        remedy: `  Make room there, or let XDG_CACHE_HOME name a folder on another disk. Then run the same command again: what is done already is kept.`,
    };
}

/** What is amiss where the cache's disk has less than so many GiB left; undefined where it has them. */
export function shortOf(needed: number): Shortage | undefined {
    return free(cacheDirectory) < needed ? shortage(cacheDirectory, needed) : undefined;
}

/**
 * The disk that is full; undefined where all have room.
 *
 * @param told whether a command said so: then it is the fullest of all that are written to, although what failed may have made room
 */
export function fullDisk(told: boolean): Shortage | undefined {
    const { GOCACHE = join(homedir(), ".cache", "go-build"), GOMODCACHE = join(homedir(), "go") } = process.env;
    const always = [cacheDirectory, stateDirectory];
    if (told) {
        const [fullest] = [...always, GOCACHE, GOMODCACHE, tmpdir(), checkout].sort(
            (one, other) => free(one) - free(other),
        );
        return shortage(fullest!);
    }
    const full = always.find((path) => free(path) < nothing);
    return full === undefined ? undefined : shortage(full);
}
