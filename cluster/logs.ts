import { spawn } from "node:child_process";
import { main, probe, StepError } from "./steps";

main(async () => {
    const { ok, stdout } = await probe("pulumi", ["stack", "output", "commands", "--json", "--stack", "dev"], {
        timeout: 60,
    });
    if (!ok) {
        throw new StepError("No webserver is deployed.", "`make up` deploys it.");
    }
    const { logs } = JSON.parse(stdout) as { logs: string };
    const child = spawn("sh", ["-c", logs], { stdio: "inherit" });
    process.exitCode = await new Promise<number>((resolve) => {
        child.on("close", (code) => {
            resolve(code ?? 0);
        });
    });
});
