import { amountOf, resourceNames, sizedContainers } from "../amounts";
import { quoteName } from "../podTemplate";
import { compareQuantities } from "../quantity";
import { type IgnoreOption, type Report, type Rule, ignoreOption, isIgnored } from "../rule";

/** No request is above its limit. */
export const requestWithinLimit: Rule<IgnoreOption> = {
    name: "request-within-limit",
    why: "A request above its limit can never be used, and the API server refuses the pod. In a Deployment that shows only as a rollout that never starts.",
    level: "mandatory",
    options: { ignore: ignoreOption },
    check(pod, options, report) {
        compare(pod.spec, "the pod", pod.path, report);
        for (const container of sizedContainers(pod)) {
            if (!isIgnored(container, options)) {
                compare(container.node, container.label, container.path, report);
            }
        }
    },
};

function compare(holder: unknown, label: string, path: string, report: Report): void {
    for (const resource of resourceNames(holder)) {
        const request = amountOf(holder, "requests", resource);
        const limit = amountOf(holder, "limits", resource);
        const at = `${path}.resources.requests.${resource}`;
        const sized = (amount: typeof request): amount is Extract<typeof request, { text: string }> =>
            amount.state === "set" || amount.state === "zero";
        if (sized(request) && sized(limit)) {
            if (compareQuantities(request.quantity, limit.quantity) > 0) {
                const name = quoteName(resource) ?? "a resource";
                report.violation(
                    at,
                    `${label}: it requests ${request.text} of ${name}, above its limit of ${limit.text}, so the pod would be refused. Lower the request, or raise the limit.`,
                );
            }
        } else if (
            (request.state === "notKnown" && limit.state !== "missing") ||
            (limit.state === "notKnown" && request.state !== "missing")
        ) {
            report.notChecked(at);
        }
    }
}
