/**
 * A machine of the pair, on which either of the two may run.
 */
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Machine } from "../../netns/lab/topology.ts";
import type { Original, Which } from "./original.ts";
import { originalOn } from "./original.ts";
import type { Name } from "./pair-files.ts";
import { address, names, script } from "./pair-files.ts";
import type { Sandbox } from "./sandbox.ts";
import type { Understudy } from "./understudy.ts";
import { understudyOn } from "./understudy.ts";

export type Role = "original" | "understudy";

export interface PairNode extends Omit<Machine, "name"> {
  readonly name: Name;
  readonly sandbox: Sandbox;
  /** Its address on the network of heartbeats. */
  readonly heartbeatAddress: string;
  readonly original: Original;
  readonly understudy: Understudy;
  /** Which of them runs here, or would. */
  role: Role;
  start(): Promise<void>;
  /** In good order; waits until it is gone. */
  stop(): Promise<void>;
  /** The machine dies: everything ends at once, and nothing is left in its kernel. */
  kill(): Promise<void>;
  /** It has power and its cables again; nothing runs yet. */
  revive(): Promise<void>;
  /** Whose addresses its kernel has. */
  readonly has: () => readonly Name[];
  /** Whose scripts have been started here and not been stopped since. */
  readonly runs: () => readonly Name[];
  /** The operator's commands; the original's return before anything is done. */
  standby(which: Which): Promise<void>;
  takeover(which: Which): Promise<void>;
  /** Waits until it has joined its peer and all is in order. */
  settles(): Promise<unknown>;
  /** The number that hb_generation has; undefined: there is no such file. */
  generation(): number | undefined;
}

export function createPairNode(machine: Machine, sandbox: Sandbox, role: Role): PairNode {
  const { namespace } = machine;
  const original = originalOn(sandbox);
  const understudy = understudyOn(sandbox);
  const node: PairNode = {
    ...machine,
    name: nameOf(machine.name),
    sandbox,
    heartbeatAddress: `10.78.0.${machine.number}`,
    original,
    understudy,
    role,
    async start() {
      if (node.role === "original") return original.start();
      return understudy.start();
    },
    async stop() {
      if (node.role === "original") return original.stop();
      const exit = await understudy.stop();
      if (exit.code !== 0) throw new Error(`Understudy ended with ${JSON.stringify(exit)}`);
    },
    async kill() {
      cables(node, "cut");
      await sandbox.powerOff();
      for (const each of Object.values(address)) dropAddress(machine, each);
      namespace.run("nft", ["flush ruleset"]);
      for (const name of names) rmSync(running(sandbox, name), { force: true });
    },
    async revive() {
      await sandbox.powerOn();
      namespace.ip("neigh flush all");
      cables(node, "restore");
    },
    has() {
      const text = namespace.ip("-o -4 addr show dev eth0");
      return names.filter((name) => text.includes(` ${address[name]}/`));
    },
    runs: () => names.filter((name) => existsSync(running(sandbox, name))),
    async standby(which) {
      if (node.role === "original") return original.standby(which);
      return understudy.does("standby", which);
    },
    async takeover(which) {
      if (node.role === "original") return original.takeover(which);
      return understudy.does("takeover", which);
    },
    async settles() {
      if (node.role === "understudy") return understudy.isWell();
      return original.holds("none", "local", "foreign", "all");
    },
    generation: () => generationOf(join(sandbox.heartbeatDir, "hb_generation")),
  };
  return node;
}

function nameOf(text: string): Name {
  const name = names.find((each) => each === text);
  if (name === undefined) throw new Error(`a pair has no ${text}`);
  return name;
}

function cables({ service, private: heartbeats }: PairNode, what: "cut" | "restore"): void {
  service[what]();
  heartbeats[what]();
}

function dropAddress({ namespace }: Machine, which: string): void {
  for (const line of namespace.ip(`-o addr show to ${which}`).split("\n")) {
    const found = / inet (\S+) /.exec(`${line} `)?.[1];
    if (found !== undefined) namespace.ip(`addr del ${found} dev eth0`);
  }
}

/** What the script remembers that it has started. */
function running({ haDir }: Sandbox, name: Name): string {
  return join(haDir, `${script[name]}.running`);
}

function generationOf(file: string): number | undefined {
  try {
    return Number(readFileSync(file, "latin1"));
  } catch {
    return undefined;
  }
}
