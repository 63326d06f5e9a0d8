import type { Rule } from "../rule";
import { cpuLimit } from "./cpuLimit";
import { memoryLimit } from "./memoryLimit";
import { mountHasVolume } from "./mountHasVolume";
import { sidecarSharesVolume } from "./sidecarSharesVolume";

/** All rules of the pack, in the order in which they are listed and run. */
export const rules: readonly Rule[] = [memoryLimit, cpuLimit, mountHasVolume, sidecarSharesVolume];
