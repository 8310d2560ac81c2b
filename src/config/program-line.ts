/**
 * Lines of ha.cf that name a program to be run, or one that may ask.
 */
import type { Fault } from "./diagnostic.ts";
import { absolutePath, missingArgument } from "./directive.ts";
import type { LineCheck } from "./directive.ts";
import { quoted } from "./tokens.ts";

/** `hacluster /usr/local/bin/monitor --quiet` */
export const checkCommand: LineCheck = (words) => {
  const [, command] = words;
  return command === undefined ? missingArgument("USER /path/to/command") : absolutePath(command);
};

/** `ping gid=haclient uid=alice,root` */
export function checkClient(words: readonly string[]): Fault | undefined {
  const lists = words.slice(1);
  if (lists.length === 0) return missingArgument("NAME uid=USER,... gid=GROUP,...");
  const odd = lists.find((each) => !/^[ug]id=./.test(each));
  if (odd === undefined) return undefined;
  return { code: "bad-word", message: `${quoted(odd)} is neither uid=USER,... nor gid=GROUP,...` };
}

/** The clients that heartbeat's own examples and defaults name: nobody misses their API. */
export const usualClients: readonly string[] = [
  "anon",
  "ccm",
  "cms",
  "default",
  "dopd",
  "ipfail",
  "lha-snmpagent",
  "ping",
];
