/**
 * The three files together: rules that no one of them can keep, and what the daemon runs with.
 */
import type { CoreConfig, GroupConfig, NodeName } from "../core/index.ts";
import { nodeName } from "../core/index.ts";
import type { Config, KeyRing } from "./config.ts";
import type { Diagnostic, Parsed } from "./diagnostic.ts";
import {
  addError,
  addWarning,
  byPlace,
  diagnosticsOf,
  hasError,
  hasRoom,
  newFindings,
  wholeFile,
} from "./diagnostic.ts";
import { digestOf } from "./digest.ts";
import { fenceFacts, fenceProgramsOf, fencingOf } from "./fence.ts";
import type { HaCf } from "./ha-cf.ts";
import type { GroupLine, Haresources } from "./haresources.ts";
import { nodeFault } from "./names.ts";
import { serialMs } from "./serial.ts";
import { suggestion } from "./spelling.ts";
import { quoted } from "./tokens.ts";
import { witnessFacts } from "./witness.ts";

/** Each file with what is wrong with it. Undefined: there is no such file, as is said there. */
export interface ConfigParts {
  /** What this node is called, in capitals or not. */
  readonly self: string;
  readonly haCf: Parsed<HaCf | undefined>;
  readonly haresources: Parsed<Haresources | undefined>;
  readonly authkeys: Parsed<KeyRing | undefined>;
}

/**
 * @returns all diagnostics, file by file, those of the parts included; a value if and only if none
 * of them is an error
 */
export function assemble(parts: ConfigParts): Parsed<Config | undefined> {
  const { haCf, haresources, authkeys } = parts;
  const self = nodeName(parts.self.toLowerCase());
  const diagnostics = [
    ...inOrder(
      haCf.diagnostics,
      selfDiagnostics(self, haCf.value),
      fenceDiagnostics(self, haCf.value),
      lineDiagnostics(haCf.value, haresources.value),
    ),
    ...inOrder(haresources.diagnostics, nodeDiagnostics(haresources.value, haCf.value)),
    ...authkeys.diagnostics,
  ];
  if (hasError(diagnostics)) return { value: undefined, diagnostics };
  const value = configOf(self, haCf.value, haresources.value, authkeys.value);
  return { value, diagnostics };
}

function inOrder(...lists: readonly (readonly Diagnostic[])[]): readonly Diagnostic[] {
  return lists.flat().toSorted(byPlace);
}

function selfDiagnostics(self: NodeName, haCf: HaCf | undefined): readonly Diagnostic[] {
  if (haCf === undefined || haCf.nodes.length === 0 || haCf.nodes.includes(self)) return [];
  const findings = newFindings(haCf);
  const hint = suggestion(self, haCf.nodes);
  const remedy = nodeFault(self) === undefined ? `: add "node ${self}"` : "";
  const message = `no node line names this node, ${quoted(self)}${hint === "" ? remedy : hint}`;
  addError(findings, wholeFile, "self", message);
  return diagnosticsOf(findings);
}

function fenceDiagnostics(self: NodeName, haCf: HaCf | undefined): readonly Diagnostic[] {
  if (haCf === undefined || haCf.fenceLines.length === 0) return [];
  if (fenceProgramsOf(self, haCf.fenceLines).length > 0) return [];
  const findings = newFindings(haCf);
  const message = `no stonith_host line is for ${self}: it takes from a dead node without fencing it`;
  addWarning(findings, wholeFile, "fence-target", message);
  return diagnosticsOf(findings);
}

/** What does not get through before the next one is sent is dropped: the link looks dead. */
function lineDiagnostics(
  haCf: HaCf | undefined,
  haresources: Haresources | undefined,
): readonly Diagnostic[] {
  if (haCf === undefined || haresources === undefined) return [];
  const findings = newFindings(haCf);
  const { keepalive } = haCf.timing;
  const bytes = 400 + 100 * haresources.groups.length;
  for (const medium of haCf.media) {
    if (medium.type !== "serial") continue;
    const needed = Math.ceil(serialMs(medium, bytes));
    if (needed < keepalive) continue;
    const message =
      `${medium.device} at ${medium.baud} baud needs ${needed} ms for one heartbeat of some ` +
      `${bytes} bytes, and keepalive is ${keepalive} ms: raise baud, or keepalive`;
    addWarning(findings, wholeFile, "slow-line", message);
  }
  return diagnosticsOf(findings);
}

function nodeDiagnostics(
  haresources: Haresources | undefined,
  haCf: HaCf | undefined,
): readonly Diagnostic[] {
  if (haresources === undefined || haCf === undefined || haCf.nodes.length === 0) return [];
  const findings = newFindings(haresources);
  const known = new Set(haCf.nodes);
  for (const { node, at } of haresources.groups) {
    if (known.has(node)) continue;
    const hint = hasRoom(findings) ? suggestion(node, haCf.nodes) : "";
    const message = `${quoted(node)} is no node of ${haCf.file}${hint}`;
    addError(findings, at, "unknown-node", message);
  }
  const bytes = heartbeatBytes(haresources.groups, haCf.nodes);
  if (bytes > DATAGRAM_MAX) {
    const message =
      `${haresources.groups.length} groups do not fit into a heartbeat, which carries them all ` +
      "(65507 bytes): put more resources into one line";
    addError(findings, wholeFile, "too-many", message);
  }
  return diagnosticsOf(findings);
}

/** What an IPv4 datagram carries: 65,535 bytes less its headers (RFC 768, RFC 791). */
const DATAGRAM_MAX = 65_507;

/**
 * The longest that a heartbeat may become: every group claimed, and all that goes with a claim, a
 * stance and a node as long as it can be (wire/lists.ts).
 */
function heartbeatBytes(groups: readonly GroupLine[], nodes: readonly NodeName[]): number {
  const node = Math.max(...nodes.map(quotedBytes));
  const claims = groups.map(({ name }) => quotedBytes(name) + node + 64);
  return 1024 + nodes.length * (node + 40) + claims.reduce((sum, bytes) => sum + bytes, 0);
}

/** Every byte that is not plain takes three, and a character up to four bytes. */
function quotedBytes(name: string): number {
  return /^[!-$&-+\--~]*$/.test(name) ? name.length : name.length * 9;
}

function configOf(
  self: NodeName,
  haCf: HaCf | undefined,
  haresources: Haresources | undefined,
  keys: KeyRing | undefined,
): Config | undefined {
  if (haCf === undefined || haresources === undefined || keys === undefined) return undefined;
  const { timing, autoFailback, startTimeout, stopTimeout, media, settings, duties } = haCf;
  const { witness } = haCf;
  const core: Omit<CoreConfig, "digest"> = {
    self,
    peers: haCf.nodes.filter((node) => node !== self),
    timing,
    media: media.map(({ name }) => name),
    groups: haresources.groups.map((group) => groupOf(group, haCf.nodes)),
    pings: haCf.pings,
    autoFailback: autoFailback !== "off",
    isLegacy: autoFailback === "legacy",
    startTimeout,
    stopTimeout,
    fencing: fencingOf(self, haCf.fenceLines, haCf.fenceTimeout),
    lease: haCf.lease,
    onIsolated: haCf.onIsolated,
    hasWitness: witness !== undefined,
  };
  const digest = digestOf(core, fenceFacts(haCf.fenceLines), witnessFacts(witness));
  const fencePrograms = fenceProgramsOf(self, haCf.fenceLines);
  return { core: { ...core, digest }, media, keys, settings, duties, fencePrograms, witness };
}

function groupOf({ node, name, resources }: GroupLine, nodes: readonly NodeName[]): GroupConfig {
  return { name, nodes: [node, ...nodes.filter((each) => each !== node)], resources };
}
