import { expect, test } from "vitest";
import { heldWord } from "../../../src/cli/cl-status/held-word.ts";
import type { GroupStatus, Status } from "../../../src/core/index.ts";
import { groupName } from "../../../src/core/index.ts";
import { allWell, alpha, beta, group, peer, reportOf } from "./reports.ts";

/** Groups as `alpha at beta`: where each is at home, and who holds it. */
function groups(...each: readonly [typeof alpha, typeof alpha | undefined][]): {
  groups: readonly GroupStatus[];
} {
  return {
    groups: each.map(([preferred, holder], at) => {
      const state = holder === undefined ? "unserved" : "held";
      return group({ name: groupName(`group-${at}`), preferred, holder, state });
    }),
  };
}

const dead = { peers: [peer({ state: "dead" })] };

test.each<[string, Partial<Status>, string]>([
  ["its own groups", groups([alpha, alpha], [beta, beta]), "local"],
  ["its peer's groups", groups([alpha, beta], [beta, alpha]), "foreign"],
  ["every group", groups([alpha, alpha], [beta, alpha]), "all"],
  ["no group", groups([alpha, beta], [beta, beta]), "none"],
  ["one group of its own of two", groups([alpha, alpha], [alpha, beta], [beta, beta]), "local"],
  ["the only group, and its peer lives", groups([alpha, alpha]), "local"],
  ["the only group, and its peer is dead", { ...groups([alpha, alpha]), ...dead }, "all"],
  ["not the only group, which is at home here", groups([alpha, beta]), "none"],
  ["nothing, and nothing is at home here", groups([beta, beta]), "local"],
  ["the only group, at home on a dead peer", { ...groups([beta, alpha]), ...dead }, "all"],
  ["nothing, for there are no groups", groups(), "local"],
  ["a group that nobody holds", groups([alpha, undefined], [beta, beta]), "none"],
])("a node that holds %s", (_, changes, word) => {
  expect(heldWord(reportOf(allWell, changes))).toBe(word);
});

test.each<[string, Partial<Status>]>([
  ["a group is being started here", { groups: [group({ state: "starting" })] }],
  ["a group is being stopped elsewhere", { groups: [group({ holder: beta, state: "stopping" })] }],
  ["a group does not stop", { groups: [group({ state: "stuck" })] }],
  ["the node listens for its peers", { phase: "up" }],
  ["the node is being stopped", { phase: "leaving" }],
])("it is in transition while %s", (_, changes) => {
  expect(heldWord(reportOf(allWell, changes))).toBe("transition");
});
