/**
 * What is said to and by an original, in the words of a story.
 */
import type { Saying } from "../../src/core/index.ts";

/** As the reference writes it: the type, and behind it what it says. */
export function wordsOf(saying: Saying): string {
  const { type } = saying;
  if (type === "resource") {
    const stable = saying.isStable === undefined ? "" : saying.isStable ? " 1" : " 0";
    const info = saying.info === "" ? "" : ` info=${saying.info}`;
    return `resource ${saying.holds}${stable}${info}`;
  }
  if (type === "ask_resources") return `${type} ${saying.holds} ${saying.step}`;
  if (type === "hb_takeover") return `${type} ${saying.holds}`;
  if (type === "ip-request" || type === "ip-request-resp") return `${type} ${saying.key}`;
  if (type === "stonith") return `${type} node=${saying.node} ${saying.result}`;
  if (type === "num_ping_nodes") return `${type} ${saying.count}`;
  return type;
}
