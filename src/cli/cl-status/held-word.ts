/**
 * The original's one word for what a node holds: `cl_status rscstatus`.
 *
 * It knows no single groups, but two sides: the groups at home on this node, `local`, and those at
 * home elsewhere, `foreign`.
 */
import type { GroupReport, Report } from "../../control/index.ts";

export type HeldWord = "none" | "local" | "foreign" | "all" | "transition";

/**
 * `transition` while anything is on its way, or this node takes no part. A side is held where one of
 * its groups is, so that only a node without any says so. A side without groups is a flag in the
 * original too: its home has it while it lives, then the survivor.
 */
export function heldWord({ node, phase, groups, peers }: Report): HeldWord {
  const isMoving = groups.some(({ state }) => state !== "held" && state !== "unserved");
  if (phase !== "active" || isMoving) return "transition";
  const isAlone = peers.every(({ state }) => state !== "up" && state !== "late");
  const [ours, others] = [
    groups.filter(isAtHome(node)),
    groups.filter((each) => !isAtHome(node)(each)),
  ];
  const local = ours.length === 0 || ours.some(isHeldBy(node));
  const foreign = others.length === 0 ? isAlone : others.some(isHeldBy(node));
  if (local) return foreign ? "all" : "local";
  return foreign ? "foreign" : "none";
}

function isAtHome(node: string): (group: GroupReport) => boolean {
  return ({ preferred }) => preferred === node;
}

function isHeldBy(node: string): (group: GroupReport) => boolean {
  return ({ holder }) => holder === node;
}
