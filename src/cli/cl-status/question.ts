/**
 * What `cl_status` is asked: its sub-commands and their options, as getopt(3) reads them.
 */
import { clean } from "../../control/index.ts";
import type { Result } from "../../std/result.ts";
import { fail, ok } from "../../std/result.ts";

export type SubCommand = keyof typeof optionsOf;

export interface ClQuestion {
  readonly command: SubCommand;
  /** Letters. */
  readonly options: ReadonlySet<string>;
  /** The argument of -p, where it has one. */
  readonly parameter: string | undefined;
  readonly words: readonly string[];
}

/** As getopt(3) takes them: `p:` has an argument. */
const optionsOf = {
  clientstatus: "m",
  hblinkstatus: "m",
  hbstatus: "vm",
  listnodes: "pnvm",
  listhblinks: "vm",
  nodestatus: "m",
  nodeweight: "m",
  nodesite: "m",
  nodetype: "m",
  rscstatus: "m",
  hbparameter: "p:m",
} as const;

/** @returns the question, or one line that says what is wrong with it */
export function questionOf([first = "", ...args]: readonly string[]): Result<ClQuestion, string> {
  if (!isSubCommand(first)) return fail(`${clean(first)}: invalid sub-command.`);
  const known: string = optionsOf[first];
  const options = new Set<string>();
  const words: string[] = [];
  let parameter: string | undefined;
  const rest = [...args];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (!/^-./.test(word)) {
      words.push(word);
      continue;
    }
    for (let at = 1; at < word.length; at++) {
      const letter = word.charAt(at);
      if (letter === ":" || !known.includes(letter)) {
        return fail(`${first}: invalid option -- '${clean(letter)}'`);
      }
      options.add(letter);
      if (!known.includes(`${letter}:`)) continue;
      parameter = word.slice(at + 1) || rest.shift();
      if (parameter === undefined)
        return fail(`${first}: option requires an argument -- '${letter}'`);
      break;
    }
  }
  return ok({ command: first, options, parameter, words });
}

function isSubCommand(word: string): word is SubCommand {
  return Object.hasOwn(optionsOf, word);
}

/** What is printed where nothing, or `-h`, is asked: heartbeat 3.0.6's own summary of its syntax. */
export const clUsage = `Usage: cl_status <sub-command> [<options>] [<parameters>]

Sub-commands:
clientstatus <node-name> <client-id> [<timeout>]
	Show the status of heartbeat clients.
hblinkstatus <node-name> <link-name>
	Show the status of a heartbeat link
hbstatus
	Indicate if heartbeat is running on the local system.
	Options:
		-v	verbose: also add "listnodes -v" output
listnodes [<option>]
	List the nodes in the cluster.
	Options:
		-p	list only 'ping' type nodes
		-n	list only 'normal' type nodes
		-v	verbose: also list type and status,
			then add "listhblinks -v" output
listhblinks <node-name>
	List the network interfaces used as hearbeat links.
	Options:
		-v	verbose: list link status as well
nodestatus <node-name>
	List the node status.
nodeweight <node-name>
	List the node weight.
nodesite <node-name>
	List the node site.
nodetype <node-name>
	List the nodes of a given type.
rscstatus
	Show the status of cluster resources.
hbparameter -p <parameter-name>
	Retrieve the value of a cluster parameter.
	As for the valid parameter names, please refer to the man page.
`;
