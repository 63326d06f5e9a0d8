import type { Exemption } from "./exemptions";
import type { ExemptionInForce } from "./reports";

/** Manifests may bring any number of exemptions: no more than these are listed. */
const mostListed = 1000;

/** Which exemptions had something to exempt. */
export class ExemptionLog {
    private readonly used = new Set<Exemption>();
    private readonly listed = new Map<string, ExemptionInForce>();
    private readonly ofConfig: ReadonlySet<Exemption>;
    private more = 0;

    /** The exemptions of the config, by rule. */
    constructor(
        private readonly configured: readonly {
            readonly rule: { readonly name: string };
            readonly exempt: readonly Exemption[];
        }[],
    ) {
        this.ofConfig = new Set(configured.flatMap(({ exempt }) => exempt));
    }

    /** Takes down that the exemption has something to exempt in a pod. */
    use(rule: string, exemption: Exemption, inForce: boolean): void {
        if (this.ofConfig.has(exemption)) {
            this.used.add(exemption);
        }
        if (!inForce) {
            return;
        }
        const { reason, until } = exemption;
        const key = JSON.stringify([rule, reason, until]);
        const known = this.listed.get(key);
        if (known === undefined && this.listed.size === mostListed) {
            this.more += 1;
        } else {
            this.listed.set(key, { rule, reason, until, pods: (known?.pods ?? 0) + 1 });
        }
    }

    /** What there is to tell in the end. */
    summary(): { exemptions: ExemptionInForce[]; moreExemptions: number; remarks: string[] } {
        const remarks = this.configured.flatMap(({ rule, exempt }) =>
            exempt.flatMap((exemption, index) =>
                this.used.has(exemption)
                    ? []
                    : [
                          `the config's exemption ${rule.name}.exempt[${index}] (${exemption.reason}) had nothing to exempt: it can be removed, if this is all that it is for.`,
                      ],
            ),
        );
        return { exemptions: [...this.listed.values()], moreExemptions: this.more, remarks };
    }
}
