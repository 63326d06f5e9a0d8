import { spawn } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { checkout, stateDirectory } from "./directories";
import { removeStaleLocks } from "./stackLocks";
import { removeBrokenSelections } from "./stackSelection";
import { probe, StepError } from "./steps";

/** The stack of Pulumi.dev.yaml. */
const stack = "dev";

/** Runs a Pulumi command that the user sees. */
async function pulumi(...args: string[]): Promise<void> {
    const child = spawn("pulumi", [...args, "--stack", stack], { cwd: checkout, stdio: "inherit" });
    const code = await new Promise<number | null>((resolve, reject) => {
        child.on("error", reject);
        child.on("close", resolve);
    });
    if (code !== 0) {
        throw new StepError(
            `pulumi ${args[0] ?? ""} failed`,
            "What it says is above. The cluster was left as it is: mend it and run the same command again.",
        );
    }
}

/** Removes what Pulumi commands left behind when they were killed, and what would make every later one fail. */
async function removeLeftovers(): Promise<void> {
    await removeStaleLocks(process.env.PULUMI_BACKEND_URL ?? "");
    await removeBrokenSelections(process.env.PULUMI_HOME ?? join(homedir(), ".pulumi"));
}

/** Selects the development stack, which is made where there is none yet. */
async function select(): Promise<void> {
    await removeLeftovers();
    await mkdir(join(stateDirectory, "stacks"), { recursive: true });
    const { ok } = await probe("pulumi", ["stack", "select", stack, "--create", "--non-interactive"], { timeout: 60 });
    if (!ok) {
        throw new StepError(
            `pulumi cannot select the stack ${stack}`,
            "Run `pulumi stack select dev --create` to see why.",
        );
    }
}

/** Deploys the stack, held to the policy pack. What has changed in the cluster meanwhile is looked at first. */
export async function up(): Promise<void> {
    await select();
    await pulumi("up", "--yes", "--skip-preview", "--refresh", "--policy-pack", "policy");
}

/** Shows what `up` would change, held to the policy pack. */
export async function preview(): Promise<void> {
    await select();
    await pulumi("preview", "--diff", "--policy-pack", "policy");
}

/**
 * Destroys the stack and forgets it.
 *
 * @param reachable whether its cluster answers; where it does not, what the stack held went with the cluster
 */
export async function down(reachable: boolean): Promise<void> {
    await removeLeftovers();
    const { ok } = await probe("pulumi", ["stack", "select", stack, "--non-interactive"], { timeout: 60 });
    if (!ok) {
        return;
    }
    if (reachable) {
        await pulumi("destroy", "--yes", "--skip-preview");
    }
    await pulumi("stack", "rm", "--yes", "--force", "--preserve-config");
}
