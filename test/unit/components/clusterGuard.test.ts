import assert from "node:assert/strict";
import * as http from "node:http";
import * as https from "node:https";
import * as net from "node:net";

import { isLocalAddress, isLocalName, refusal, shellWord, silence } from "../../../components/clusterGuard";
import type { ClusterAddress } from "../../../components/kubeconfig";
import { authority, otherAuthority, serverCertificate, serverKey } from "./certificates";

function at(server: string, context = "kind-a"): ClusterAddress {
    return { context, server, insecureSkipTlsVerify: false };
}

describe("isLocalName", () => {
    const local = [
        "kind-a",
        "minikube",
        "k3d-a",
        "docker-desktop",
        "rancher-desktop",
        "colima",
        "colima-x",
        "orbstack",
    ];
    const foreign = [
        "prod",
        "kind-",
        "kind",
        "my-kind-a",
        "minikube-prod",
        "gke_a_b_c",
        "",
        "docker-desktop-2",
        "KIND-a",
    ];
    for (const name of [...local, "docker-for-desktop", "microk8s", "podman-a", "lima-a"]) {
        it(`takes ${name} for local`, () => {
            assert.ok(isLocalName(name));
        });
    }
    for (const name of foreign) {
        it(`does not take ${JSON.stringify(name)} for local`, () => {
            assert.ok(!isLocalName(name));
        });
    }
});

describe("isLocalAddress", () => {
    const local = [
        "https://127.0.0.1:6443",
        "https://127.9.9.9",
        "https://localhost:1",
        "https://LOCALHOST",
        "https://kind.localhost",
        "https://0.0.0.0:6445",
        "https://192.168.49.2:8443",
        "https://10.1.2.3",
        "https://172.16.0.1",
        "https://172.31.255.255",
        "https://[::1]:6443",
        "https://[fd00::1]",
        "https://[::ffff:127.0.0.1]",
        "https://host.docker.internal:6443",
        "https://kubernetes.docker.internal:6443",
        "https://k8s.orb.local",
        // The URL parser reads these as 127.0.0.1, and so does everything that connects to them.
        "https://2130706433",
        "https://0x7f.1",
    ];
    const foreign = [
        "https://8.8.8.8",
        "https://172.32.0.1",
        "https://172.15.0.1",
        "https://192.169.0.1",
        "https://11.0.0.1",
        "https://169.254.169.254",
        "https://100.64.0.1",
        "https://[2001:db8::1]",
        "https://[::ffff:8.8.8.8]",
        "https://[fe80::1]",
        "https://localhost.example.com",
        "https://127.0.0.1.example.com",
        "https://example.com/localhost",
        "https://localhost@example.com",
        "https://host.docker.internal.example.com",
        "https://api.prod.internal",
    ];
    for (const server of local) {
        it(`takes ${server} for local`, () => {
            assert.ok(isLocalAddress(server));
        });
    }
    for (const server of foreign) {
        it(`does not take ${server} for local`, () => {
            assert.ok(!isLocalAddress(server));
        });
    }
});

describe("refusal", () => {
    it("lets a local name at a local address pass", () => {
        assert.equal(refusal(at("https://127.0.0.1:1"), undefined), undefined);
    });

    it("refuses a local name at a foreign address", () => {
        assert.equal(
            refusal(at("https://k8s.example.com:6443"), undefined),
            'the context "kind-a" is not a local cluster: its server k8s.example.com:6443 is neither on this machine nor in a private network. ' +
                "Nothing was sent to it. To deploy there all the same: pulumi config set sidecars:allowContext kind-a",
        );
    });

    it("refuses a foreign name at a local address", () => {
        assert.match(refusal(at("https://10.0.0.1", "prod"), undefined)!, /its name is not a local cluster's/);
    });

    it("does not repeat what a server's URL may hold besides the host", () => {
        assert.doesNotMatch(refusal(at("https://me:secret@example.com/?key=secret", "prod"), undefined)!, /secret/);
    });

    it("lets the context pass that is allowed by its exact name, and no other", () => {
        assert.equal(refusal(at("https://example.com", "prod"), "prod"), undefined);
        assert.notEqual(refusal(at("https://example.com", "prod-2"), "prod"), undefined);
        assert.notEqual(refusal(at("https://example.com", "prod"), "pro.*"), undefined);
    });

    it("quotes the context in the command where a shell would not take it as it is", () => {
        const arn = "arn:aws:eks:eu-1:1:cluster/a";
        assert.ok(refusal(at("https://example.com", arn), undefined)!.endsWith(` sidecars:allowContext ${arn}`));
        assert.equal(shellWord("it's $HOME"), `'it'\\''s $HOME'`);
    });
});

describe("silence", () => {
    let server: net.Server;
    const sockets: net.Socket[] = [];

    function listen(made: net.Server): Promise<number> {
        server = made;
        server.on("connection", (socket: net.Socket) => sockets.push(socket));
        return new Promise((resolve) =>
            server.listen(0, "127.0.0.1", () => {
                resolve((server.address() as net.AddressInfo).port);
            }),
        );
    }

    function listenTls(): Promise<number> {
        const options = { key: serverKey, cert: serverCertificate };
        return listen(https.createServer(options, (_request, response) => response.writeHead(401).end()));
    }

    afterEach((done) => {
        sockets.splice(0).forEach((socket) => socket.destroy());
        server.close(() => {
            done();
        });
    });

    it("takes any HTTP answer for a sign of life, and sends no credentials", async () => {
        const seen: http.IncomingMessage[] = [];
        const port = await listen(
            http.createServer((request, response) => {
                seen.push(request);
                response.writeHead(403).end();
            }),
        );
        assert.equal(await silence(at(`http://127.0.0.1:${port}/base/`), 2000), undefined);
        assert.equal(seen[0]!.url, "/base/version");
        assert.equal(seen[0]!.headers.authorization, undefined);
    });

    it("verifies the server with the kubeconfig's authority", async () => {
        const port = await listenTls();
        const address = at(`https://127.0.0.1:${port}`);
        assert.equal(await silence({ ...address, certificateAuthority: authority }, 2000), undefined);
        for (const wrong of [undefined, otherAuthority]) {
            assert.match(
                (await silence({ ...address, certificateAuthority: wrong }, 2000))!,
                /its certificate does not come from the authority in the kubeconfig/,
            );
        }
    });

    it("does not verify the server where the kubeconfig says so", async () => {
        const port = await listenTls();
        assert.equal(
            await silence({ ...at(`https://127.0.0.1:${port}`), insecureSkipTlsVerify: true }, 2000),
            undefined,
        );
    });

    it("expects the name that the kubeconfig gives", async () => {
        const port = await listenTls();
        const address = { ...at(`https://127.0.0.1:${port}`), certificateAuthority: authority };
        assert.equal(await silence({ ...address, tlsServerName: "kubernetes" }, 2000), undefined);
        assert.match((await silence({ ...address, tlsServerName: "other" }, 2000))!, /for another host name/);
    });

    it("tells that a connection is refused", async () => {
        const port = await listen(net.createServer());
        await new Promise((resolve) => server.close(resolve));
        assert.equal(
            await silence(at(`https://127.0.0.1:${port}`), 2000),
            `the cluster of the context "kind-a" does not answer at https://127.0.0.1:${port}: the connection was refused. Is the cluster running?`,
        );
    });

    it("gives up on a server that accepts and never answers", async () => {
        const port = await listen(net.createServer());
        assert.match((await silence(at(`https://127.0.0.1:${port}`), 200))!, /there was no answer within 0.2 s$/);
    });

    it("tells that a server speaks no TLS", async () => {
        const port = await listen(http.createServer());
        assert.match((await silence(at(`https://127.0.0.1:${port}`), 2000))!, /does not speak TLS/);
    });

    it("tells that a connection is closed", async () => {
        const port = await listen(net.createServer((socket) => socket.destroy()));
        assert.match((await silence(at(`https://127.0.0.1:${port}`), 2000))!, /the connection was closed/);
    });

    it("does not ask a cluster behind a proxy", async () => {
        const port = await listen(net.createServer());
        const address = { ...at(`https://127.0.0.1:${port}`), proxyUrl: "http://127.0.0.1:1" };
        assert.equal(await silence(address, 200), undefined);
        assert.equal(sockets.length, 0);
    });
});
