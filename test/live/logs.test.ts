import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { chromium } from "playwright-core";
import { browser } from "../../cluster/browser";
import { eventually } from "./eventually";
import { namespaceOfSuite } from "./namespace";
import { projectOfSuite } from "./project";
import { isAccess, isError, promptly, Requests } from "./requests";

describe("the webserver's log in its reader's output", () => {
    const namespace = namespaceOfSuite();
    const project = projectOfSuite(namespace, { config: { readiness: { graceSeconds: 1 } } });
    const webserver = namespace.webserver();
    let requests: Requests;

    before(async () => {
        await project.current.up();
        requests = await Requests.to(webserver);
    });
    // Its set-up may have failed.
    after(() => (requests as Requests | undefined)?.close());

    async function inServer(script: string): Promise<void> {
        const { code, output } = await webserver.exec("nginx-container", [
            "sh",
            "-c",
            `cd /var/log/nginx && ${script}`,
        ]);
        assert.equal(code, 0, output);
    }

    it("has a request's line once, within 2 s", async () => {
        const id = await requests.page();
        assert.notEqual(await webserver.awaitLine((line) => line.includes(id), promptly), undefined);
        assert.deepEqual(await requests.lines((line) => line.includes(id)), [1]);
    });

    it("has the lines of a missing file once each, from the access log and from the error log", async () => {
        const id = await requests.missing();
        const ofRequest = (line: string): boolean => line.includes(id);
        assert.deepEqual(
            await requests.lines(
                (line) => ofRequest(line) && isAccess(line) && line.includes(" 404 "),
                (line) => ofRequest(line) && isError(line),
                ofRequest,
            ),
            [1, 1, 2],
        );
    });

    it("has each of a hundred requests once, in their order", async () => {
        const ids: string[] = [];
        for (let count = 0; count < 100; count += 1) {
            ids.push(await requests.page());
        }
        await requests.lines();
        const log = await webserver.log();
        const seen = log.map((line) => ids.find((id) => line.includes(id))).filter((id) => id !== undefined);
        assert.deepEqual(seen, ids);
    });

    it("has each line once across a rotation, with what was written before the reopening", async () => {
        const before = await requests.page();
        const between = randomUUID();
        // In one go, as logrotate does it: the reader leaves a renamed file after a second.
        const request = `curl --silent --output /dev/null "localhost/?${between}"`;
        await inServer(`mv access.log access.log.1 && ${request} && nginx -s reopen`);
        await eventually(() => inServer("test -e access.log"), 10);
        const after = await requests.page();
        const counts = await requests.lines(
            ...[before, between, after].map((id) => (line: string) => line.includes(id)),
        );
        assert.deepEqual(counts, [1, 1, 1]);
    });

    it("has each line once across a truncation", async () => {
        const before = [await requests.page(), await requests.page(), await requests.page()];
        await requests.lines();
        await inServer(": > access.log");
        const after = await requests.page();
        const counts = await requests.lines(...[...before, after].map((id) => (line: string) => line.includes(id)));
        assert.deepEqual(counts, [1, 1, 1, 1]);
    });

    it("has a visit by a browser", async () => {
        const started = await chromium.launch({
            executablePath: await browser(),
            args: [
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
            ],
        });
        try {
            const page = await started.newPage();
            const visit = `visit-${Date.now()}`;
            const response = await page.goto(`${requests.url}/?${visit}`);
            assert.equal(response?.status(), 200);
            assert.match(await page.title(), /nginx/);
            const ofBrowser = (line: string): boolean => line.includes(visit) && line.includes("Chrome/");
            assert.notEqual(await webserver.awaitLine(ofBrowser, promptly), undefined);
            // A browser asks for an icon by itself, so that only the visit itself is counted.
            assert.deepEqual(await requests.lines((line) => line.includes(`GET /?${visit} `)), [1]);
        } finally {
            await started.close();
        }
    });
});
