import { rm } from "node:fs/promises";
import { cacheDirectory } from "./directories";
import { exclusively } from "./lock";
import { main, step } from "./steps";

main(() =>
    exclusively(() =>
        step("caches", async (current) => {
            await rm(cacheDirectory, { recursive: true, force: true });
            current.says(`${cacheDirectory} removed`);
        }),
    ),
);
