/**
 * The questions of `cl_status` about the cluster as a whole, in heartbeat 3.0.6's words.
 */
import { clean } from "../../control/index.ts";
import type { Report, Settings } from "../../control/index.ts";
import type { ClAnswer } from "./answer.ts";
import { clExit, failure, said } from "./answer.ts";
import { heldWord } from "./held-word.ts";
import { clNodes, linkLines } from "./nodes.ts";
import type { ClQuestion } from "./question.ts";

export function hbstatus(report: Report, options: ClQuestion["options"]): ClAnswer {
  if (!options.has("v")) return said("Heartbeat is running on this machine.\n");
  const version = versionText(report.software);
  const head = options.has("m")
    ? `Heartbeat version ${version}\nResources controlled by "haresources"\n`
    : `version:\t${version}\nmanaged by:\t"haresources"\n`;
  return said(head + nodeLines(report, options));
}

export function listnodes(report: Report, options: ClQuestion["options"]): ClAnswer {
  return said(nodeLines(report, options));
}

export function rscstatus(report: Report, options: ClQuestion["options"]): ClAnswer {
  const word = heldWord(report);
  return said(`${options.has("m") ? `This node is holding ${word} resources.` : word}\n`);
}

/** @param parameter - undefined: none was named */
export function hbparameter(
  settings: Settings["settings"],
  { options, parameter }: Pick<ClQuestion, "options" | "parameter">,
): ClAnswer {
  if (parameter === undefined) return failure(clExit.badParameters, "parameter name required");
  const name = clean(parameter);
  const value = Object.hasOwn(settings, parameter) ? settings[parameter] : undefined;
  if (value === undefined) {
    return failure(clExit.no, `Cannot get parameter ${name}'s value`, "REASON: ");
  }
  return said(`${options.has("m") ? `Heartbeat parameter ${name}'s value: ${value}` : value}\n`);
}

/** Where the original has its version and the number of its source. */
export function versionText(software: string): string {
  return `${software} (understudy)`;
}

/** Both -p and -n together are as if there were none. */
function nodeLines(report: Report, options: ClQuestion["options"]): string {
  const [pings, normals] = [options.has("p"), options.has("n")];
  const nodes = clNodes(report).filter(
    ({ type }) => pings === normals || (type === "ping") === pings,
  );
  const lines = nodes.map((node) =>
    options.has("v")
      ? `\n${node.name}\t${node.status}\t(nodetype: ${node.type})\n${linkLines(node, options)}`
      : `${node.name}\n`,
  );
  return (options.has("m") ? "The nodes are as follow:\n" : "") + lines.join("");
}
