/**
 * The bugs that plants.ts plants: each is one of those that somebody has made, or would be forgiven for.
 */
export interface Plant {
  readonly name: string;
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

export const plants: readonly Plant[] = [
  {
    name: "take though another claims it",
    file: "src/core/settle.ts",
    from: "if (group.next !== undefined || claimantOf(turn, group) !== undefined) return;",
    to: "if (group.next !== undefined) return;",
  },
  {
    name: "take without agreement",
    file: "src/core/settle.ts",
    from: " || !isAgreed(state, group)) return;",
    to: ") return;",
  },
  {
    name: "trust an acknowledgement of any age",
    file: "src/core/agreement.ts",
    from: "peer.acked !== undefined && state.now < peer.acked.until;",
    to: "peer.acked !== undefined;",
  },
  {
    name: "trust a peer that knows an older word of ours",
    file: "src/core/agreement.ts",
    from: " && peer.acked.sequence >= since;",
    to: " && peer.acked.sequence >= 0 * since;",
  },
  {
    name: "trust peers that do not know of each other",
    file: "src/core/agreement.ts",
    from: " || !knowsOthers(peer, state)) return false;",
    to: ") return false;",
  },
  {
    name: "believe copies and old heartbeats",
    file: "src/core/peer.ts",
    from: 'if (!isLater && !(isOther && proven)) return { type: "old" };',
    to: 'if (peer.name === "" && !isLater && !isOther && !proven) return { type: "old" };',
  },
  {
    name: "no forgiveness after a stall",
    file: "src/core/hearing.ts",
    from: "if (lost < state.config.timing.warntime) return;",
    to: "if (lost < 1e9) return;",
  },
  {
    name: "both keep it when two hold it",
    file: "src/core/settle.ts",
    from: "if (rivalry !== undefined && rivalry.winner !== state.config.self) {",
    to: 'if (rivalry !== undefined && rivalry.winner === "") {',
  },
  {
    name: "both give up when two hold it",
    file: "src/core/settle.ts",
    from: "if (rivalry !== undefined && rivalry.winner !== state.config.self) {",
    to: "if (rivalry !== undefined) {",
  },
  {
    name: "a failed stop gives the group away",
    file: "src/core/transition.ts",
    from: "else stopFailed(turn, group, reasonOf(outcome));",
    to: "else stopped(turn, group);",
  },
  {
    name: "a failed start is held all the same",
    file: "src/core/transition.ts",
    from: "else startFailed(turn, group, reasonOf(outcome));",
    to: "else started(turn, group);",
  },
  {
    name: "stop left to right",
    file: "src/core/transition.ts",
    from: "stepsOf(group.config).length - 1);",
    to: "0);",
  },
  {
    name: "never fail back",
    file: "src/core/settle.ts",
    from: 'return able ? { why: "failback", to: home } : undefined;',
    to: "return able ? undefined : undefined;",
  },
  {
    name: "fail back what the operator moved",
    file: "src/core/settle.ts",
    from: 'if (local.at !== "held" || local.taking.pinned) return undefined;',
    to: 'if (local.at !== "held") return undefined;',
  },
  {
    name: "a dead peer never returns",
    file: "src/core/peer.ts",
    from: "const before = peer.liveness;",
    to: 'const before = peer.liveness;\n  if (before === "dead") return { type: "old" };',
  },
  {
    name: "leave an address that was deleted",
    file: "src/core/hosts.ts",
    from: 'if (group.local.at === "held") putBack(turn, group);',
    to: 'if (group.local.at === "held" && group.term < 0) putBack(turn, group);',
  },
  {
    name: "leave an address that is not ours to hold",
    file: "src/core/hosts.ts",
    from: "else if (!isClaimed(group) || isTaken(turn.state, group)) clearAway(turn, group);",
    to: "else if (isClaimed(group) && isTaken(turn.state, group)) clearAway(turn, group);",
  },
  {
    name: "keep an address that another has taken until the scripts have stopped",
    file: "src/core/hosts.ts",
    from: "else if (!isClaimed(group) || isTaken(turn.state, group)) clearAway(turn, group);",
    to: "else if (!isClaimed(group)) clearAway(turn, group);",
  },
  {
    name: "a hanging script is never cancelled",
    file: "src/core/step.ts",
    from: "if (now < job.due) continue;",
    to: "if (now < job.due || job.limit > 0) continue;",
  },
  {
    name: "go without a goodbye",
    file: "src/core/linger.ts",
    from: "sayGoodbye(turn);",
    to: "if (state.sequence < 0) sayGoodbye(turn);",
  },
  {
    name: "announce once only",
    file: "src/core/announce.ts",
    from: "const repeat = REPEATS[count - 1];",
    to: "const repeat = REPEATS[count + 9];",
  },
  {
    name: "take from the dead without fencing",
    file: "src/core/fence.ts",
    from: "return suspects.length === 0;",
    to: "return suspects.length >= 0;",
  },
  {
    name: "spare whoever claimed nothing when it was heard last",
    file: "src/core/fence.ts",
    from: ".filter((group) => isClaimed(group) && !claimed.has(group.config.name))",
    to: ".filter((group) => claimed.size === 0 || (isClaimed(group) && !claimed.has(group.config.name)))",
  },
  {
    name: "spare whoever was never heard",
    file: "src/core/fence.ts",
    from: "if (!peer.everHeard) return [];",
    to: "if (!peer.everHeard) return [...state.groups.keys()];",
  },
  {
    name: "go on fencing what is heard again",
    file: "src/core/fence.ts",
    from: "if (!isWanted) state.fences.delete(name);",
    to: "if (!isWanted && state.now < 0) state.fences.delete(name);",
  },
  {
    name: "renew whatever was acknowledged",
    file: "src/core/right.ts",
    from: "return isQuiet(state, peer) ? undefined : promised;",
    to: "return isQuiet(state, peer) ? promised : undefined;",
  },
  {
    name: "a lease as long as deadtime",
    file: "src/core/right.ts",
    from: "?? grace) - marginOf(state));",
    to: "?? grace) - 0 * marginOf(state));",
  },
  {
    name: "a lease that outlives deadtime",
    file: "src/core/right.ts",
    from: "let until = after(now, leaseOf(state) ?? millis(0));",
    to: "let until = after(now, millis(2 * (leaseOf(state) ?? 0)));",
  },
  {
    name: "fall silent when a peer does",
    file: "src/core/right.ts",
    from: "return !isAlive(peer) || state.now >= quietAt(state, peer);",
    to: "return !isAlive(peer);",
  },
  {
    name: "answer again after a stall without asking anybody",
    file: "src/core/lease.ts",
    from: "if (until <= now || !groups.every((group) => isOurs(turn, group))) return;",
    to: "if (until <= now) return;",
  },
  {
    name: "never answer again after a stall",
    file: "src/core/lease.ts",
    from: "if (lease.lapsed !== undefined) return tryAgain(turn, groups);",
    to: "if (lease.lapsed !== undefined) return;",
  },
  {
    name: "take without asking the network",
    file: "src/core/settle.ts",
    from: "if (!mayAnswer(state) || !isUnused(turn, group)) return;",
    to: "if (!mayAnswer(state)) return;",
  },
  {
    name: "take what was not asked for while this node did not run",
    file: "src/core/conflict.ts",
    from: "if (isAnew && heldOff !== undefined)",
    to: "if (isAnew && heldOff !== undefined && state.now < 0)",
  },
  {
    name: "be held off for ever",
    file: "src/core/conflict.ts",
    from: "if (now < freeAt(state, answered) || now",
    to: "if (now > 0 || now < freeAt(state, answered) || now",
  },
  {
    name: "ask at the same moment as everybody",
    file: "src/core/conflict.ts",
    from: "* (1 + 2 * rank)",
    to: "* (1 + 0 * rank)",
  },
  {
    name: "go on without the vote",
    file: "src/core/right.ts",
    from: "return promised > voted ? promised : voted;",
    to: "return isQuiet(state, peer) ? undefined : promised > voted ? promised : voted;",
  },
  {
    name: "never give the vote back",
    file: "src/core/witness.ts",
    from: 'act(turn, { type: "vote", want });',
    to: 'if (want) act(turn, { type: "vote", want });',
  },
  {
    name: "hold on though it is cut off from everything",
    file: "src/core/isolation.ts",
    from: 'if (config.onIsolated !== "release" || pings.size === 0) return false;',
    to: "if (pings.size >= 0) return false;",
  },
  {
    name: "answer on though no ping node is reached",
    file: "src/core/right.ts",
    from: "if (isolation !== undefined && isolation < until) until = isolation;",
    to: "if (isolation !== undefined && until < now) until = isolation;",
  },
  {
    name: "go home to a node that reaches less",
    file: "src/core/settle.ts",
    from: "if (!isAsConnected(state, peer) || peer.isMaintained) return undefined;",
    to: "if (peer.isMaintained) return undefined;",
  },
  {
    name: "forget what the life before held",
    file: "src/core/remember.ts",
    from: "for (const { group: name, term, pinned } of memory.groups) takeUp(",
    to: "for (const { group: name, term, pinned } of memory.groups.slice(0, 0)) takeUp(",
  },
  {
    name: "forget what the peers have said before a restart",
    file: "src/core/remember.ts",
    from: "Object.assign(peer, { boot, generation, sequence });",
    to: "Object.assign(peer, { boot: peer.boot && boot, generation: 0, sequence: 0 });",
  },
  {
    name: "move a group in maintenance",
    file: "src/core/settle.ts",
    from: "if (isMaintained(state)) return handoverOf",
    to: "if (isMaintained(state) && state.now < 0) return handoverOf",
  },
  {
    name: "take from the dead in maintenance",
    file: "src/core/settle.ts",
    from: "if (sparesDead(state) && !isAskedFor(order.reason) &&",
    to: "if (sparesDead(state) && state.now < 0 &&",
  },
  {
    name: "give way for one frame",
    file: "src/core/usurper.ts",
    from: "const NEEDED = 2;",
    to: "const NEEDED = 0;",
  },
  {
    name: "count what was not asked",
    file: "src/core/probe.ts",
    from: "if (asked.length + ips.length > FRAMES) return false;",
    to: "if (asked.length + ips.length > FRAMES) return true;",
  },
  {
    name: "leave running what a killed daemon has started",
    file: "src/core/transition.ts",
    from: 'if (steps.every(({ type }) => type === "addresses")) return;',
    to: "if (steps.every(({ type }) => type !== undefined)) return;",
  },
  {
    name: "take without carrier",
    file: "src/core/placement.ts",
    from: "if (isClaimed(group)) return undefined;\n  return [...group.facts",
    to: "if (group.term >= 0) return undefined;\n  return [...group.facts",
  },
];
