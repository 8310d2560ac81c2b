/**
 * The language of the golden traces, one command a line:
 *
 *     cluster alpha beta [original beta] [groups two] [failback off] [pings gateway]
 *       [scripts nginx ...] [fenced power ...] [lease nftables|lifetime] [isolated release]
 *       [witness etcd]                         (first; else: alpha beta)
 *     boot N | crash N | kill N | leave N | pause N SECONDS | run SECONDS
 *     suspend N SECONDS                        the whole machine, which notices it
 *     cut A > B | cut A | heal | takeover N WHAT | standby N WHAT
 *     reject N                                 its firewall refuses heartbeats, and lets none out;
 *                                              heal mends it
 *     separate A > B | separate A              the same for the network of the clients; heal mends it
 *     reload N                                 the files are read anew; of an original, ha.cf
 *     restart N                                the daemon is replaced, and nothing moves
 *     maintenance N on|off [SECONDS]           the operator's word, at one node
 *     lose N | find N                          the witness is not reached, or again
 *     fail start|stop|fence | hang | mend      scripts and devices, from now on
 *     confirm N PEER                           the operator's word that PEER is off
 *     slow | fast                              datagrams sent from now on take half a second
 *     miss N PING | reach N PING               a ping node, from now on
 *     delete N | add N | unplug N | plug N     the address, its interface
 *     carrier N off|on                         of that interface
 */
import type { Command, Selection } from "../../src/core/index.ts";
import { groupName, nodeName } from "../../src/core/index.ts";
import { millis, seconds } from "../../src/std/time.ts";
import { addressGroup, calm, clusterOf, fencingBy, orderly, timing, vip } from "../sim/configs.ts";
import { setCarrier } from "../sim/disturb.ts";
import type { Faults } from "../sim/faults.ts";
import { CLIENT } from "../sim/lan.ts";
import { linkOf } from "../sim/network.ts";
import { reload as reloadOriginal, standby, takeover } from "../sim/original.ts";
import { seededRng } from "../sim/rng.ts";
import { leaseFor } from "../sim/shape.ts";
import type { SimConfig } from "../sim/sim-node.ts";
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

const keywords = [
  "original",
  "groups",
  "failback",
  "pings",
  "fenced",
  "scripts",
  "lease",
  "isolated",
  "witness",
];

type Listed = (keyword: string) => readonly string[];

function worldOf(words: readonly string[]): World {
  const listed: Listed = (keyword) => {
    const from = words.indexOf(keyword) + 1;
    if (from === 0 && keyword !== "") return [];
    const until = words.findIndex((word, at) => at >= from && keywords.includes(word));
    return words.slice(from, until < 0 ? undefined : until);
  };
  const names = listed("");
  const nodes = names.map(nodeName);
  const groups = [addressGroup(vip, nodes, listed("scripts"))];
  if (listed("groups").includes("two")) groups.push(addressGroup("10.0.0.200", nodes.toReversed()));
  const devices = listed("fenced");
  const fencing = devices.length === 0 ? undefined : fencingBy(...devices);
  const shape = {
    groups,
    fencing,
    pings: listed("pings"),
    originals: listed("original"),
    autoFailback: !listed("failback").includes("off"),
    isLegacy: listed("failback").includes("legacy"),
  };
  const faults = shape.originals.length === 0 ? calm : orderly;
  const configs = clusterOf(names, shape).map((config) => ({ ...config, ...guardsOf(listed) }));
  return new World(configs, faults, seededRng(1));
}

/** What keeps two from answering, as far as the story asks for it. */
function guardsOf(listed: Listed): Partial<SimConfig> {
  const [mechanism] = listed("lease");
  return {
    ...(mechanism === undefined ? {} : { lease: leaseFor(timing) }),
    ...(mechanism === "lifetime" ? { mechanism } : {}),
    ...(listed("isolated").includes("release") ? { onIsolated: "release" } : {}),
    ...(listed("witness").includes("etcd") ? { hasWitness: true } : {}),
  };
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
      return cut(world, world.network.cut, words);
    case "separate":
      return cut(world, world.lan.cut, words);
    case "heal":
      world.lan.cut.clear();
      return world.network.heal();
    case "miss":
      world.missed.add(words.join(">"));
      return;
    case "reach":
      world.missed.delete(words.join(">"));
      return;
    case "takeover":
    case "standby":
      return order(world, command, words);
    case "reload":
      return reload(world, nodeOf(world, words));
    case "fail":
      world.faults = { ...peace(world), [`${words[0]}Failure`]: 1 };
      return;
    case "confirm":
      return world.confirm(nodeOf(world, words), nodeName(words[1] ?? ""));
    case "hang":
      world.faults = { ...peace(world), hang: 1 };
      return;
    case "slow":
      world.faults = { ...peace(world), delayMax: 500, delayMin: 400 };
      return;
    case "fast":
    case "mend":
      world.faults = peace(world);
      return;
    default:
      return guard(world, command, words);
  }
}

function guard(world: World, command: string, words: readonly string[]): void {
  const node = nodeOf(world, words);
  const [, word = "", time] = words;
  switch (command) {
    case "suspend":
      return world.suspend(node, Number.parseFloat(word) * 1000, true);
    case "reject":
      world.network.rejecting.add(node.name);
      return;
    case "restart":
      return world.goAway(node, seconds(15));
    case "maintenance": {
      const lasts = time === undefined ? undefined : millis(Number.parseFloat(time) * 1000);
      return world.maintain(node, word === "on", lasts);
    }
    case "carrier":
      return setCarrier(world, node, word === "on");
    case "lose":
      world.etcd.unreached.add(node.name);
      return;
    case "find":
      world.etcd.unreached.delete(node.name);
      return;
    default:
      return meddle(world, command, words);
  }
}

/** An operator's command, in the words of the node that it is given to. */
function order(world: World, type: Command["type"], words: readonly string[]): void {
  const node = nodeOf(world, words);
  const what = words[1] ?? "all";
  if (node.original === undefined) {
    world.command(node, { type, selection: selectionOf(what), wait: true });
  } else if (what === "all" || what === "local" || what === "foreign") {
    (type === "standby" ? standby : takeover)(node.original, what);
  }
}

function reload(world: World, node: SimNode): void {
  if (node.original === undefined) world.post(node, { type: "configured", config: node.config });
  else reloadOriginal(node.original);
}

function peace(world: World): Faults {
  return [...world.nodes.values()].some(({ config }) => config.original) ? orderly : calm;
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
function cut(world: World, links: Set<string>, words: readonly string[]): void {
  const [name = "", ...others] = words;
  if (others.length > 0) {
    links.add(words.join(""));
    return;
  }
  for (const other of [...world.nodes.keys(), CLIENT]) {
    links.add(linkOf(name, other)).add(linkOf(other, name));
  }
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
