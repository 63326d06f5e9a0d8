import { debianPackages } from "./debianPackages";
import { main } from "./steps";
import { onPath } from "./tools";

/** The commands by which Chromium and Chrome go. */
const commands = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];

/** A browser for the tests: the one that BROWSER_PATH names, else one on PATH. */
export async function browser(): Promise<string | undefined> {
    const found = await Promise.all(commands.map(onPath));
    return process.env.BROWSER_PATH ?? found.find((path) => path !== undefined);
}

if (require.main === module) {
    main(async () => {
        if ((await browser()) === undefined) {
            await debianPackages({ chromium: "chromium" });
        }
    });
}
