/**
 * haresources: a line is a resource group, its first word the node where it belongs.
 */
import type { GroupName, NodeName, Resource } from "../core/index.ts";
import { groupName, nodeName } from "../core/index.ts";
import type { Findings, Parsed } from "./diagnostic.ts";
import { addError, addWarning, diagnosticsOf, newFindings, wholeFile } from "./diagnostic.ts";
import { logicalLines } from "./haresources-lines.ts";
import { nodeFault } from "./names.ts";
import { nameOf, parseResource } from "./resource.ts";
import type { Place, Source, Word } from "./tokens.ts";
import { linesOf, quoted } from "./tokens.ts";
import { broadcastDoubt } from "./virtual-ip.ts";

export interface Haresources {
  readonly file: string;
  readonly groups: readonly GroupLine[];
}

export interface GroupLine {
  readonly node: NodeName;
  /** Where the node stands. */
  readonly at: Place;
  readonly name: GroupName;
  readonly resources: readonly Resource[];
}

export function parseHaresources(source: Source): Parsed<Haresources> {
  const findings = newFindings(source);
  const groups: GroupLine[] = [];
  const seen: Seen = { groups: new Map(), addresses: new Map() };
  for (const words of logicalLines(linesOf(source.text), findings)) {
    const group = groupIn(words, seen, findings);
    if (group !== undefined) groups.push(group);
  }
  if (groups.length === 0 && findings.count.error === 0) {
    addWarning(
      findings,
      wholeFile,
      "no-groups",
      "no resource group: there is nothing to take over",
    );
  }
  return { value: { file: source.file, groups }, diagnostics: diagnosticsOf(findings) };
}

/** A resource with the word that names it. */
interface Placed {
  readonly word: Word;
  readonly resource: Resource;
}

/** Where names were first used. */
interface Seen {
  readonly groups: Map<string, Word>;
  readonly addresses: Map<string, Word>;
}

function groupIn(words: readonly Word[], seen: Seen, findings: Findings): GroupLine | undefined {
  const [node, ...rest] = words;
  if (node === undefined) return undefined;
  const fault = nodeFault(node.text);
  if (fault !== undefined) addError(findings, node, fault.code, fault.message);
  if (rest.length === 0) {
    const message = `${quoted(node.text)} has no resource: a line is a node and its resources`;
    addError(findings, node, "missing-argument", message);
  }
  const placed = rest.flatMap((word) => placedIn(word, findings) ?? []);
  const [first] = placed;
  if (first === undefined) return undefined;
  const name = nameOf(first.resource);
  const isNew = checkName(name, first.word, seen, findings);
  // Of two groups named after one address it has been said already.
  for (const each of isNew ? placed : placed.slice(1)) checkAddress(each, seen, findings);
  checkOrder(placed, findings);
  const resources = placed.map(({ resource }) => resource);
  return { node: nodeName(node.text.toLowerCase()), at: node, name: groupName(name), resources };
}

function placedIn(word: Word, findings: Findings): Placed | undefined {
  const resource = parseResource(word.text);
  if (resource.ok) return { word, resource: resource.value };
  addError(findings, word, resource.error.code, resource.error.message);
  return undefined;
}

function checkName(name: string, word: Word, seen: Seen, findings: Findings): boolean {
  if (name.length > longestName) {
    const message = `a group is named after its first resource, in ${longestName} letters at most`;
    addError(findings, word, "bad-name", message);
  }
  if (commandWords.has(name)) {
    const message = `a group cannot be named ${quoted(name)}: takeover and standby mean by it several groups`;
    addError(findings, word, "bad-name", message);
  }
  const former = seen.groups.get(name);
  if (former === undefined) {
    seen.groups.set(name, word);
    return true;
  }
  const message = `the group of line ${former.line} is named ${quoted(name)}, after its first resource, too`;
  addError(findings, word, "duplicate-group", message);
  return false;
}

function checkAddress({ word, resource }: Placed, seen: Seen, findings: Findings): void {
  if (resource.type !== "address") return;
  const { address } = resource.ip;
  const doubt = broadcastDoubt(resource.ip);
  if (doubt !== undefined) addWarning(findings, word, "broadcast", doubt);
  const former = seen.addresses.get(address);
  if (former === undefined) {
    seen.addresses.set(address, word);
  } else {
    addError(findings, word, "duplicate-address", `${address} is in line ${former.line} already`);
  }
}

/** hb_standby(1), hb_takeover(1) */
const commandWords: ReadonlySet<string> = new Set(["all", "local", "foreign", "failback"]);

/** Every heartbeat carries the names of the groups that are held. */
const longestName = 255;

/** Disks come before the address in good order; what serves clients does not. */
const storage: ReadonlySet<string> = new Set([
  "Filesystem",
  "LVM",
  "Raid1",
  "drbddisk",
  "drbdupper",
  "iscsi",
]);

function checkOrder(placed: readonly Placed[], findings: Findings): void {
  const last = placed.at(-1);
  if (last?.resource.type !== "address") return;
  const early = placed.find(({ resource }) => isService(resource));
  if (early === undefined) return;
  const message = `${quoted(early.word.text)} starts without this address: put the address before it`;
  addWarning(findings, last.word, "order", message);
}

function isService(resource: Resource): boolean {
  if (resource.type === "address") return false;
  return resource.type !== "script" || !storage.has(resource.script);
}
