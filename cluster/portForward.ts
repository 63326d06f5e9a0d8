import { type KubeConfig, PortForward } from "@kubernetes/client-node";
import { createServer, type Socket } from "node:net";

/** A port of this machine whose connections go to a port of a pod. */
export interface ForwardedPort {
    /** For instance `http://127.0.0.1:8080`. */
    readonly url: string;
    readonly port: number;
    close(): Promise<void>;
}

/** The pod's end of a forwarded port. */
export interface PodPort {
    readonly namespace: string;
    readonly pod: string;
    readonly port: number;
}

/** What is used here of the web socket to a pod. */
interface Connection {
    onclose: () => void;
    onerror: () => void;
    close(): void;
}

/** How many ports after the wanted one are tried. */
const attempts = 100;

/**
 * Forwards a port of 127.0.0.1 to a pod, one stream for each connection, so that one that breaks leaves the others alone.
 *
 * @param wanted the local port, or the next free one where it is taken; 0 for any free one
 */
export async function forwardPort(config: KubeConfig, to: PodPort, wanted = 8080): Promise<ForwardedPort> {
    const forward = new PortForward(config, false);
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
        sockets.add(socket);
        socket.on("close", () => sockets.delete(socket));
        // A client that hangs up, for instance a browser's tab that is closed, is nothing to report.
        socket.on("error", () => socket.destroy());
        forward.portForward(to.namespace, to.pod, [to.port], socket, null, socket).then(
            (connection) => {
                const stream = connection as unknown as Connection;
                stream.onclose = () => socket.destroy();
                stream.onerror = () => socket.destroy();
                socket.on("close", () => {
                    stream.close();
                });
            },
            () => socket.destroy(),
        );
    });
    const listen = (port: number): Promise<boolean> =>
        new Promise((resolve, reject) => {
            const failed = (error: NodeJS.ErrnoException): void => {
                if (error.code === "EADDRINUSE" || error.code === "EACCES") {
                    resolve(false);
                } else {
                    reject(error);
                }
            };
            server.once("error", failed);
            server.listen(port, "127.0.0.1", () => {
                server.off("error", failed);
                resolve(true);
            });
        });
    let port = wanted;
    while (!(await listen(port))) {
        port += 1;
        if (port >= wanted + attempts) {
            throw new Error(`none of the ports ${wanted} to ${port - 1} of this machine is free`);
        }
    }
    const address = server.address();
    const bound = typeof address === "object" && address !== null ? address.port : port;
    return {
        url: `http://127.0.0.1:${bound}`,
        port: bound,
        close: () =>
            new Promise((resolve) => {
                server.close(() => {
                    resolve();
                });
                sockets.forEach((socket) => socket.destroy());
            }),
    };
}
