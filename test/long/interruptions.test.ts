import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { copyFile, open, readFile, rename, rm, stat, truncate } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import Table from "cli-table3";
import { type Made, Sandbox } from "./sandbox";

/** The moments of a run at which it is killed, in their order: after so many seconds, or once something is printed or logged. */
const moments: [string, number | RegExp][] = [
    ["make looks for what is missing", 0.2],
    ["its script is loaded", 1],
    ["the engine is called", /\$ docker info/],
    ["the engine starts its containerd", /started new containerd process/],
    ["the engine loads what it has", /Loading containers: start/],
    ["the engine answers", /✓ container engine/],
    ["an older cluster is deleted", /\$ kind delete cluster/],
    ["the cluster is begun", /\$ kind create cluster/],
    ["the node is made", /Preparing nodes/],
    ["the node is configured", /Writing configuration/],
    ["Kubernetes starts", /Starting control-plane/],
    ["images are loaded into the node", /\$ kind load/],
    ["images are loaded", /✓ images/],
    ["the storage class is made", /Installing StorageClass/],
    ["the control plane is waited for", /Waiting ≤/],
    ["metrics-server is applied", /\$ kubectl .*apply/],
    ["the node is waited for", /\$ kubectl .*wait/],
    ["the cluster is there", /✓ cluster: created/],
    ["the policy pack is loaded", /Loading policy packs/],
    ["the stack is created", /Stack sidecars-dev creating/],
    ["the pod is created", /webserver-pod creating/],
    ["the pod has been created", /webserver-pod created/],
    ["the run is about to end", /Duration:/],
];

/** The moments at which it is killed while it builds images, one after the other: so many seconds after something is logged. */
const imageMoments: [string, RegExp, number][] = [
    ["nginx is installed", /stand-in\.sh sidecars\/stand-in-nginx/, 10],
    ["ubuntu is installed", /stand-in\.sh sidecars\/stand-in-ubuntu/, 5],
    ["the node's packages are installed", /debian\.sh sidecars\/node-base/, 15],
    ["Kubernetes' images are made", /Images of Kubernetes/, 1],
    ["images are put into the node's store", /Images into the node's store/, 0],
];

/** What became of a state: what each `make` took, and what was left behind. */
interface Row {
    readonly state: string;
    up?: Made;
    pod?: string;
    down?: Made;
    leftovers?: readonly string[];
}

const rows: Row[] = [];

function print(): void {
    const table = new Table({
        head: ["state", "the next make up", "pod", "make down", "left behind"],
        style: { head: [], border: [] },
    });
    const told = (made: Made | undefined): string =>
        made === undefined ? "" : `${made.code === 0 ? "✓" : "✗"} ${made.seconds.toFixed(0)} s`;
    for (const { state, up, pod, down, leftovers } of rows) {
        table.push([state, told(up), pod ?? "", told(down), leftovers?.join("\n") || (leftovers ? "nothing" : "")]);
    }
    console.log(table.toString());
}

describe("make up on what an interruption left", () => {
    let sandbox: Sandbox;
    let row: Row;

    before(async () => {
        sandbox = await Sandbox.create();
    });
    beforeEach(function () {
        row = { state: this.currentTest?.title ?? "" };
    });
    afterEach(async function () {
        rows.push(row);
        if (this.currentTest?.isFailed()) {
            await sandbox.reset();
        }
    });
    after(async () => {
        print();
        await sandbox.remove();
    });

    function succeeded({ code, output }: Made, target: string): void {
        assert.equal(code, 0, `make ${target} failed:\n${output}`);
    }
    async function up(): Promise<Made> {
        row.up = await sandbox.make("up");
        succeeded(row.up, "up");
        const jsonpath = "{.status.containerStatuses[*].ready}";
        const ready = (
            await sandbox.command("kubectl", "get", "pod", "webserver", "--output", `jsonpath=${jsonpath}`)
        ).split(" ");
        row.pod = `${ready.filter((one) => one === "true").length}/${ready.length}`;
        assert.equal(row.pod, "2/2");
        return row.up;
    }
    async function down(): Promise<void> {
        row.down = await sandbox.make("down");
        succeeded(row.down, "down");
        row.leftovers = await sandbox.leftovers();
        assert.deepEqual(row.leftovers, []);
    }
    /** Takes all images away, while no engine runs. */
    const removeImages = (): Promise<void> => rm(join(sandbox.cache, "engine"), { recursive: true, force: true });

    describe("killed", () => {
        before(async () => {
            succeeded(await sandbox.make("up"), "up");
            succeeded(await sandbox.make("down"), "down");
        });

        for (const [moment, due] of moments) {
            it(`comes to its end, and goes down: killed when ${moment}`, async () => {
                const { code } = await sandbox.make("up", due);
                assert.equal(code, undefined, "it had ended before it was killed");
                await up();
                await down();
            });
        }
        for (const [moment, due] of moments.filter((_, index) => index % 4 === 1)) {
            it(`goes down at once: killed when ${moment}`, async () => {
                await sandbox.make("up", due);
                await down();
            });
        }
        async function killWhileBuilding([moment, due, seconds]: (typeof imageMoments)[number]): Promise<void> {
            const { code } = await sandbox.make("up", due, async (group) => {
                await sleep(seconds * 1000);
                process.kill(-group, "SIGKILL");
            });
            assert.equal(code, undefined, `it had ended before ${moment}`);
        }
        it("comes to its end, and goes down: killed while each of its images is made", async () => {
            await removeImages();
            for (const moment of imageMoments) {
                await killWhileBuilding(moment);
            }
            await up();
            await down();
        });
        for (const moment of imageMoments.filter((_, index) => index % 4 === 0)) {
            it(`goes down at once: killed while ${moment[0]}`, async () => {
                await removeImages();
                await killWhileBuilding(moment);
                await down();
            });
        }
    });

    const node = "sidecars-control-plane";
    const broken: [string, () => Promise<unknown>][] = [
        ["the engine killed", () => sandbox.killEngine()],
        ["the engine killed with all that it started", () => sandbox.killAll()],
        ["the node stopped", () => sandbox.command("docker", "stop", node)],
        ["the node killed", () => sandbox.command("docker", "kill", node)],
        ["the node paused", () => sandbox.command("docker", "pause", node)],
        ["the node removed", () => sandbox.command("docker", "rm", "--force", node)],
        ["the cache removed, but for the tools", () => sandbox.removeCache()],
    ];
    for (const [state, breakIt] of broken) {
        it(`comes to its end, and goes down: ${state}`, async () => {
            succeeded(await sandbox.make("up"), "up");
            await breakIt();
            await up();
            await breakIt();
            await down();
        });
    }

    const damages: [string, (file: string) => Promise<unknown>][] = [
        ["one byte is another", changeByte],
        ["cut to half its length", async (file) => truncate(file, (await stat(file)).size / 2)],
        ["without its receipt", (file) => rm(`${file}.json`)],
    ];
    for (const [damage, damageIt] of damages) {
        it(`is made again: a binary in the cache, ${damage}`, async () => {
            const file = await sandbox.toolOf("kind");
            const whole = await digest(file);
            // A copy: the user's own cache has links to the same file.
            await copyFile(file, `${file}.copy`);
            await rename(`${file}.copy`, file);
            await damageIt(file);
            const { output } = await up();
            assert.match(output, /kind in the cache is damaged or unfinished: it is made again/);
            assert.equal(await digest(file), whole);
        });
    }

    it("makes the cluster anew: made from another node image", async () => {
        succeeded(await sandbox.make("up"), "up");
        await sandbox.changeMarker({ image: "sidecars/node:another" });
        assert.match((await up()).output, /was made from another node image: it is made anew/);
    });
    it("waits for another one, and says so", async () => {
        const [one, other] = await Promise.all([up(), sandbox.make("up")]);
        succeeded(other, "up");
        const waited = [one, other].filter(({ output }) => output.includes("Another run is at work here"));
        assert.equal(waited.length, 1);
        await down();
    });

    describe("a disk", () => {
        let other: Sandbox;

        before(async () => {
            succeeded(await sandbox.make("down"), "down");
            other = sandbox;
            sandbox = await Sandbox.create(8);
        });
        afterEach(() => sandbox.freeDisk());
        after(async () => {
            await sandbox.remove();
            sandbox = other;
        });

        /** A run that fails with this one error. */
        function toldOnce({ code, output }: Made, message: RegExp): void {
            assert.notEqual(code, 0);
            assert.match(output, message);
            assert.equal(output.match(/No space left on \//g)?.length, 1, output);
            assert.equal(output.match(/^✗/gm)?.length, 1, output);
            assert.match(output, /Make room there/);
            assert.doesNotMatch(output, /^ +at .*:\d+:\d+\)?$/m, "a stack trace");
        }

        it("is told as too full, with what is needed: before images are built", async () => {
            await sandbox.fillDisk(1);
            const made = await sandbox.make("up");
            toldOnce(made, /No space left on \/.*: 5 GiB are needed, [01]\.\d+ GiB are free/);
            assert.deepEqual(await sandbox.unfinished(), []);
            await down();
        });
        it("is told as full, and has all once there is room: filled while images are built", async () => {
            const made = await sandbox.make("up", /… image ubuntu:latest/, () => sandbox.fillDisk(0));
            toldOnce(made, /No space left on \//);
            assert.deepEqual(await sandbox.unfinished(), []);
            await sandbox.freeDisk();
            await up();
        });
        it("is told as too full, with what is needed: before a tool is built", async () => {
            await rm(await sandbox.toolOf("kind"));
            await sandbox.fillDisk(0.5);
            toldOnce(await sandbox.make("up"), /No space left on \/.*: 1 GiB is needed, 0\.\d+ GiB are free/);
            assert.deepEqual(await sandbox.unfinished(), []);
            await sandbox.freeDisk();
            await up();
        });
        it("does not keep a cluster from going down: full", async () => {
            await sandbox.fillDisk(0);
            await down();
        });
    });
});

/** Makes a file differ in one byte from what it was. */
async function changeByte(path: string): Promise<void> {
    const file = await open(path, "r+");
    const byte = Buffer.alloc(1);
    const { size } = await file.stat();
    await file.read(byte, 0, 1, Math.floor(size / 2));
    await file.write(Buffer.from([byte[0]! ^ 0xff]), 0, 1, Math.floor(size / 2));
    await file.close();
}

async function digest(file: string): Promise<string> {
    return createHash("sha256")
        .update(await readFile(file))
        .digest("hex");
}
