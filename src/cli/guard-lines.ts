/**
 * The lines of the status page about what keeps two nodes from answering at once: the lease, the
 * witness, maintenance, groups at rest, and whether the daemon ran at all.
 */
import { noLease } from "../control/index.ts";
import type { GroupReport, LeaseReport, Report, WitnessReport } from "../control/index.ts";
import { maintenanceText } from "./maintenance-text.ts";
import { recentMs } from "./summary.ts";
import type { Tone } from "./terminal.ts";
import type { View } from "./view.ts";
import { ago, length, wrap } from "./words.ts";

interface Line {
  readonly tone: Tone | undefined;
  readonly text: string;
}

/** Each begins with its word; what goes on in another line stands below the text. */
export function guardLines(report: Report, { paint, clock, width }: View): string[] {
  const { lease, maintenance, witness, stall, groups } = report;
  const lines: readonly Line[] = [
    ...(lease.mechanism === null ? [] : [leaseLine(lease, lease.mechanism)]),
    ...(witness === null ? [] : [witnessLine(witness)]),
    ...(maintenance === null
      ? []
      : [{ tone: "doubtful", text: maintenanceText(maintenance, clock) } as const]),
    ...restLines(groups),
    // Lately it is said at the top.
    ...(stall === null || stall.agoMs < recentMs
      ? []
      : [
          {
            tone: undefined,
            text: `the daemon was stalled for ${length(stall.lostMs)}, until ${ago(stall.agoMs)}`,
          },
        ]),
  ];
  return lines.map(({ tone, text }) => {
    const wrapped = wrap(text, { width, indent: "  " });
    return tone === undefined ? wrapped : paint(tone, wrapped);
  });
}

function leaseLine(lease: LeaseReport, mechanism: "nftables" | "lifetime" | "none"): Line {
  const { fault, lapsed } = lease;
  const why = fault === null ? "" : ` (${fault})`;
  if (mechanism === "none" && fault === noLease.fault) {
    const text =
      "lease: off, as ha.cf says: if this daemon freezes or is killed, two nodes may answer";
    return { tone: "doubtful", text };
  }
  if (mechanism === "none") return { tone: "bad", text: `lease: NONE${why}` };
  if (lapsed !== null) {
    const text = `lease: LAPSED ${ago(lapsed.sinceMs)}, this node does not answer: ${lapsed.why}`;
    return { tone: "bad", text };
  }
  const name = mechanism === "nftables" ? "nftables" : `address lifetimes${why}`;
  const late = (lease.lateMs ?? 0) > 0 ? `, ${length(lease.lateMs ?? 0)} later at the worst` : "";
  const silent =
    lease.lengthMs === null
      ? ""
      : `: silent ${length(lease.lengthMs)} after the last renewal${late}`;
  const left = lease.leftMs === null ? "; nothing is held" : `; ${length(lease.leftMs)} left`;
  return { tone: undefined, text: `lease by ${name}${silent}${left}` };
}

function witnessLine({ leftMs, owner, fault }: WitnessReport): Line {
  if (fault !== null) return { tone: "bad", text: `witness: cannot be asked: ${fault}` };
  if (leftMs !== null) {
    return { tone: "doubtful", text: `witness: its vote is here for ${length(leftMs)}` };
  }
  if (owner !== null) return { tone: "doubtful", text: `witness: its vote is ${owner}'s` };
  return { tone: undefined, text: "witness: can be asked; its vote is not needed" };
}

function restLines(groups: readonly GroupReport[]): readonly Line[] {
  const resting = groups.flatMap(({ name, nodes }) =>
    nodes.filter(({ rests }) => rests).map(({ node }) => ({ node, name })),
  );
  return [...Map.groupBy(resting, ({ node }) => node)].map(([node, each]) => {
    const names = each.map(({ name }) => name).join(", ");
    return { tone: undefined, text: `${node} stands by (operator): ${names}` };
  });
}
