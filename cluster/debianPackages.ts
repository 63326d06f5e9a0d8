import { existsSync } from "node:fs";
import { step, StepError } from "./steps";
import { onPath } from "./tools";

/** Whether packages can be installed here: root on Debian or one of its children. */
export function canInstallPackages(): boolean {
    return existsSync("/usr/bin/apt-get") && process.getuid?.() === 0;
}

/**
 * Installs what is missing of some Debian packages.
 *
 * @param packages by the command that shows that a package is there
 */
export async function debianPackages(packages: Record<string, string>): Promise<void> {
    const missing: string[] = [];
    for (const [command, name] of Object.entries(packages)) {
        if ((await onPath(command)) === undefined) {
            missing.push(name);
        }
    }
    if (missing.length === 0) {
        return;
    }
    await step(
        `Debian packages ${missing.join(", ")}`,
        async (current) => {
            if (!canInstallPackages()) {
                throw new StepError(
                    "Only root on Debian or Ubuntu can install them",
                    `  Install ${missing.join(", ")}, or start Docker, then run the same command again.`,
                );
            }
            const env = { DEBIAN_FRONTEND: "noninteractive" };
            // What an interrupted installation left half-configured would make every later one fail.
            await current.run("dpkg", ["--configure", "-a"], { env });
            await current.run("apt-get", ["update"], { env });
            await current.run(
                "apt-get",
                ["install", "--yes", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=120", ...missing],
                { env },
            );
        },
        "1 min",
    );
}
