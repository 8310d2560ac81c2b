import { describe, expect, test } from "vitest";
import type { AddressFact, Effect } from "../../../src/core/index.ts";
import { step } from "../../../src/core/index.ts";
import { instant } from "../../../src/std/time.ts";
import { vip } from "../../sim/configs.ts";
import { groupOf, held, stateOf } from "./support.ts";

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
