import type { Rule } from "../rule";
import type { StackRule } from "../stackRule";
import { budget } from "./budget";
import { claimOfReplicas } from "./claimOfReplicas";
import { containerSize } from "./containerSize";
import { cpuLimit } from "./cpuLimit";
import { emptyDirSizeLimit } from "./emptyDirSizeLimit";
import { ephemeralStorageLimit } from "./ephemeralStorageLimit";
import { hostPath } from "./hostPath";
import { imageTag } from "./imageTag";
import { jobSidecarEnds } from "./jobSidecarEnds";
import { limitRequestRatio } from "./limitRequestRatio";
import { memoryLimit } from "./memoryLimit";
import { memoryVolumeFits } from "./memoryVolumeFits";
import { mountHasVolume } from "./mountHasVolume";
import { mountPathUnique } from "./mountPathUnique";
import { mountPathValid } from "./mountPathValid";
import { mountPropagation } from "./mountPropagation";
import { podSize } from "./podSize";
import { privilegeEscalation } from "./privilegeEscalation";
import { probes } from "./probes";
import { pullPolicy } from "./pullPolicy";
import { quantitySuffix } from "./quantitySuffix";
import { quantityUnit } from "./quantityUnit";
import { readerMountsReadOnly } from "./readerMountsReadOnly";
import { requestWithinLimit } from "./requestWithinLimit";
import { requests } from "./requests";
import { sharedPart } from "./sharedPart";
import { shellEndsOnTerm } from "./shellEndsOnTerm";
import { sidecarSharesVolume } from "./sidecarSharesVolume";
import { volumeFileMode } from "./volumeFileMode";
import { volumeIsUsed } from "./volumeIsUsed";

/** A rule over one pod, or one over all of a stack. */
export type AnyRule = Rule | StackRule;

/** The pack's rules by group, in the order in which they are listed and run. A config can set the level of a group at once. */
export const ruleGroups = {
    "resource-limits": [
        memoryLimit,
        cpuLimit,
        requests,
        requestWithinLimit,
        limitRequestRatio,
        containerSize,
        podSize,
        budget,
        ephemeralStorageLimit,
        quantityUnit,
        quantitySuffix,
    ],
    "shared-volumes": [
        mountHasVolume,
        volumeIsUsed,
        sidecarSharesVolume,
        sharedPart,
        readerMountsReadOnly,
        emptyDirSizeLimit,
        memoryVolumeFits,
        claimOfReplicas,
        hostPath,
        mountPathValid,
        mountPathUnique,
        mountPropagation,
        volumeFileMode,
        jobSidecarEnds,
    ],
    "best-practice": [probes, imageTag, pullPolicy, privilegeEscalation, shellEndsOnTerm],
} satisfies Record<string, readonly AnyRule[]>;

/** The name of a group of rules. */
export type RuleGroup = keyof typeof ruleGroups;

/** All rules of the pack. */
export const allRules: readonly AnyRule[] = Object.values<readonly AnyRule[]>(ruleGroups).flat();

/** Whether the rule is over all pods of a stack. */
export function isStackRule(rule: AnyRule): rule is StackRule {
    return "begin" in rule;
}

/** The rules over one pod. */
export const rules: readonly Rule[] = allRules.filter((rule): rule is Rule => !isStackRule(rule));

/** The rules over all pods of a stack. */
export const stackRules: readonly StackRule[] = allRules.filter(isStackRule);
