/**
 * What the daemon does for its own node besides heartbeats and resource groups: programs that are
 * kept running, watchdogs, going before other programs.
 */
import type { Config } from "../config/index.ts";
import type { Notice } from "../core/index.ts";
import { openPriority } from "./priority.ts";
import { openRespawns } from "./respawn.ts";
import { scriptEnvironment } from "./script-environment.ts";
import type { SystemdOptions } from "./systemd.ts";
import { feeder } from "./systemd.ts";
import type { WatchdogConfig } from "./watchdog.ts";
import { openFeeding } from "./watchdog.ts";

export interface Duties {
  /** At the end of a turn. @param active - whether this node takes part */
  turned(active: boolean): void;
  reconfigure(config: Config): void;
  /** The last turn was taken. @param isOrderly - nothing is left that another node may not take */
  end(isOrderly: boolean): Promise<void>;
}

export interface DutiesOptions extends SystemdOptions {
  readonly config: Config;
  readonly haDir: string;
  readonly tell: (notice: Notice) => void;
  readonly print: (program: string, line: string) => void;
}

export function openDuties(options: DutiesOptions): Duties {
  const { config: first, haDir, tell, print } = options;
  let config = first;
  const env = (): Readonly<Record<string, string>> => scriptEnvironment(config, haDir);
  const priority = openPriority(first.duties.realtime, tell);
  const feedSystemd = feeder(options);
  const feeding = openFeeding(watchdogOf(first), tell);
  const respawns = openRespawns({ respawns: first.duties.respawns, env, print, tell });
  return {
    turned(active) {
      feedSystemd();
      feeding.turned();
      if (active) respawns.begin();
    },
    reconfigure(next) {
      config = next;
      priority.reconfigure(next.duties.realtime);
      feeding.reconfigure(watchdogOf(next));
      respawns.reconfigure(next.duties.respawns);
    },
    end(isOrderly) {
      // What could not be stopped may run on here while the peer takes it: then the watchdog ends it.
      if (isOrderly) feeding.disarm();
      return respawns.end();
    },
  };
}

function watchdogOf({ duties, core }: Config): WatchdogConfig | undefined {
  if (duties.watchdog === undefined) return undefined;
  const { keepalive, deadtime } = core.timing;
  return { device: duties.watchdog, keepalive, deadtime };
}
