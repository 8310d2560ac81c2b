import { describe, expect, test } from "vitest";
import { addedIps, announceNow, repeatAnnouncements } from "../../../src/core/announce.ts";
import type { GroupConfig } from "../../../src/core/index.ts";
import { instant } from "../../../src/std/time.ts";
import { addressGroup } from "../../sim/configs.ts";
import { alpha, beta, groupOf, held, starting, stateOf, turnOf } from "./support.ts";

const first = addressGroup("10.0.0.100", [alpha, beta]);
const [second, third] = ["10.0.0.101", "10.0.0.102"].map(
  (each) => addressGroup(each, []).resources,
);

/** Two addresses, a script, and a third address behind it. */
const mixed: GroupConfig = {
  ...first,
  resources: [
    ...first.resources,
    ...second!,
    { type: "script", name: "nginx", script: "nginx", args: [] },
    ...third!,
  ],
};

/** A group that was announced at the moment 0, and what is announced at these moments after it. */
function announcedAt(moments: readonly number[], config = first, local = held()) {
  const state = stateOf(["alpha", "beta"], { groups: [config] });
  const group = groupOf(state);
  group.local = local;
  announceNow(turnOf(state), group, addedIps(group, 1));
  return moments.flatMap((moment) => {
    state.now = instant(moment);
    const turn = turnOf(state);
    repeatAnnouncements(turn);
    return turn.acts.map((act) => ({
      at: moment,
      ips: act.type === "announce" ? act.ips.map(({ address }) => address) : [],
    }));
  });
}

describe("a held address is announced", () => {
  test("again after 100 ms, 500 ms and 2 s, and then every minute", () => {
    const moments = [99, 100, 101, 499, 500, 1999, 2000, 61_999, 62_000, 121_999, 122_000];
    expect(announcedAt(moments).map(({ at }) => at)).toEqual([100, 500, 2000, 62_000, 122_000]);
  });

  test("by the series counted from the first time, though a repeat came late", () => {
    expect(announcedAt([300, 499, 500, 2000]).map(({ at }) => at)).toEqual([300, 500, 2000]);
  });

  test("with all others of its group, wherever scripts stand between them", () => {
    const all = ["10.0.0.100", "10.0.0.101", "10.0.0.102"];
    expect(announcedAt([100], mixed)).toEqual([{ at: 100, ips: all }]);
  });

  test("while its group is still being taken, but none that is not there yet", () => {
    const both = ["10.0.0.100", "10.0.0.101"];
    expect(announcedAt([100], mixed, starting(1))).toEqual([{ at: 100, ips: both }]);
    expect(announcedAt([100], mixed, starting(2))).toEqual([{ at: 100, ips: both }]);
  });
});

test("an address that is not held is not announced", () => {
  const state = stateOf();
  const turn = turnOf(state);
  state.now = instant(60_000);
  repeatAnnouncements(turn);
  expect(turn.acts).toEqual([]);
});
