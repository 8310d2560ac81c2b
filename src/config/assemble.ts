/**
 * The three files together: rules that no one of them can keep, and what the daemon runs with.
 */
import type { CoreConfig, GroupConfig, NodeName } from "../core/index.ts";
import { nodeName } from "../core/index.ts";
import type { Config, KeyRing } from "./config.ts";
import type { Diagnostic, Parsed } from "./diagnostic.ts";
import {
  addError,
  byPlace,
  diagnosticsOf,
  hasError,
  hasRoom,
  newFindings,
  wholeFile,
} from "./diagnostic.ts";
import { digestOf } from "./digest.ts";
import type { HaCf } from "./ha-cf.ts";
import type { GroupLine, Haresources } from "./haresources.ts";
import { nodeFault } from "./names.ts";
import { suggestion } from "./spelling.ts";
import { quoted } from "./tokens.ts";

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
    ...inOrder(haCf.diagnostics, selfDiagnostics(self, haCf.value)),
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
  const { timing, autoFailback, startTimeout, stopTimeout, media, settings } = haCf;
  const core: Omit<CoreConfig, "digest"> = {
    self,
    peers: haCf.nodes.filter((node) => node !== self),
    timing,
    media: media.map(({ name }) => name),
    groups: haresources.groups.map((group) => groupOf(group, haCf.nodes)),
    autoFailback,
    startTimeout,
    stopTimeout,
  };
  return { core: { ...core, digest: digestOf(core) }, media, keys, settings };
}

function groupOf({ node, name, resources }: GroupLine, nodes: readonly NodeName[]): GroupConfig {
  return { name, nodes: [node, ...nodes.filter((each) => each !== node)], resources };
}
