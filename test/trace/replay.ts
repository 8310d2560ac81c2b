/**
 * The language of the golden traces, one command a line:
 *
 *     cluster alpha beta [failback off] [scripts nginx ...]   (first; else: alpha beta)
 *     boot N | crash N | kill N | leave N | pause N SECONDS | run SECONDS
 *     cut A > B | cut A | heal | takeover N WHAT | standby N WHAT
 *     fail start|stop | hang | mend            scripts, from now on
 *     slow | fast                              datagrams sent from now on take half a second
 *     delete N | add N | unplug N | plug N     the address, its interface
 */
import type { Command, Selection } from "../../src/core/index.ts";
import { groupName, nodeName } from "../../src/core/index.ts";
import { addressGroup, calm, clusterOf, vip } from "../sim/configs.ts";
import { seededRng } from "../sim/rng.ts";
import type { SimNode } from "../sim/world.ts";
import { World } from "../sim/world.ts";

/** Runs the commands of a story and puts what happened under each, after a line of dashes. */
export function replay(story: string): string {
  const stage: Stage = { world: worldOf(["alpha", "beta"]) };
  return story
    .trimEnd()
    .split("\n\n")
    .map((paragraph) => {
      const lines = paragraph.split("\n");
      const dashes = lines.indexOf("----");
      if (dashes < 0) return paragraph;
      const start = stage.world.trace.length;
      const world = stage.world;
      for (const line of lines.slice(0, dashes)) if (!line.startsWith("#")) obey(stage, line);
      const happened = stage.world.trace.slice(stage.world === world ? start : 0);
      const shown = happened.length > 0 ? happened : ["(quiet)"];
      return [...lines.slice(0, dashes + 1), ...shown].join("\n");
    })
    .join("\n\n")
    .concat("\n");
}

interface Stage {
  world: World;
}

function worldOf(words: readonly string[]): World {
  const at = words.findIndex((word) => word === "failback" || word === "scripts");
  const names = at < 0 ? words : words.slice(0, at);
  const scripts = words.includes("scripts") ? words.slice(words.indexOf("scripts") + 1) : [];
  const groups = [addressGroup(vip, names.map(nodeName), scripts)];
  const autoFailback = !words.join(" ").includes("failback off");
  return new World(clusterOf(names, { groups, autoFailback }), calm, seededRng(1));
}

function obey(stage: Stage, line: string): void {
  const [command = "", ...words] = line.split(" ");
  const { world } = stage;
  switch (command) {
    case "cluster":
      stage.world = worldOf(words);
      return;
    case "run":
      return world.runFor(Number.parseFloat(words[0] ?? "") * 1000);
    case "pause":
      return world.pause(nodeOf(world, words), Number.parseFloat(words[1] ?? "") * 1000);
    case "boot":
    case "crash":
    case "kill":
    case "leave":
      return world[command](nodeOf(world, words));
    case "cut":
      return cut(world, words);
    case "heal":
      return world.cut.clear();
    case "takeover":
    case "standby":
      world.command(nodeOf(world, words), commandOf(command, words[1] ?? "all"));
      return;
    case "fail":
      world.faults = { ...calm, [words[0] === "start" ? "startFailure" : "stopFailure"]: 1 };
      return;
    case "hang":
      world.faults = { ...calm, hang: 1 };
      return;
    case "slow":
      world.faults = { ...calm, delayMax: 500, delayMin: 400 };
      return;
    case "fast":
    case "mend":
      world.faults = calm;
      return;
    default:
      return meddle(world, command, words);
  }
}

function meddle(world: World, command: string, words: readonly string[]): void {
  const node = nodeOf(world, words);
  world.meddle(node, (kernel) => {
    switch (command) {
      case "delete":
        kernel.addresses.delete(vip);
        return;
      case "add":
        kernel.addresses.set(vip, "foreign");
        return;
      case "unplug":
        kernel.missingInterface = true;
        kernel.addresses.clear();
        return;
      case "plug":
        kernel.missingInterface = false;
        return;
      default:
        throw new Error(`there is no command "${command}"`);
    }
  });
}

/** `cut a > b` is one way; `cut a` is every link of a node, both ways. */
function cut(world: World, words: readonly string[]): void {
  if (words.length === 3) {
    world.cut.add(words.join(""));
    return;
  }
  for (const other of world.nodes.keys()) {
    world.cut.add(`${words[0]}>${other}`);
    world.cut.add(`${other}>${words[0]}`);
  }
}

function commandOf(type: Command["type"], word: string): Command {
  return { type, selection: selectionOf(word), wait: true };
}

function selectionOf(word: string): Selection {
  if (word === "all" || word === "local" || word === "foreign") return { type: word };
  return { type: "group", group: groupName(word) };
}

function nodeOf(world: World, words: readonly string[]): SimNode {
  const node = world.nodes.get(nodeName(words[0] ?? ""));
  if (node === undefined) throw new Error(`there is no node in "${words.join(" ")}"`);
  return node;
}
