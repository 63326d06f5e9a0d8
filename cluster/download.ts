import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { chmod, mkdir, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ReadableStream } from "node:stream/web";
import { workDirectory } from "./directories";
import { type Step, StepError } from "./steps";

/** A file of an official release, and the publisher's SHA-256 of it. */
export interface Download {
    readonly url: string;
    /** A file of lines `DIGEST  NAME`, or with the digest alone. */
    readonly checksumUrl: string;
}

/** How long a server may take to answer before its release counts as out of reach, in milliseconds. */
const answerTimeout = 5_000;

/** How long a whole download may take, in milliseconds. */
const downloadTimeout = 900_000;

async function open(url: string): Promise<Response | undefined> {
    const controller = new AbortController();
    const answer = setTimeout(() => {
        controller.abort();
    }, answerTimeout);
    try {
        const response = await fetch(url, {
            signal: AbortSignal.any([controller.signal, AbortSignal.timeout(downloadTimeout)]),
        });
        return response.ok ? response : undefined;
    } catch {
        return undefined;
    } finally {
        clearTimeout(answer);
    }
}

/**
 * Fetches a file of an official release and checks its digest.
 *
 * @returns the file, executable, in a folder for unfinished work; undefined where the release is out of reach
 * @throws StepError if what was fetched is not what the publisher's checksum says
 */
export async function download(current: Step, { url, checksumUrl }: Download): Promise<string | undefined> {
    const checksums = await (await open(checksumUrl))?.text();
    const name = basename(url);
    const expected = checksums
        ?.split("\n")
        .map((line) => line.trim().split(/\s+\*?/))
        .find(([, file]) => file === undefined || basename(file) === name)?.[0];
    if (expected === undefined) {
        return undefined;
    }
    const response = await open(url);
    if (response?.body === null || response?.body === undefined) {
        return undefined;
    }
    const total = Number(response.headers.get("content-length"));
    const hash = createHash("sha256");
    let received = 0;
    const file = join(workDirectory, name);
    await mkdir(workDirectory, { recursive: true });
    await pipeline(
        Readable.fromWeb(response.body as ReadableStream),
        new Transform({
            transform(chunk: Buffer, _encoding, done) {
                hash.update(chunk);
                received += chunk.length;
                current.says(
                    total > 0 ? `${Math.floor((100 * received) / total)} % of the official release` : "downloading",
                );
                done(null, chunk);
            },
        }),
        createWriteStream(file),
    );
    if (hash.digest("hex") !== expected) {
        await rm(file);
        throw new StepError(
            `${url} is not what its publisher's checksum says`,
            "  Run the same command again: it is fetched anew.",
        );
    }
    await chmod(file, 0o755);
    return file;
}
