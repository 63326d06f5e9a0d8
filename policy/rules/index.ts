import type { Rule } from "../rule";
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

/** All rules of the pack, in the order in which they are listed and run. */
export const rules: readonly Rule[] = [
    // Resource limits
    memoryLimit,
    cpuLimit,
    requests,
    requestWithinLimit,
    limitRequestRatio,
    containerSize,
    podSize,
    ephemeralStorageLimit,
    quantityUnit,
    quantitySuffix,
    // Shared volumes
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
    // Best practice
    probes,
    imageTag,
    pullPolicy,
    privilegeEscalation,
    shellEndsOnTerm,
];
