import { describe, expect, test } from "vitest";
import type { AddressFact, Effect, Message } from "../../../src/core/index.ts";
import { jobId, step } from "../../../src/core/index.ts";
import { instant } from "../../../src/std/time.ts";
import { addressGroup, vip } from "../../sim/configs.ts";
import {
  alpha,
  beta,
  claim,
  groupOf,
  hearAll,
  heartbeat,
  held,
  stateOf,
  taking,
} from "./support.ts";

/** What alpha does when the kernel reports this of the group's address, and what it tells. */
function after(present: AddressFact["present"], isHeld: boolean) {
  const state = stateOf();
  if (isHeld) groupOf(state).local = held();
  const fact: AddressFact = { group: vip, resource: vip, present, obstacle: undefined };
  return step(state, [{ type: "host", addresses: [fact] }], instant(0)).flatMap(word);
}

function word(effect: Effect): readonly string[] {
  if (effect.type === "run") return [effect.task.type];
  const isOurs = effect.type === "tell" && effect.notice.code.startsWith("address-");
  return isOurs ? [effect.notice.code] : [];
}

describe("an address of a group that is held here", () => {
  test.each<[AddressFact["present"], readonly string[]]>([
    ["ours", []],
    ["absent", ["addAddresses", "address-restored"]],
    ["foreign", []],
  ])("and is %s: %j", (present, words) => {
    expect(after(present, true)).toEqual(words);
  });
});

describe("an address of a group that is not held here", () => {
  test.each<[AddressFact["present"], readonly string[]]>([
    ["absent", []],
    ["ours", ["removeAddresses", "address-leftover"]],
    ["foreign", ["address-foreign"]],
  ])("and is %s: %j", (present, words) => {
    expect(after(present, false)).toEqual(words);
  });
});

describe("an address of a group that is given up here, while its script stops,", () => {
  test.each<[string, Partial<Message>, readonly string[]]>([
    ["stays until that has ended", {}, []],
    ["goes at once if another node has it", { claims: [claim()] }, ["removeAddresses"]],
    [
      "goes at once if another node gives it up too",
      { claims: [claim({ at: "stopping" })] },
      ["removeAddresses"],
    ],
  ])("%s", (_, said, words) => {
    const state = stateOf(["alpha", "beta"], { groups: [addressGroup(vip, [alpha, beta], ["s"])] });
    const giving = { why: "failback", to: beta, since: instant(0), failure: undefined } as const;
    groupOf(state).local = { at: "stopping", taking: taking(), giving, step: 1, job: jobId(1) };
    hearAll(state, [heartbeat(said)], instant(0));
    const fact: AddressFact = { group: vip, resource: vip, present: "ours", obstacle: undefined };
    const effects = step(state, [{ type: "host", addresses: [fact] }], instant(0));
    expect(effects.flatMap(word).filter((each) => each !== "address-leftover")).toEqual(words);
  });
});
