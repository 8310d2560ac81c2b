/**
 * ha.cf: what its statements come to.
 */
import type { CoreConfig, NodeName, PingConfig, Timing } from "../core/index.ts";
import { nodeName } from "../core/index.ts";
import type { Millis } from "../std/time.ts";
import { seconds } from "../std/time.ts";
import type { MediumConfig } from "./config.ts";
import type { Findings, Parsed } from "./diagnostic.ts";
import { addError, addWarning, diagnosticsOf, newFindings, wholeFile } from "./diagnostic.ts";
import { directives } from "./directives.ts";
import type { Duties } from "./duties.ts";
import { dutiesOf } from "./duties.ts";
import type { FenceLine } from "./fence.ts";
import { fenceLinesOf } from "./fence.ts";
import { leaseOf, onIsolatedOf } from "./lease.ts";
import { mediaOf } from "./media.ts";
import { pingsOf } from "./pings.ts";
import type { Scalars } from "./scalars.ts";
import { scalarsOf } from "./scalars.ts";
import type { Statement } from "./statements.ts";
import { statementsOf } from "./statements.ts";
import { timeOf, timingOf } from "./timing.ts";
import type { Source } from "./tokens.ts";
import { parseBoolean } from "./values.ts";
import type { WitnessConfig } from "./witness.ts";
import { witnessOf } from "./witness.ts";

export interface HaCf {
  readonly file: string;
  /** In the order of the file, each once. */
  readonly nodes: readonly NodeName[];
  readonly timing: Timing;
  readonly media: readonly MediumConfig[];
  readonly pings: readonly PingConfig[];
  /** Undefined: there is none. */
  readonly lease: Millis | undefined;
  readonly onIsolated: NonNullable<CoreConfig["onIsolated"]>;
  /** Undefined: there is none. */
  readonly witness: WitnessConfig | undefined;
  readonly autoFailback: "on" | "off" | "legacy";
  readonly startTimeout: Millis;
  readonly stopTimeout: Millis;
  readonly fenceTimeout: Millis;
  /** Of all nodes, in the order of the file. */
  readonly fenceLines: readonly FenceLine[];
  /** Every directive of one value as written, defaults included, and what `env` sets. */
  readonly settings: Readonly<Record<string, string>>;
  readonly duties: Duties;
}

export function parseHaCf(source: Source): Parsed<HaCf> {
  const findings = newFindings(source);
  const statements = statementsOf(source, findings);
  const scalars = scalarsOf(statements, findings);
  const timing = timingOf(scalars, findings);
  checkLogging(scalars, findings);
  checkClients(statements, findings);
  const nodes = nodesOf(statements, findings);
  const pings = pingsOf(statements, findings);
  const value = {
    file: source.file,
    nodes,
    timing,
    media: mediaOf(statements, findings),
    pings,
    lease: leaseOf(scalars, timing, findings),
    onIsolated: onIsolatedOf(scalars, pings, findings),
    witness: witnessOf(statements, nodes, findings),
    autoFailback: autoFailbackOf(statements, findings),
    startTimeout: timeOf(scalars, "start_timeout") ?? seconds(60),
    stopTimeout: timeOf(scalars, "stop_timeout") ?? seconds(60),
    fenceTimeout: timeOf(scalars, "fence_timeout") ?? seconds(60),
    fenceLines: fenceLinesOf(statements, nodes, findings),
    settings: settingsOf(statements, scalars, timing),
    duties: dutiesOf(statements, scalars, findings),
  };
  return { value, diagnostics: diagnosticsOf(findings) };
}

/** Of heartbeat, MAXNODE. */
const mostNodes = 100;

function nodesOf(statements: readonly Statement[], findings: Findings): readonly NodeName[] {
  const lines = statements.filter(({ directive }) => directive.name === "node");
  const nodes = new Set<NodeName>();
  for (const word of lines.flatMap(({ words }) => words)) {
    const name = nodeName(word.text.toLowerCase());
    if (nodes.has(name)) {
      addWarning(findings, word, "duplicate-node", `"${name}" is named already`);
    } else if (nodes.size === mostNodes) {
      addError(findings, word, "too-many", `there are more than ${mostNodes} nodes`);
      break;
    }
    nodes.add(name);
  }
  const [first] = lines;
  if (first === undefined) addError(findings, wholeFile, "no-nodes", noNodes);
  else if (nodes.size === 1) addWarning(findings, first.at, "single-node", singleNode);
  return [...nodes];
}

const noNodes = "no node is named: write `node` and what `uname -n` prints on each of them";
const singleNode = "there is one node only: nobody can take over from it";

/**
 * heartbeat 3.0.6, config.c: `legacy` where nothing is said. The obsolete nice_failback makes it
 * `legacy`, or `off` if an auto_failback stands above it.
 */
function autoFailbackOf(
  statements: readonly Statement[],
  findings: Findings,
): HaCf["autoFailback"] {
  let value: HaCf["autoFailback"] | undefined;
  for (const { directive, at, words } of statements) {
    const last = words.at(-1);
    if (directive.name === "auto_failback" && last !== undefined) value = failbackOf(last.text);
    if (directive.name === "nice_failback" && last !== undefined) {
      value = value === undefined ? "legacy" : "off";
      addWarning(findings, at, "auto-failback", obsolete[value]);
    }
  }
  const place = statements.findLast(({ directive }) => directive.name === "auto_failback")?.at;
  if (value === "legacy" && place !== undefined)
    addWarning(findings, place, "auto-failback", legacy);
  if (value === undefined && place === undefined)
    addWarning(findings, wholeFile, "auto-failback", unsaid);
  return value ?? "legacy";
}

const obsolete = {
  off: "nice_failback is obsolete: it turns the auto_failback above it off; write auto_failback off",
  legacy:
    "nice_failback is obsolete: it means on, unless auto_failback follows; write auto_failback",
};
const legacy =
  "legacy is the same as on, unless the peer runs heartbeat: then nothing can be moved by hand; write on";
const unsaid =
  "auto_failback is not given, which means legacy: write auto_failback on, or off, on both nodes";

function failbackOf(text: string): HaCf["autoFailback"] {
  const value = parseBoolean(text);
  if (!value.ok) return "legacy";
  return value.value ? "on" : "off";
}

/** heartbeat would have nowhere to log to, and refuses to start on a node that runs it. */
function checkLogging(scalars: Scalars, findings: Findings): void {
  const daemon = scalars.get("use_logd");
  const elsewhere = ["logfile", "debugfile", "logfacility"].some((name) => scalars.has(name));
  if (daemon === undefined || elsewhere) return;
  const on = parseBoolean(daemon.text);
  if (!on.ok || on.value) return;
  const message =
    "use_logd is off and no logfile, debugfile or logfacility is set: heartbeat refuses this";
  addError(findings, daemon, "logging", message);
}

function checkClients(statements: readonly Statement[], findings: Findings): void {
  const names = new Set<string>();
  for (const { directive, words } of statements) {
    const [name] = words;
    if (directive.name !== "apiauth" || name === undefined) continue;
    if (names.has(name.text)) addError(findings, name, "repeated", "this client is named already");
    names.add(name.text);
  }
}

function settingsOf(
  statements: readonly Statement[],
  scalars: Scalars,
  timing: Timing,
): Readonly<Record<string, string>> {
  const settings = new Map<string, string>();
  for (const { name, initial } of directives.values()) {
    if (initial !== undefined) settings.set(name, initial);
  }
  settings.set("warntime", `${timing.warntime}ms`);
  settings.set("initdead", `${timing.initdead}ms`);
  settings.set("deadping", `${timing.deadping}ms`);
  for (const [name, word] of scalars) settings.set(name, word.text);
  const variables = statements.filter(({ directive }) => directive.name === "env");
  for (const { text } of variables.flatMap(({ words }) => words)) {
    const [name = "", ...value] = text.split("=");
    settings.set(name, value.join("="));
  }
  return Object.fromEntries(settings);
}
