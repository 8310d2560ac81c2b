/**
 * The nodes and links of a status report, in the words of heartbeat 3.0.6: a ping node is a node
 * with one link, which has its own name, and this node is a node like its peers.
 */
import type { Report } from "../../control/index.ts";

export interface ClNode {
  readonly name: string;
  readonly type: "normal" | "ping";
  readonly status: "init" | "up" | "active" | "dead" | "ping";
  readonly links: readonly ClLink[];
}

export interface ClLink {
  readonly name: string;
  readonly status: "up" | "dead";
}

/** In the original's order: the last of the file first. */
export function clNodes(report: Report): readonly ClNode[] {
  return [
    ...report.pings.map(pingNode).toReversed(),
    ...report.peers.map(peerNode),
    ownNode(report),
  ];
}

/** The node's links, indented by a tab; with -v their status. */
export function linkLines({ links }: ClNode, options: ReadonlySet<string>): string {
  const head = options.has("m") ? "\tthis node has the following heartbeat links:\n" : "";
  const lines = links.map(
    ({ name, status }) => `\t${name}${options.has("v") ? `\t${status}` : ""}\n`,
  );
  return head + lines.join("");
}

function pingNode({ name, state }: Report["pings"][number]): ClNode {
  const status = { unknown: "init", up: "ping", dead: "dead" } as const;
  const link: ClLink = { name, status: state === "up" ? "up" : "dead" };
  return { name, type: "ping", status: status[state], links: [link] };
}

/** The original calls late what is not dead yet only in its log. */
function peerNode({ node, state, links }: Report["peers"][number]): ClNode {
  const status = {
    unknown: "init",
    up: "active",
    late: "active",
    dead: "dead",
    left: "dead",
  } as const;
  return {
    name: node,
    type: "normal",
    status: status[state],
    links: links.map((link) => ({
      name: link.medium,
      status: link.state === "up" || link.state === "late" ? "up" : "dead",
    })),
  };
}

/** What this node hears of itself says nothing; that it can speak does. */
function ownNode({ node, phase, media }: Report): ClNode {
  return {
    name: node,
    type: "normal",
    status: phase === "up" ? "up" : "active",
    links: media.map(({ medium, fault }) => ({
      name: medium,
      status: fault === null ? "up" : "dead",
    })),
  };
}
