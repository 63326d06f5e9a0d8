import { randomUUID } from "node:crypto";
import assert from "node:assert/strict";
import { forwardPort, type ForwardedPort } from "../../cluster/portForward";
import type { LiveWebserver } from "../../cluster/webserver";

/** How soon a request must stand in the log reader's output, in seconds. */
export const promptly = 2;

/** Requests to a live webserver, each of which can be told from all others. */
export class Requests {
    private constructor(
        private readonly webserver: LiveWebserver,
        private readonly forwarded: ForwardedPort,
    ) {}

    public static async to(webserver: LiveWebserver): Promise<Requests> {
        const { namespace, pod, port } = webserver.address;
        return new Requests(webserver, await forwardPort(webserver.config, { namespace, pod, port }, 0));
    }

    public get url(): string {
        return this.forwarded.url;
    }

    /** Requests a page that is there. Returns what its line in the log holds. */
    public async page(): Promise<string> {
        const id = randomUUID();
        await this.get(`/?${id}`, 200);
        return id;
    }

    /** Requests a file that is missing. Returns what its lines in both logs hold. */
    public async missing(): Promise<string> {
        const id = randomUUID();
        await this.get(`/${id}`, 404);
        return id;
    }

    /** How often lines came in the reader's output until now: of those that were asked for before, none is still to come. */
    public async lines(...wanted: ((line: string) => boolean)[]): Promise<number[]> {
        // Both files are read in turn, so that each gets a last line of its own.
        const last = await this.missing();
        for (const kind of [isAccess, isError]) {
            const took = await this.webserver.awaitLine((line) => line.includes(last) && kind(line), promptly);
            assert.notEqual(took, undefined, `the last request's line did not come within ${promptly} s`);
        }
        const log = await this.webserver.log();
        return wanted.map((matches) => log.filter(matches).length);
    }

    public close(): Promise<void> {
        return this.forwarded.close();
    }

    private async get(path: string, status: number): Promise<void> {
        const response = await fetch(this.url + path, {
            headers: { connection: "close" },
            signal: AbortSignal.timeout(10_000),
        });
        await response.text();
        assert.equal(response.status, status);
    }
}

/** Whether a line is one of nginx's error log. */
export function isError(line: string): boolean {
    return /^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d \[\w+\] /.test(line);
}

/** Whether a line is one of nginx's access log. */
export function isAccess(line: string): boolean {
    return / "GET \S+ HTTP\/1\.1" \d{3} /.test(line);
}
