/**
 * The operator's word: takeover and standby, and the answers that wait for what becomes of them.
 */
import type { Millis } from "../std/time.ts";
import { after, elapsed, seconds } from "../std/time.ts";
import type { GroupReply } from "./effect.ts";
import type { Group } from "./group.ts";
import { isClaimed } from "./group.ts";
import { refusalByOriginal, refusalOfOne } from "./handover.ts";
import type { Command, Selection } from "./input.ts";
import { claimOf } from "./peer.ts";
import { candidatesOf, homeOf, ownObstacle, placeElsewhere } from "./placement.ts";
import type { PendingCommand, State } from "./state.ts";
import type { Turn } from "./turn.ts";
import { act, markChanged, setLocal, tell } from "./turn.ts";
import type { GroupName, NodeName, RequestId } from "./types.ts";

/** How long the holder of a group may take to begin to give it up. */
const WISH_FOR: Millis = seconds(10);

type GroupResult = GroupReply["result"];

export function recordCommand(turn: Turn, request: RequestId, command: Command): void {
  const { state } = turn;
  const { type, selection, wait } = command;
  const results = new Map<GroupName, GroupResult | undefined>();
  for (const group of selected(state, selection)) {
    const alone = selection.type === "group" ? refusalOfOne(state, group) : undefined;
    const result =
      alone === undefined ? ask(turn, group, type) : ({ type: "refused", reason: alone } as const);
    results.set(group.config.name, result ?? (wait ? undefined : { type: "accepted" }));
  }
  if (selection.type === "group" && results.size === 0) {
    const reason = "there is no resource group of this name in haresources";
    results.set(selection.group, { type: "refused", reason });
  }
  state.commands.push({ request, type, since: state.now, results });
}

/** @returns undefined if it is under way */
function ask(turn: Turn, group: Group, type: Command["type"]): GroupResult | undefined {
  return type === "takeover" ? askTakeover(turn, group) : askStandby(turn, group);
}

function selected(state: State, selection: Selection): readonly Group[] {
  const groups = [...state.groups.values()];
  const { self } = state.config;
  switch (selection.type) {
    case "all":
      return groups;
    case "local":
      return groups.filter(({ config }) => homeOf(config) === self);
    case "foreign":
      return groups.filter(({ config }) => homeOf(config) !== self);
    case "group":
      return groups.filter(({ config }) => config.name === selection.group);
  }
}

/** @returns undefined if it is under way */
function askTakeover(turn: Turn, group: Group): GroupResult | undefined {
  const { state } = turn;
  const { self } = state.config;
  if (group.local.at === "held") return { type: "already", holder: self };
  // It comes already.
  if (group.local.at === "starting" && group.local.abort === undefined) return undefined;
  // The operator knows better than the last failure.
  if (group.local.at === "refused") setLocal(turn, group, { at: "stopped" });
  const obstacle = ownObstacle(state, group);
  if (obstacle !== undefined) {
    return { type: "refused", reason: `${self} cannot hold it: ${obstacle}` };
  }
  if (!state.active) {
    return {
      type: "refused",
      reason: "this node has just started and does not know its peers yet",
    };
  }
  const refusal = refusalByOriginal(state);
  if (refusal !== undefined) return { type: "refused", reason: refusal };
  group.standby = false;
  group.refusal = undefined;
  group.wants = { until: after(state.now, WISH_FOR) };
  group.yields = undefined;
  group.resting = undefined;
  markChanged(turn, group);
  tell(turn, { code: "move-asked", group: group.config.name, to: self });
  return undefined;
}

/** @returns undefined if it is under way */
function askStandby(turn: Turn, group: Group): GroupResult | undefined {
  const { state } = turn;
  const holder = holderElsewhere(state, group);
  const isEnding = group.local.at === "starting" && group.local.abort !== undefined;
  if (isEnding || (group.local.at !== "held" && group.local.at !== "starting")) {
    return holder === undefined
      ? { type: "refused", reason: "this node does not hold it" }
      : { type: "already", holder };
  }
  const to = placeElsewhere(state, group);
  if (to === undefined) return { type: "refused", reason: nobodyElse(state, group) };
  const refusal = refusalByOriginal(state);
  if (refusal !== undefined) return { type: "refused", reason: refusal };
  group.standby = true;
  group.refusal = undefined;
  tell(turn, { code: "move-asked", group: group.config.name, to });
  return undefined;
}

function nobodyElse(state: State, group: Group): string {
  const others = candidatesOf(state, group).filter(({ node }) => node !== state.config.self);
  const why = others.map(({ node, obstacle }) => `${node} (${obstacle ?? "able"})`).join(", ");
  return why === "" ? "there is no other node" : `no other node can take it: ${why}`;
}

function isClaimedElsewhere(state: State, group: Group): boolean {
  return [...state.peers.values()].some((peer) => claimOf(peer, group.config.name) !== undefined);
}

function holderElsewhere(state: State, group: Group): NodeName | undefined {
  for (const peer of state.peers.values()) {
    if (claimOf(peer, group.config.name)?.at === "held") return peer.name;
  }
  return undefined;
}

/** Answers the commands of which nothing more is to be expected. */
export function answerCommands(turn: Turn): void {
  const { state } = turn;
  for (const command of state.commands.splice(0)) {
    for (const [name, result] of command.results) {
      if (result === undefined) command.results.set(name, resultOf(turn, command, name));
    }
    const groups: GroupReply[] = [];
    for (const [group, result] of command.results) {
      if (result !== undefined) groups.push({ group, result });
    }
    if (groups.length < command.results.size) state.commands.push(command);
    else act(turn, { type: "reply", request: command.request, reply: { groups } });
  }
}

/** @returns undefined as long as it is not decided */
function resultOf(turn: Turn, command: PendingCommand, name: GroupName): GroupResult | undefined {
  const { state } = turn;
  const group = state.groups.get(name);
  if (group === undefined) return { type: "refused", reason: "it was taken out of haresources" };
  const { local } = group;
  if (state.leaving !== undefined) return { type: "refused", reason: "this node is stopping" };
  if (local.at === "stuck") {
    return { type: "refused", reason: `${local.resource} does not stop: ${local.reason}` };
  }
  const tookMs = elapsed(command.since, state.now);
  return command.type === "takeover"
    ? takeoverResult(state, group, tookMs)
    : standbyResult(state, group, tookMs);
}

function takeoverResult(state: State, group: Group, tookMs: Millis): GroupResult | undefined {
  const { local } = group;
  if (local.at === "held") return { type: "done", holder: state.config.self, tookMs };
  if (local.at === "refused") return { type: "refused", reason: local.reason };
  if (local.at === "stopping" && local.giving.failure !== undefined) {
    return { type: "refused", reason: local.giving.failure };
  }
  if (group.wants === undefined && local.at === "stopped") {
    return { type: "refused", reason: group.refusal ?? "the operator changed his mind" };
  }
  return undefined;
}

function standbyResult(state: State, group: Group, tookMs: Millis): GroupResult | undefined {
  const { local } = group;
  const holder = holderElsewhere(state, group);
  if (holder !== undefined && local.at === "stopped") return { type: "done", holder, tookMs };
  const isOver =
    !isClaimed(group) && group.yields === undefined && !isClaimedElsewhere(state, group);
  if (isOver) {
    return { type: "refused", reason: group.refusal ?? "it was given up, and nobody took it" };
  }
  const isBack = local.at === "held" && !group.standby;
  if (isBack) {
    return { type: "refused", reason: group.refusal ?? "the other node could not hold it" };
  }
  return undefined;
}
