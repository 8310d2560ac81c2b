/**
 * What ha.cf asks of the daemon besides heartbeats and resource groups: the core knows nothing of it.
 */
import type { Findings } from "./diagnostic.ts";
import { addWarning } from "./diagnostic.ts";
import type { Scalars } from "./scalars.ts";
import type { Statement } from "./statements.ts";
import { quoted } from "./tokens.ts";
import type { Word } from "./tokens.ts";
import { parseBoolean, parseInteger } from "./values.ts";

export interface Duties {
  /** Programs to be kept running, in the order of the file. */
  readonly respawns: readonly Respawn[];
  /** Undefined: the daemon is scheduled as any other program, and may be swapped out. */
  readonly realtime: { readonly priority: number } | undefined;
  /** The device that restarts the machine when it is not fed: `/dev/watchdog`. */
  readonly watchdog: string | undefined;
  /** How often a message may be passed on along serial lines, besides once for each node. */
  readonly hopfudge: number;
}

export interface Respawn {
  readonly user: string;
  /** An absolute path. */
  readonly file: string;
  readonly args: readonly string[];
  /** Where the line stands, for what the host says against it. */
  readonly line: number;
}

export function dutiesOf(
  statements: readonly Statement[],
  scalars: Scalars,
  findings: Findings,
): Duties {
  return {
    respawns: respawnsOf(statements, findings),
    realtime: realtimeOf(scalars),
    watchdog: scalars.get("watchdog")?.text,
    hopfudge: numberOf(scalars, "hopfudge") ?? 1,
  };
}

function respawnsOf(statements: readonly Statement[], findings: Findings): readonly Respawn[] {
  const respawns = new Map<string, Respawn>();
  for (const { directive, at, words } of statements) {
    const [user, file, ...args] = words;
    if (directive.name !== "respawn" || user === undefined || file === undefined) continue;
    if (!canRun(file, findings)) continue;
    const key = words.map((word) => word.text).join(" ");
    const former = respawns.get(key);
    if (former !== undefined) {
      addWarning(findings, at, "repeated", `line ${former.line} starts this already`);
      continue;
    }
    const texts = args.map((word) => word.text);
    respawns.set(key, { user: user.text, file: file.text, args: texts, line: at.line });
  }
  return [...respawns.values()];
}

/**
 * What heartbeat brings itself are clients of its API, which is not spoken here. What ipfail does is
 * done by the daemon: it is neither started nor missed.
 */
function canRun(file: Word, findings: Findings): boolean {
  const name = /^\/usr\/(?:lib|lib64|libexec|lib\/[^/]+)\/heartbeat\/([^/]+)$/.exec(file.text)?.[1];
  if (name === undefined || name === "ipfail") return name === undefined;
  const message = `${quoted(name)} needs heartbeat's client API, which there is not: it is not started`;
  addWarning(findings, file, "no-effect", message);
  return false;
}

/** On if nothing is said of it, as in heartbeat. Priority 1 is the lowest (sched(7)). */
function realtimeOf(scalars: Scalars): Duties["realtime"] {
  const word = scalars.get("realtime");
  const isOn = word && parseBoolean(word.text);
  if (isOn?.ok === true && !isOn.value) return undefined;
  return { priority: numberOf(scalars, "rtprio") ?? 1 };
}

function numberOf(scalars: Scalars, name: string): number | undefined {
  const word = scalars.get(name);
  const value = word && parseInteger(word.text, { low: 0, high: 255 });
  return value?.ok === true ? value.value : undefined;
}
