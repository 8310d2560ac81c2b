/**
 * Everything that reads what somebody else has written.
 */
import { configTargets } from "./config-targets.ts";
import { controlTargets } from "./control-targets.ts";
import type { Target } from "./target.ts";
import { wireTargets } from "./wire-targets.ts";

export const targets: readonly Target[] = [...wireTargets, ...configTargets, ...controlTargets];
