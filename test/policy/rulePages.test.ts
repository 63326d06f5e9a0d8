import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { pagesFolder, rulePages } from "../../docs/rulePages";

describe("the rules' pages", () => {
    const pages = rulePages();

    it("are those of the rules there are", () => {
        assert.deepEqual(fs.readdirSync(pagesFolder).sort(), [...pages.keys()].sort());
    });

    for (const [file, page] of pages) {
        it(`are up to date, as npm run docs writes them: ${file}`, () => {
            assert.equal(fs.readFileSync(path.join(pagesFolder, file), "utf8"), page);
        });
    }

    it("show what is wrong, what the rule says of it, and what is right", () => {
        const page = pages.get("memory-limit.md") ?? "";
        assert.match(
            page,
            /## Not like this\n\n```yaml\n[^`]*```\n\n> [^>]*no memory limit[^>]*## But like this\n\n```yaml/,
        );
    });
});
