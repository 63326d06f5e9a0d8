import * as assert from "node:assert/strict";
import * as fc from "fast-check";
import { podTotal } from "../../policy/podResources";
import { notKnown, podTemplates } from "../../policy/podTemplate";
import { compareQuantities } from "../../policy/quantity";
import { type GoQuantity, differentialRuns, fromGo, kubernetesOfSuite } from "./kubernetes";

/** How many pods are compared: as long a list of them takes ten times as long as one of quantities. */
const runs = Math.ceil(differentialRuns / 10);

const hugePages = "hugepages-2Mi";
const resourceNames = ["cpu", "memory", "ephemeral-storage", hugePages, "example.com/gpu"] as const;

type Amounts = Partial<Record<(typeof resourceNames)[number], string | number>>;

const suffix = fc.constantFrom("", "n", "u", "m", "k", "M", "G", "E", "Ki", "Mi", "Gi", "Ei", "e3", "e-2", "e20");
const quantity = fc.oneof(
    fc.constantFrom("0", "0m", 0, 1, 0.5, 2048, "100m", "64Mi", "1Gi"),
    fc.tuple(fc.nat(2000), suffix).map((parts) => parts.join("")),
    fc.tuple(fc.nat(20), fc.constant("."), fc.nat(999), suffix).map((parts) => parts.join("")),
);
const amounts: fc.Arbitrary<Amounts> = fc.record(
    {
        cpu: quantity,
        memory: quantity,
        "ephemeral-storage": quantity,
        [hugePages]: quantity,
        "example.com/gpu": quantity,
    },
    { requiredKeys: [] },
);

/** Requests and limits, or none. Of huge pages the API server takes no request that is not the limit. */
const resources = fc.option(
    fc.record({ requests: amounts, limits: amounts }, { requiredKeys: [] }).map(({ requests, limits }) => {
        const pages = requests?.[hugePages];
        return pages === undefined ? { requests, limits } : { requests, limits: { ...limits, [hugePages]: pages } };
    }),
    { nil: undefined },
);
const container = fc.record({ resources });
const initContainer = fc.record({
    resources,
    restartPolicy: fc.constantFrom(undefined, "Always", "Always", "Never", "OnFailure"),
});
const pods = fc.record({
    apiVersion: fc.constant("v1"),
    kind: fc.constant("Pod"),
    spec: fc.record(
        {
            containers: fc.array(container, { maxLength: 4 }),
            initContainers: fc.array(initContainer, { maxLength: 5 }),
            ephemeralContainers: fc.array(container, { maxLength: 1 }),
            resources,
            overhead: amounts,
        },
        { requiredKeys: ["containers"] },
    ),
});

type Totals = Record<"requests" | "limits", Record<string, GoQuantity>>;

describe("a pod's requests and limits in all, beside the Go package", function () {
    this.timeout(600_000);
    const compareAll = kubernetesOfSuite();

    it(`are the same for ${runs} pods`, () => {
        let compared = 0;
        compareAll(
            runs,
            (count) => fc.sample(pods, count),
            (props, answer) => {
                const [pod] = podTemplates({ props });
                assert.ok(pod);
                for (const field of ["requests", "limits"] as const) {
                    for (const name of resourceNames) {
                        const ours = podTotal(pod, field, name);
                        const theirs = (answer as Totals)[field][name];
                        const shown = `${field} ${name} of ${JSON.stringify(props)}: ${JSON.stringify(theirs)}`;
                        if (theirs === undefined) {
                            assert.equal(ours, undefined, shown);
                        } else {
                            assert.ok(ours !== undefined && ours !== notKnown, shown);
                            assert.equal(compareQuantities(ours, fromGo(theirs)), 0, shown);
                            compared += 1;
                        }
                    }
                }
            },
        );
        assert.ok(compared > runs, `${compared} totals`);
    });
});
