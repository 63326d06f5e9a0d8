import { readFileSync } from "node:fs";
import { join } from "node:path";
import { checkout } from "./directories";
import { StepError } from "./steps";

/** How many nodes are asked for by NODES; undefined where it is not said. */
export function nodesAskedFor(): number | undefined {
    const asked = process.env.NODES;
    if (asked === undefined || asked === "") {
        return undefined;
    }
    if (!/^[1-9][0-9]?$/.test(asked)) {
        throw new StepError(
            `NODES=${asked} is not a number of nodes`,
            "Give a whole number from 1 to 99, for instance NODES=3: a control plane and two workers.",
        );
    }
    return Number(asked);
}

/**
 * The configuration that kind creates the cluster from.
 *
 * @param nodes how many: the first is the control plane, the others are workers
 * @param ownImage whether the nodes run the image that is built here, which kind.yaml is for
 */
export function kindConfig(nodes: number, ownImage: boolean): string {
    const head = ownImage
        ? readFileSync(join(checkout, "cluster", "kind.yaml"), "utf8")
        : "kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\n";
    const roles = Array.from({ length: nodes }, (_, index) => (index === 0 ? "control-plane" : "worker"));
    return `${head}nodes:\n${roles.map((role) => `  - role: ${role}\n`).join("")}`;
}
