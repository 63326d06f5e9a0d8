import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { cacheDirectory, stateDirectory } from "./directories";
import { engineHost } from "./engine";
import { linkDirectory } from "./tools";

/** Plugins and settings of a Pulumi command that is ours; one found on PATH keeps its own. */
export const ownPulumiHome = join(cacheDirectory, "pulumi-home");

/**
 * What a command needs in its environment to use the tools, the engine and the stack's state that `make up` set up.
 * What the user has set is kept.
 */
export async function environment(): Promise<Record<string, string>> {
    const ownPulumi = existsSync(join(linkDirectory, "pulumi"));
    const host = await engineHost();
    const path = (process.env.PATH ?? "").split(delimiter).filter((directory) => directory !== linkDirectory);
    return {
        PATH: [linkDirectory, ...path].join(delimiter),
        PULUMI_BACKEND_URL: process.env.PULUMI_BACKEND_URL || `file://${join(stateDirectory, "stacks")}`,
        // The development stack has no secrets; another stack's passphrase is its owner's business.
        PULUMI_CONFIG_PASSPHRASE: process.env.PULUMI_CONFIG_PASSPHRASE ?? "",
        PULUMI_SKIP_UPDATE_CHECK: "true",
        ...(ownPulumi ? { PULUMI_HOME: ownPulumiHome, PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true" } : {}),
        ...(host === undefined ? {} : { DOCKER_HOST: host }),
    };
}
