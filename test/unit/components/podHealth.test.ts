import assert from "node:assert/strict";

import { type LivePod, PodHealth, type Verdict } from "../../../components/podHealth";

const NOW = Date.parse("2030-01-01T00:01:00Z");
const GRACE = 5000;

function secondsAgo(seconds: number): string {
    return new Date(NOW - seconds * 1000).toISOString();
}

interface Status {
    name?: string;
    ready?: boolean;
    restartCount?: number;
    state?: Record<string, unknown>;
    lastState?: Record<string, unknown>;
}

function status({ name = "main", ready = true, restartCount = 0, state, lastState = {} }: Status = {}): unknown {
    const running = { running: { startedAt: secondsAgo(60) } };
    return { name, ready, restartCount, state: state ?? running, lastState, containerID: `${name}-${restartCount}` };
}

interface PodParts {
    containers?: Status[];
    inits?: Status[];
    /** Names of the init containers that are native sidecars. */
    native?: string[];
    restartPolicy?: string;
    status?: Record<string, unknown>;
    deleted?: boolean;
}

function pod({
    containers = [{}],
    inits = [],
    native = [],
    restartPolicy,
    status: more,
    deleted,
}: PodParts = {}): LivePod {
    const named = (list: Status[]) => list.map(({ name = "main" }) => ({ name }));
    return {
        metadata: { uid: "1", name: "web", namespace: "default", deletionTimestamp: deleted ? "now" : undefined },
        spec: {
            restartPolicy,
            containers: named(containers),
            initContainers: named(inits).map(({ name }) => ({
                name,
                restartPolicy: native.includes(name) ? "Always" : undefined,
            })),
        },
        status: {
            containerStatuses: containers.map(status),
            initContainerStatuses: inits.map(status),
            ...more,
        },
    } as unknown as LivePod;
}

function judge(parts: PodParts): Verdict {
    return new PodHealth(GRACE).judge(pod(parts), NOW);
}

function failure(verdict: Verdict): string {
    assert.equal(verdict.kind, "failed");
    return verdict.why;
}

describe("PodHealth", () => {
    it("calls a pod steady whose containers are ready and past the grace", () => {
        assert.deepEqual(judge({ containers: [{}, { name: "reader" }] }), { kind: "steady" });
    });

    it("forgives restarts of the past", () => {
        assert.deepEqual(judge({ containers: [{ restartCount: 7 }] }), { kind: "steady" });
    });

    const pending: [string, PodParts, string][] = [
        [
            "a container that has just started",
            { containers: [{ state: { running: { startedAt: secondsAgo(1) } } }] },
            'the container "main" has just started',
        ],
        [
            "a container that is not ready",
            { containers: [{ ready: false }] },
            'the container "main" is running but not ready',
        ],
        [
            "a container that is being created",
            { containers: [{ ready: false, state: { waiting: { reason: "ContainerCreating" } } }] },
            'the container "main" is not running: ContainerCreating',
        ],
        [
            "a first failed pull",
            { containers: [{ ready: false, state: { waiting: { reason: "ErrImagePull" } } }] },
            'the container "main" is not running: ErrImagePull',
        ],
        [
            "a first crash",
            { containers: [{ ready: false, state: { terminated: { exitCode: 1, reason: "Error" } } }] },
            'the container "main" is not running: Error',
        ],
        ["a pod without statuses", { status: { containerStatuses: undefined } }, "its containers are not created yet"],
        [
            "a pod that no node takes",
            {
                status: {
                    containerStatuses: undefined,
                    conditions: [{ type: "PodScheduled", status: "False", message: "0/1 nodes: Insufficient memory" }],
                },
            },
            "no node takes the pod: 0/1 nodes: Insufficient memory",
        ],
        ["a pod that is being deleted", { deleted: true }, "the pod is being deleted"],
        [
            "an init container that still runs",
            { inits: [{ name: "setup", state: { running: { startedAt: secondsAgo(9) } } }] },
            'the init container "setup" has not finished',
        ],
        [
            "a native sidecar that has just started",
            { native: ["reader"], inits: [{ name: "reader", state: { running: { startedAt: secondsAgo(1) } } }] },
            'the container "reader" has just started',
        ],
    ];
    for (const [what, parts, why] of pending) {
        it(`waits for ${what}`, () => {
            assert.deepEqual(judge(parts), { kind: "pending", why });
        });
    }

    const looping = {
        ready: false,
        restartCount: 2,
        state: { waiting: { reason: "CrashLoopBackOff" } },
        lastState: { terminated: { exitCode: 3, reason: "Error" } },
    };
    const failed: [string, PodParts, string][] = [
        [
            "a crash loop",
            { containers: [{}, { ...looping, name: "reader" }] },
            'the container "reader" does not stay up: CrashLoopBackOff, Error, exit code 3, 2 restarts',
        ],
        [
            "a native sidecar's crash loop",
            { native: ["reader"], inits: [{ ...looping, name: "reader" }] },
            'the container "reader" does not stay up: CrashLoopBackOff, Error, exit code 3, 2 restarts',
        ],
        [
            "an init container's crash loop",
            { inits: [{ ...looping, name: "setup" }] },
            'the container "setup" does not stay up: CrashLoopBackOff, Error, exit code 3, 2 restarts',
        ],
        [
            "a command that cannot be run",
            {
                containers: [
                    {
                        ...looping,
                        restartCount: 1,
                        lastState: {
                            terminated: { exitCode: 128, reason: "StartError", message: 'exec: "nope": not found' },
                        },
                    },
                ],
            },
            'the container "main" does not stay up: CrashLoopBackOff, StartError, exit code 128, 1 restart: exec: "nope": not found',
        ],
        [
            "an end that is not followed by a restart",
            {
                restartPolicy: "Never",
                containers: [{ ready: false, state: { terminated: { exitCode: 0, reason: "Completed" } } }],
            },
            'the container "main" does not stay up: Completed, exit code 0, 0 restarts',
        ],
        [
            "an init container that fails and is not started again",
            {
                restartPolicy: "Never",
                inits: [{ name: "setup", state: { terminated: { exitCode: 2, reason: "Error" } } }],
            },
            'the container "setup" does not stay up: Error, exit code 2, 0 restarts',
        ],
        [
            "an image that cannot be had",
            {
                containers: [
                    { ready: false, state: { waiting: { reason: "ImagePullBackOff", message: "not found" } } },
                ],
            },
            'the container "main" cannot be started: ImagePullBackOff: not found',
        ],
        [
            "an image name that is none",
            { containers: [{ ready: false, state: { waiting: { reason: "InvalidImageName" } } }] },
            'the container "main" cannot be started: InvalidImageName',
        ],
        [
            "an evicted pod",
            { status: { phase: "Failed", reason: "Evicted", message: "low on disk", containerStatuses: [] } },
            "the pod failed: Evicted: low on disk",
        ],
    ];
    for (const [what, parts, why] of failed) {
        it(`calls it a failure: ${what}`, () => {
            assert.equal(failure(judge(parts)), why);
        });
    }

    it("counts two restarts that it saw as a failure, and looks into the run before", () => {
        const health = new PodHealth(GRACE);
        const starting = { running: { startedAt: secondsAgo(1) } };
        const run = (restartCount: number) => pod({ containers: [{ restartCount, state: starting }] });
        assert.equal(health.judge(run(4), NOW).kind, "pending");
        assert.equal(health.judge(run(5), NOW).kind, "pending");
        const verdict = health.judge(run(6), NOW);
        assert.equal(failure(verdict), 'the container "main" does not stay up: 6 restarts');
        assert.deepEqual((verdict as { container?: unknown }).container, { name: "main", previous: true });
    });

    it("counts a doubtful reason as a failure when it lasts for the grace", () => {
        const health = new PodHealth(GRACE);
        const state = { waiting: { reason: "CreateContainerConfigError", message: 'secret "tls" not found' } };
        const waiting = pod({ containers: [{ ready: false, state }] });
        assert.equal(health.judge(waiting, NOW).kind, "pending");
        assert.equal(health.judge(waiting, NOW + GRACE - 1).kind, "pending");
        assert.equal(
            failure(health.judge(waiting, NOW + GRACE)),
            'the container "main" cannot be started: CreateContainerConfigError: secret "tls" not found',
        );
    });

    it("does not depend on the node's clock", () => {
        const health = new PodHealth(GRACE);
        const ahead = pod({ containers: [{ state: { running: { startedAt: secondsAgo(-3600) } } }] });
        assert.equal(health.judge(ahead, NOW).kind, "pending");
        assert.equal(health.judge(ahead, NOW + GRACE).kind, "steady");
    });

    it("is not interested in init containers that have finished", () => {
        const inits = [{ name: "setup", ready: false, state: { terminated: { exitCode: 0 } } }];
        assert.equal(judge({ inits }).kind, "steady");
    });
});
