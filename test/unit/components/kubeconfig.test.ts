import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

import { clusterAddress, KubeconfigError, kubeconfigFiles } from "../../../components/kubeconfig";

describe("kubeconfigFiles", () => {
    it("is the list in KUBECONFIG, without its empty and repeated entries", () => {
        assert.deepEqual(kubeconfigFiles({ KUBECONFIG: ["", "/a", "/b", "/a", ""].join(delimiter) }), ["/a", "/b"]);
    });

    it("is the home directory's file when KUBECONFIG is unset or empty", () => {
        assert.deepEqual(kubeconfigFiles({ HOME: "/home/me" }), [join("/home/me", ".kube", "config")]);
        assert.deepEqual(kubeconfigFiles({ HOME: "/home/me", KUBECONFIG: "" }), [join("/home/me", ".kube", "config")]);
    });
});

describe("clusterAddress", () => {
    let directory: string;

    beforeEach(() => {
        directory = mkdtempSync(join(tmpdir(), "kubeconfig-"));
    });

    afterEach(() => {
        rmSync(directory, { recursive: true });
    });

    function write(name: string, content: unknown): string {
        const path = join(directory, name);
        mkdirSync(join(path, ".."), { recursive: true });
        // JSON is YAML, too.
        writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
        return path;
    }

    function kubeconfig(context: string, cluster: Record<string, unknown>, current?: string): unknown {
        return {
            "current-context": current,
            contexts: [{ name: context, context: { cluster: `${context}-cluster`, user: "me" } }],
            clusters: [{ name: `${context}-cluster`, cluster }],
            users: [{ name: "me", user: { token: "secret" } }],
        };
    }

    it("finds the current context's server", () => {
        const file = write("config", kubeconfig("kind-a", { server: "https://127.0.0.1:6443" }, "kind-a"));
        const address = clusterAddress(undefined, [file]);
        assert.equal(address.context, "kind-a");
        assert.equal(address.server, "https://127.0.0.1:6443");
        assert.equal(address.insecureSkipTlsVerify, false);
    });

    it("reads how the server is to be verified", () => {
        write("keys/ca.pem", "CERTIFICATE");
        const file = write(
            "config",
            kubeconfig("a", {
                server: "https://10.0.0.1",
                "certificate-authority": "keys/ca.pem",
                "tls-server-name": "kubernetes",
                "insecure-skip-tls-verify": true,
                "proxy-url": "http://proxy:3128",
            }),
        );
        const address = clusterAddress("a", [file]);
        assert.equal(address.certificateAuthority?.toString(), "CERTIFICATE");
        assert.equal(address.tlsServerName, "kubernetes");
        assert.equal(address.insecureSkipTlsVerify, true);
        assert.equal(address.proxyUrl, "http://proxy:3128");
    });

    it("prefers certificate data to a file", () => {
        const data = Buffer.from("DATA").toString("base64");
        const cluster = {
            server: "https://a",
            "certificate-authority-data": data,
            "certificate-authority": "/no/such",
        };
        const file = write("config", kubeconfig("a", cluster));
        assert.equal(clusterAddress("a", [file]).certificateAuthority?.toString(), "DATA");
    });

    it("merges files as kubectl does: the first that sets a thing wins, and missing ones do not matter", () => {
        const first = write("first", kubeconfig("a", { server: "https://first" }, "b"));
        const second = write("second", kubeconfig("a", { server: "https://second" }, "a"));
        const third = write("third", kubeconfig("b", { server: "https://third" }));
        const files = [join(directory, "missing"), first, second, third];
        assert.equal(clusterAddress("a", files).server, "https://first");
        assert.equal(clusterAddress(undefined, files).server, "https://third");
    });

    const bad: [string, unknown, string | undefined, RegExp][] = [
        ["a file that is empty", "", undefined, /^no Kubernetes context is known: there is none in .*config$/],
        ["a context that is not there", kubeconfig("a", {}), "b", /^there is no context "b" in .* \(it has a\)$/],
        ["no current context", kubeconfig("a", {}), undefined, /^no context is given, and none is the current one/],
        [
            "a cluster without a server",
            kubeconfig("a", {}),
            "a",
            /^the context "a" names the cluster "a-cluster", which has no server URL/,
        ],
        ["a server that is no URL", kubeconfig("a", { server: "here" }), "a", /which has no server URL/],
        [
            "a certificate that is not there",
            kubeconfig("a", { server: "https://a", "certificate-authority": "x" }),
            "a",
            /cannot be read: ENOENT/,
        ],
        ["a file that is not YAML", "token: secret\n\t- [", "a", /^the kubeconfig .*config is not YAML$/],
        [
            "entries of the wrong kind",
            { contexts: [1, null, { name: 2 }], clusters: "x" },
            "a",
            /no Kubernetes context is known/,
        ],
    ];
    for (const [what, content, context, message] of bad) {
        it(`explains ${what}`, () => {
            const file = write("config", content);
            assert.throws(
                () => clusterAddress(context, [file]),
                (error: Error) => error instanceof KubeconfigError && message.test(error.message),
            );
        });
    }

    it("explains that there is no kubeconfig at all", () => {
        assert.throws(() => clusterAddress(undefined, [join(directory, "none")]), /no Kubernetes context is known/);
    });
});
