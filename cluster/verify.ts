import { deployedWebserver } from "./deployed";
import { main, StepError } from "./steps";
import { verification } from "./verification";

main(async () => {
    const webserver = await deployedWebserver();
    const findings = await verification(webserver, ({ fact, holds, seen }) => {
        console.log(`${holds ? "✓" : "✗"} ${fact}: ${seen}`);
    });
    const failed = findings.filter(({ holds }) => !holds).length;
    if (failed > 0) {
        const { namespace, pod } = webserver.address;
        throw new StepError(
            `${failed} of ${findings.length} steps failed`,
            `\`kubectl describe pod ${pod} --namespace ${namespace}\` says more; \`make up\` deploys what is missing.`,
        );
    }
    console.log(`All ${findings.length} steps hold.`);
});
