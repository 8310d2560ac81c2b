import { describe, expect, test } from "vitest";
import type { Input } from "../../../src/core/index.ts";
import { acts, holder, leased, pass, said, told, types } from "./lease-support.ts";
import { groupOf } from "./support.ts";

const gateway: Input = { type: "pong", ping: "gateway" };
const release = { pings: ["gateway"], onIsolated: "release" } as const;

describe("a holder that hears no peer and reaches no ping node", () => {
  test("falls silent before it is called dead, and then gives up", () => {
    const state = holder(release);
    acts(state, [gateway], 0);
    acts(state, [said(state, 100), gateway], 100);
    const silent = pass(state, { from: 200, to: 3700 });
    expect(told(silent)).toContain("lease-lapsed");
    const dead = pass(state, { from: 3800, to: 4300 });
    expect(told(dead)).toEqual(expect.arrayContaining(["isolated", "group-giving-up"]));
  });

  test("keeps what it holds unless the files say otherwise", () => {
    const state = holder({ ...release, onIsolated: "keep" });
    acts(state, [gateway], 0);
    acts(state, [said(state, 100), gateway], 100);
    const effects = pass(state, { from: 200, to: 9000 });
    expect(told(effects)).not.toContain("isolated");
    expect(told(effects)).not.toContain("lease-lapsed");
    expect(groupOf(state).local.at).toBe("held");
  });

  test("keeps it as long as a ping node answers", () => {
    const state = holder(release);
    acts(state, [gateway], 0);
    acts(state, [said(state, 100), gateway], 100);
    const effects = pass(state, { from: 200, to: 9000 }, () => [gateway]);
    expect(told(effects)).not.toContain("lease-lapsed");
    expect(groupOf(state).local.at).toBe("held");
  });
});

test("a node that is cut off takes nothing, and takes when it is connected again", () => {
  const state = leased(release);
  const effects = pass(state, { from: 0, to: 12_000 });
  expect(told(effects)).toContain("isolated");
  expect(told(effects)).not.toContain("group-taking");
  const after = pass(state, { from: 12_100, to: 13_000 }, () => [gateway]);
  expect(told(after)).toEqual(expect.arrayContaining(["connected", "group-taking"]));
  expect(types(after)).toContain("grant");
});
