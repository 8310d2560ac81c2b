/**
 * What a resource's program finds in its environment: the names that heartbeat's own agents expect.
 */
import { join } from "node:path";
import type { Config } from "../config/index.ts";

export function scriptEnvironment(config: Config, haDir: string): Record<string, string> {
  const env: Record<string, string> = {
    HA_CURHOST: config.core.self,
    HA_DIR: haDir,
    HA_RCDIR: join(haDir, "rc.d"),
    HA_RESOURCEDIR: join(haDir, "resource.d"),
    OCF_ROOT: "/usr/lib/ocf",
  };
  for (const [name, text] of Object.entries(config.settings)) env[`HA_${name}`] = text;
  return env;
}
