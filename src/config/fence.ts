/**
 * The `stonith_host` and `stonith` lines of ha.cf: devices that reset a dead peer, or switch it off.
 *
 * Their parameters may be passwords. Nothing of them is ever quoted, shown or compared.
 */
import type { Fencing, NodeName } from "../core/index.ts";
import { nodeName } from "../core/index.ts";
import type { Millis } from "../std/time.ts";
import type { Fault, Findings } from "./diagnostic.ts";
import { addWarning } from "./diagnostic.ts";
import { absolutePath, missingArgument } from "./directive.ts";
import type { LineCheck } from "./directive.ts";
import { suggestion } from "./spelling.ts";
import type { Statement } from "./statements.ts";
import { quoted } from "./tokens.ts";

/** How a device is driven: which program, and with what. */
export interface FenceProgram {
  readonly kind:
    /** `fence_...`: reads `name=value` lines from its standard input (FenceAgentAPI). */
    | "agent"
    /** A path: a program of the site. */
    | "script"
    /** Anything else: what cluster-glue's stonith(8) lists with `-L`. */
    | "plugin";
  /** As written: `fence_ipmilan`, `/usr/local/sbin/reset`, `external/ipmi`. */
  readonly name: string;
  readonly parameters: readonly string[];
  /** The file that has the parameters, of a `stonith` line. */
  readonly file: string | undefined;
}

/** One line. Of several that are for a node, each is a device, tried in the order of the file. */
export interface FenceLine {
  /** The node that drives the device; undefined: every node. */
  readonly host: NodeName | undefined;
  /** The nodes that it can fence; undefined: all. */
  readonly targets: readonly NodeName[] | undefined;
  readonly program: FenceProgram;
}

const hostShape = "stonith_host HOST TYPE PARAMETER...";

export const checkStonithHost: LineCheck = ([host, type, ...parameters]) => {
  if (host === undefined || type === undefined) return missingArgument(hostShape);
  return typeFault(type) ?? parameterFault(type, parameters);
};

export const checkStonith: LineCheck = ([type, file]) => {
  if (type === undefined || file === undefined) return missingArgument("stonith TYPE FILE");
  const fault = typeFault(type);
  if (fault !== undefined || absolutePath(file) === undefined) return fault;
  // What stands there instead may be a password.
  return {
    code: "bad-path",
    message: `what follows ${quoted(type)} is no absolute path of a file`,
  };
};

function typeFault(type: string): Fault | undefined {
  if (/^[\w./][\w./-]*$/.test(type)) return undefined;
  const message = `${quoted(type)} is no fencing device: write a fence_ agent, a type of stonith -L, or a path`;
  return { code: "bad-name", message };
}

function parameterFault(type: string, parameters: readonly string[]): Fault | undefined {
  const isSound = kindOf(type) !== "agent" || parameters.every((each) => /^[^=]+=/.test(each));
  if (isSound) return undefined;
  return { code: "bad-word", message: `the parameters of ${quoted(type)} are NAME=VALUE words` };
}

function kindOf(type: string): FenceProgram["kind"] {
  if (type.startsWith("/")) return "script";
  return /^fence_[\w.-]+$/.test(type) ? "agent" : "plugin";
}

export function fenceLinesOf(
  statements: readonly Statement[],
  nodes: readonly NodeName[],
  findings: Findings,
): readonly FenceLine[] {
  return statements.flatMap((statement) => {
    const line = lineOf(statement);
    if (line === undefined) return [];
    checkNodes(statement, line, { nodes, findings });
    return [line];
  });
}

function lineOf({ directive, words }: Statement): FenceLine | undefined {
  const texts = words.map(({ text }) => text);
  if (directive.name === "stonith_host") {
    const [host, type, ...parameters] = texts;
    if (host === undefined || type === undefined) return undefined;
    return {
      host: host === "*" ? undefined : nodeName(host.toLowerCase()),
      targets: targetsIn(parameters),
      program: {
        kind: kindOf(type),
        name: type,
        parameters: parameters.filter((each) => !each.startsWith(targetList)),
        file: undefined,
      },
    };
  }
  const [type, file] = texts;
  if (directive.name !== "stonith" || type === undefined) return undefined;
  const kind = kindOf(type);
  // A program of the site is told where its file is, as any other parameter.
  const parameters = kind === "script" && file !== undefined ? [file] : [];
  const program = { kind, name: type, parameters, file: kind === "script" ? undefined : file };
  return { host: undefined, targets: undefined, program };
}

/** As Pacemaker writes for which nodes a device is (pacemaker-fenced(7)). Not for the device itself. */
const targetList = "pcmk_host_list=";

function targetsIn(parameters: readonly string[]): readonly NodeName[] | undefined {
  const lists = parameters.filter((each) => each.startsWith(targetList));
  if (lists.length === 0) return undefined;
  return lists
    .flatMap((each) => each.slice(targetList.length).split(/[,;]/))
    .filter((each) => each !== "")
    .map((each) => nodeName(each.toLowerCase()));
}

function checkNodes(
  { at, words }: Statement,
  { host, targets, program }: FenceLine,
  { nodes, findings }: { readonly nodes: readonly NodeName[]; readonly findings: Findings },
): void {
  const place = words[0] ?? at;
  for (const name of [...(host === undefined ? [] : [host]), ...(targets ?? [])]) {
    if (nodes.includes(name)) continue;
    const message = `${quoted(name)} is no node${suggestion(name, nodes)}`;
    addWarning(findings, place, "unknown-node", message);
  }
  if (program.kind !== "agent" || targets !== undefined || nodes.length < 3) return;
  const message = `${program.name} is used whichever node is dead: write ${targetList}NODE,... if it can reset only some of them`;
  addWarning(findings, place, "fence-target", message);
}

/** The programs of the devices that a node drives, in the order of `Fencing.devices`. */
export function fenceProgramsOf(
  self: NodeName,
  lines: readonly FenceLine[],
): readonly FenceProgram[] {
  return drivenBy(self, lines).map(({ program }) => program);
}

/** What the core knows of them. Undefined: there are none. */
export function fencingOf(
  self: NodeName,
  lines: readonly FenceLine[],
  timeout: Millis,
): Fencing | undefined {
  const devices = drivenBy(self, lines).map(({ program, targets }) => {
    return { name: program.name, targets };
  });
  return devices.length === 0 ? undefined : { devices, timeout };
}

function drivenBy(self: NodeName, lines: readonly FenceLine[]): readonly FenceLine[] {
  return lines.filter(({ host }) => host === undefined || host === self);
}

/** What must be the same on every node, for the digest: without the parameters. */
export function fenceFacts(lines: readonly FenceLine[]): readonly string[] {
  return lines.map(({ host, program }) => `${host ?? "*"} ${program.name}`);
}
