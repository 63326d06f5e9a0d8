// The modules of the engine's protocol declare no types that could be used.
/* eslint-disable @typescript-eslint/no-explicit-any, @typescript-eslint/no-require-imports */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import * as path from "node:path";

/** The pack's server, called as the engine calls it. */
export interface ServedPack {
    /** Brings the config to the pack, every policy's level in it. Fails with the pack's error. */
    configure(config: Record<string, { enforcementLevel: string } & object>): Promise<void>;
    /** What the pack says of a resource: policy and message. */
    analyze(type: string, properties: object): Promise<{ policy: string; message: string }[]>;
    /** What the pack says of a stack: policy, message, and the resource it is about. */
    analyzeStack(
        resources: { type: string; name: string; properties: object }[],
    ): Promise<{ policy: string; message: string; urn: string }[]>;
    /** What the pack makes of a resource: for each policy that changes it. Secrets are wrapped as the engine wraps them. */
    remediate(type: string, properties: object): Promise<{ policy: string; properties: any }[]>;
    stop(): Promise<void>;
}

const grpc = require("@grpc/grpc-js");
const { AnalyzerClient } = require("@pulumi/pulumi/proto/analyzer_grpc_pb");
const messages = require("@pulumi/pulumi/proto/analyzer_pb");
const { Struct } = require("google-protobuf/google/protobuf/struct_pb");

const levels = ["advisory", "mandatory", "disabled", "remediate"];

/** Starts the pack in a process of its own, as the engine does. */
export async function servePack(): Promise<ServedPack> {
    const server: ChildProcess = spawn(process.execPath, ["--require", require.resolve("tsx/cjs"), "index.ts"], {
        cwd: path.join(__dirname, "../../policy"),
        stdio: ["pipe", "pipe", "inherit"],
    });
    const [port] = await once(server.stdout!, "data");
    const client = new AnalyzerClient(`127.0.0.1:${String(port).trim()}`, grpc.credentials.createInsecure());
    const call = (method: string, request: object): Promise<any> =>
        new Promise((resolve, reject) => {
            client[method](request, (error: Error | null, response: unknown) => {
                if (error === null) {
                    resolve(response);
                } else {
                    reject(error);
                }
            });
        });
    const resource = (request: any, type: string, properties: object): object => {
        request.setType(type);
        request.setName("web");
        request.setUrn(`urn:pulumi:dev::shop::${type}::web`);
        request.setProperties(Struct.fromJavaScript(properties));
        const options = new messages.AnalyzerResourceOptions();
        options.setCustomtimeouts(new messages.AnalyzerResourceOptions.CustomTimeouts());
        request.setOptions(options);
        return request;
    };
    return {
        configure: async (config) => {
            const request = new messages.ConfigureAnalyzerRequest();
            for (const [name, { enforcementLevel, ...options }] of Object.entries(config)) {
                const policy = new messages.PolicyConfig();
                policy.setEnforcementlevel(levels.indexOf(enforcementLevel));
                policy.setProperties(Struct.fromJavaScript(options));
                request.getPolicyconfigMap().set(name, policy);
            }
            await call("configure", request);
        },
        analyze: async (type, properties) => {
            const response = await call("analyze", resource(new messages.AnalyzeRequest(), type, properties));
            return response
                .getDiagnosticsList()
                .map((said: any) => ({ policy: said.getPolicyname(), message: said.getMessage() }));
        },
        analyzeStack: async (resources) => {
            const request = new messages.AnalyzeStackRequest();
            request.setResourcesList(
                resources.map(({ type, name, properties }) => {
                    const one: any = resource(new messages.AnalyzerResource(), type, properties);
                    one.setName(name);
                    one.setUrn(`urn:pulumi:dev::shop::${type}::${name}`);
                    return one;
                }),
            );
            const response = await call("analyzeStack", request);
            return response.getDiagnosticsList().map((said: any) => ({
                policy: said.getPolicyname(),
                message: said.getMessage(),
                urn: said.getUrn(),
            }));
        },
        remediate: async (type, properties) => {
            const response = await call("remediate", resource(new messages.AnalyzeRequest(), type, properties));
            return response.getRemediationsList().map((made: any) => ({
                policy: made.getPolicyname(),
                properties: made.getProperties()?.toJavaScript(),
            }));
        },
        stop: async () => {
            client.close();
            server.kill();
            await once(server, "exit");
        },
    };
}
