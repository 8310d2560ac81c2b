/**
 * Why a group is where it is, in words for the operator.
 */
import { unreachable } from "../std/assert.ts";
import type { GivingUp } from "./group.ts";
import type { NodeName, TakeReason } from "./types.ts";

/** Why `holder` took a group, as it says itself. */
export function takeSentence(claim: {
  readonly reason: TakeReason;
  readonly from: NodeName | undefined;
  readonly cause?: string | undefined;
}): string {
  const from = claim.from ?? "a peer";
  switch (claim.reason) {
    case "start":
      return "nobody held it";
    case "peer-dead":
      return `${from} was dead`;
    case "peer-left":
      return `${from} was stopped`;
    case "peer-refused":
      return `${from} could not hold it${claim.cause === undefined ? "" : `: ${claim.cause}`}`;
    case "takeover":
      return "the operator asked for it there";
    case "standby":
      return `the operator asked ${from} to give it up`;
    case "failback":
      return "it is the preferred node";
    case "restart":
      return "its own daemon was restarted";
    case "untold":
      return "it runs the original heartbeat, which does not say why";
    default:
      return unreachable(claim.reason);
  }
}

/** Why this node gives a group up. */
export function giveUpSentence(giving: GivingUp): string {
  const to = giving.to ?? "another node";
  switch (giving.why) {
    case "standby":
      return "the operator asked to give it up";
    case "takeover":
      return `the operator asked for it on ${to}`;
    case "failback":
      return `${to} is its preferred node`;
    case "conflict":
      return `${to} holds it too, with the better claim`;
    case "start-failed":
      return `could not be started here: ${giving.failure ?? ""}`;
    case "ineligible":
      return "it cannot be held here: see why in the log";
    case "unplugged":
      return `an interface of its addresses has no carrier, and ${to} can take it`;
    case "leaving":
      return "this node is being stopped";
    case "left-behind":
      return "the daemon was killed, and what it had left running is stopped";
    case "unconfigured":
      return "its line of haresources was changed";
    default:
      return unreachable(giving.why);
  }
}
