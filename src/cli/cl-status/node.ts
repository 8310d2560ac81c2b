/**
 * The questions of `cl_status` about one node, in heartbeat 3.0.6's words, spelling included.
 */
import { clean } from "../../control/index.ts";
import type { ClAnswer } from "./answer.ts";
import { clExit, complaint, failure, said } from "./answer.ts";
import { linkLines } from "./nodes.ts";
import type { ClNode } from "./nodes.ts";
import type { ClQuestion, SubCommand } from "./question.ts";

export interface NodeQuestion extends ClQuestion {
  readonly command: NodeCommand;
}

type NodeCommand = Exclude<SubCommand, "hbstatus" | "listnodes" | "rscstatus" | "hbparameter">;

export function aboutNode(nodes: readonly ClNode[], question: NodeQuestion): ClAnswer {
  const { command, words } = question;
  const [name, other] = words;
  const hasTwo = command === "hblinkstatus" || command === "clientstatus";
  if (name === undefined || (hasTwo && other === undefined)) {
    const isOld = ["nodestatus", "nodeweight", "nodesite"].includes(command);
    return complaint(isOld ? "Not enough parameters." : "No enough parameter.");
  }
  const node = nodes.find((each) => each.name === name.toLowerCase());
  if (node === undefined) return unknownNode(command, clean(other ?? ""));
  return answerOn(node, question, { name: clean(name), other: clean(other ?? "") });
}

/** @param asked - how the node was written, and the second word */
function answerOn(
  node: ClNode,
  { command, options }: NodeQuestion,
  { name, other }: { readonly name: string; readonly other: string },
): ClAnswer {
  const plainOr = (plain: string, sentence: string): string =>
    `${options.has("m") ? sentence : plain}\n`;
  switch (command) {
    case "nodestatus": {
      const isThere = ["up", "active", "ping"].includes(node.status);
      const text = plainOr(node.status, `The cluster node ${name} is ${node.status}`);
      return said(text, isThere ? clExit.yes : clExit.no);
    }
    case "nodetype":
      return said(plainOr(node.type, `The node ${name}'s type: ${node.type}`));
    case "nodeweight":
      return said(plainOr("100", `The weight of the cluster node ${name} is 100`));
    case "nodesite":
      return said(plainOr("", `The site of the cluster node ${name} is `));
    case "listhblinks":
      return said(linkLines(node, options));
    case "hblinkstatus": {
      const link = node.links.find((each) => each.name === other);
      if (link === undefined) return unknownNode(command, other);
      const text = plainOr(
        link.status,
        `The node ${name}'s heartbeat link ${other} is ${link.status}`,
      );
      return said(text, link.status === "up" ? clExit.yes : clExit.no);
    }
    case "clientstatus":
      // There is no client interface: nobody ever signs on.
      return said("offline\n", clExit.no);
  }
}

function unknownNode(command: NodeCommand, other: string): ClAnswer {
  switch (command) {
    case "nodeweight":
      return complaint("Error. Maybe due to incorrect node name.");
    case "nodestatus":
    case "nodetype":
    case "nodesite":
      return complaint("Error. May be due to incorrect node name");
    case "listhblinks":
      return failure(
        clExit.unknown,
        "Cannot start heartbeat link interface walk.",
        "REASON: EINVAL",
      );
    case "hblinkstatus":
      return failure(clExit.unknown, "Cannot get heartbeat link status", "REASON: ");
    case "clientstatus":
      return failure(
        clExit.unknown,
        `Cannot get heartbeat client ${other}'s status`,
        "REASON: No timely response.",
      );
  }
}
