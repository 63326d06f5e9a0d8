import * as assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { removeBrokenSelections } from "../../../cluster/stackSelection";

describe("removeBrokenSelections", () => {
    let home = "";
    beforeEach(() => {
        home = mkdtempSync(join(tmpdir(), "selections-"));
    });
    afterEach(() => {
        rmSync(home, { recursive: true });
    });

    it("removes the selections that were cut short, and no others", async () => {
        const folder = join(home, "workspaces");
        mkdirSync(folder);
        writeFileSync(join(folder, "whole-workspace.json"), '{ "stack": "organization/sidecars/dev" }');
        writeFileSync(join(folder, "empty-workspace.json"), "");
        writeFileSync(join(folder, "cut-workspace.json"), '{ "stack": "organ');
        writeFileSync(join(folder, "notes.txt"), "not ours");
        await removeBrokenSelections(home);
        assert.deepEqual(readdirSync(folder).sort(), ["notes.txt", "whole-workspace.json"]);
    });

    it("takes a home where nothing was selected yet", async () => {
        await removeBrokenSelections(home);
        assert.deepEqual(readdirSync(home), []);
    });
});
