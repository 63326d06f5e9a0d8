/**
 * Has the engine's config checked as a whole. The engine fills it in, checks the options that a rule has, and passes everything
 * else over, a misspelt rule included; @pulumi/policy shows a policy no more than its own part. So the call is looked at that brings
 * the config to the pack's server.
 */
import type { EnforcementLevel } from "@pulumi/policy";

/** The call's request, and how it is answered: with an error the engine stops, and shows its message. */
export type Configure = (call: { request: ConfigureRequest }, callback: (error: Error | null) => void) => void;

interface ConfigureRequest {
    getPolicyconfigMap(): { entries(): Iterable<[name: string, config: PolicyConfig]> };
}

interface PolicyConfig {
    getEnforcementlevel(): number;
    getProperties(): { toJavaScript(): object } | undefined;
}

interface Grpc {
    readonly Server: {
        readonly prototype: { addService: (service: object, handlers: { configure?: Configure }) => void };
    };
}

/** The levels by their numbers in the engine's protocol (analyzer.proto). */
const levels: readonly EnforcementLevel[] = ["advisory", "mandatory", "disabled", "remediate"];

/** From now on, whatever pack is served refuses a config with which something is wrong. */
export function refuseWrongConfig(problemsOf: (config: Record<string, object>) => readonly string[]): void {
    const { Server } = module.require(
        require.resolve("@grpc/grpc-js", { paths: [require.resolve("@pulumi/policy")] }),
    ) as Grpc;
    const { addService } = Server.prototype;
    Server.prototype.addService = function (service, handlers) {
        addService.call(this, service, {
            ...handlers,
            configure: (call, callback) => {
                const problems = problemsOf(configIn(call.request));
                if (problems.length > 0) {
                    callback(new Error(`the policy pack's config is wrong:\n${problems.join("\n")}`));
                } else {
                    handlers.configure?.(call, callback);
                }
            },
        });
    };
}

function configIn(request: ConfigureRequest): Record<string, object> {
    const entries = [...request.getPolicyconfigMap().entries()].map(([name, config]) => [
        name,
        { enforcementLevel: levels[config.getEnforcementlevel()], ...config.getProperties()?.toJavaScript() },
    ]);
    return Object.fromEntries(entries) as Record<string, object>;
}
