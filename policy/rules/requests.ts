import { amountOf, parseAmount, sizedContainers } from "../amounts";
import { type IgnoreOption, type Rule, ignoreOption, isIgnored } from "../rule";

/** Options of `requests`. */
export interface RequestsOptions extends IgnoreOption {
    /** The resources that must be requested. */
    readonly resources: readonly string[];
    /** The memory request that `remediate` sets. */
    readonly memory: string;
    /** The CPU request that `remediate` sets. */
    readonly cpu: string;
}

/** Every container requests what it needs; a limit alone counts, as Kubernetes takes it for the request too. */
export const requests: Rule<RequestsOptions> = {
    name: "requests",
    why: "The scheduler places a pod by its requests, so a container without them may land on a node that is full. It is also the first to be evicted there.",
    level: "advisory",
    options: {
        ignore: ignoreOption,
        resources: {
            type: "array",
            items: { type: "string", minLength: 1 },
            description: "The resources that every container must request.",
            default: ["memory", "cpu"],
        },
        memory: {
            type: "string",
            description: "The memory request that `remediate` gives a container without one.",
            default: "64Mi",
        },
        cpu: {
            type: "string",
            description: "The CPU request that `remediate` gives a container without one.",
            default: "50m",
        },
    },
    remediation: "Sets missing requests of memory and CPU, to the options of these names.",
    check(pod, options, report) {
        for (const container of sizedContainers(pod)) {
            if (isIgnored(container, options)) {
                continue;
            }
            for (const resource of options.resources) {
                const path = `${container.path}.resources.requests.${resource}`;
                const own = amountOf(container.node, "requests", resource).state;
                const states = [
                    own,
                    amountOf(container.node, "limits", resource).state,
                    amountOf(pod.spec, "requests", resource).state,
                    amountOf(pod.spec, "limits", resource).state,
                ];
                if (own === "malformed") {
                    report.violation(
                        path,
                        `${container.label}: the ${resource} request is not a valid quantity. Write for instance 100m of CPU, 64Mi of memory.`,
                    );
                } else if (states.some((state) => state === "set" || state === "zero")) {
                    continue;
                } else if (states.includes("notKnown") || pod.partial) {
                    report.notChecked(path);
                } else {
                    report.violation(
                        path,
                        `${container.label}: no ${resource} request, so the scheduler takes it to need nothing. Set resources.requests.${resource}.`,
                        requestToSet(resource, options),
                    );
                }
            }
        }
    },
};

function requestToSet(resource: string, options: RequestsOptions): string | undefined {
    const wanted = resource === "memory" || resource === "cpu" ? options[resource] : "";
    return parseAmount(wanted).state === "set" ? wanted : undefined;
}
