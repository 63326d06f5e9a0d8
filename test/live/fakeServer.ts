import { createServer, type Server, type Socket } from "node:net";

/** How a server that is none behaves: it closes each connection, or takes it and stays silent. */
export type Behaviour = "closes" | "silent";

/** A server on this machine that counts who comes to it. */
export class FakeServer {
    private readonly server: Server;
    private readonly sockets = new Set<Socket>();
    private count = 0;

    public constructor(behaviour: Behaviour) {
        this.server = createServer((socket) => {
            this.count += 1;
            this.sockets.add(socket);
            socket.on("error", () => undefined);
            if (behaviour === "closes") {
                socket.end();
            }
        });
    }

    /** Connections so far. */
    public get connections(): number {
        return this.count;
    }

    public get port(): number {
        const address = this.server.address();
        if (typeof address !== "object" || address === null) {
            throw new Error("it does not listen");
        }
        return address.port;
    }

    public async start(): Promise<this> {
        await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
        return this;
    }

    public async stop(): Promise<void> {
        this.sockets.forEach((socket) => socket.destroy());
        await new Promise((resolve) => this.server.close(resolve));
    }
}

/** A port of this machine on which nobody listens. */
export async function closedPort(): Promise<number> {
    const server = await new FakeServer("closes").start();
    const { port } = server;
    await server.stop();
    return port;
}

/** A kubeconfig with one context. */
export function kubeconfig(context: string, server: string, proxy?: string): string {
    return JSON.stringify({
        apiVersion: "v1",
        kind: "Config",
        "current-context": context,
        clusters: [
            {
                name: "cluster",
                cluster: { server, "insecure-skip-tls-verify": true, ...(proxy && { "proxy-url": proxy }) },
            },
        ],
        users: [{ name: "user", user: { token: "not-a-real-token" } }],
        contexts: [{ name: context, context: { cluster: "cluster", user: "user" } }],
    });
}
