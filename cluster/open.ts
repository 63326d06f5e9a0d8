import { deployedWebserver } from "./deployed";
import { forwardPort } from "./portForward";
import { main, StepError } from "./steps";

/** How long the webserver may take to answer, in milliseconds. */
const answerTimeout = 10_000;

main(async () => {
    const { config, address } = await deployedWebserver();
    const forwarded = await forwardPort(config, address);
    try {
        await fetch(forwarded.url, { headers: { connection: "close" }, signal: AbortSignal.timeout(answerTimeout) });
    } catch {
        await forwarded.close();
        throw new StepError(
            `The webserver does not answer on port ${address.port} of the pod ${address.pod}`,
            "`make verify` tells what is wrong.",
        );
    }
    console.log(`${forwarded.url}  (Ctrl-C ends it)`);
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
        // Ending it is what the user wants, not an interruption of something unfinished.
        process.removeAllListeners(signal);
        process.once(signal, () => {
            void forwarded.close().then(() => process.exit(0));
        });
    }
});
