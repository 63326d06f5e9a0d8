import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";

/**
 * Removes the notes of which stack is selected that a Pulumi command was killed in writing: one that cannot be read fails every
 * later command, and holds nothing else.
 *
 * @param home PULUMI_HOME
 */
export async function removeBrokenSelections(home: string): Promise<void> {
    const folder = join(home, "workspaces");
    const names = await readdir(folder).catch(() => []);
    for (const file of names.filter((name) => name.endsWith("-workspace.json")).map((name) => join(folder, name))) {
        try {
            JSON.parse(await readFile(file, "utf8"));
        } catch (error) {
            if (error instanceof SyntaxError) {
                await rm(file, { force: true });
            }
        }
    }
}
