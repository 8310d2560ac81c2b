/**
 * What files that were written for heartbeat 3.0.6 mean here, where that is not the same.
 *
 * What has no effect says so itself, in the table of directives; this file has what has another one.
 */
import { newFindings } from "./diagnostic.ts";
import { statementsOf } from "./statements.ts";
import type { Source } from "./tokens.ts";
import { linesOf, trimmedEnd, withoutComment } from "./tokens.ts";

/** Of one directive, or of one line. */
export interface MigrationNote {
  readonly effect: "same" | "differs" | "no-effect";
  readonly file: string;
  /** The first of them. */
  readonly line: number;
  /** What is meant: the directive's name. */
  readonly subject: string;
  /** What is otherwise, as a sentence; "" if nothing is. */
  readonly says: string;
}

const ownDirective =
  "heartbeat does not know it and refuses to start: leave it out while a node runs heartbeat";

/** By directive, or by directive and its last word. */
export const differences: ReadonlyMap<string, string> = new Map([
  ["initdead", "a node that hears its peers waits no longer; heartbeat waits 10 s more"],
  ["ucast", "all lines of one interface are one link, named by the interface"],
  ["auto_failback on", "what was moved by hand stays there, over restarts too"],
  [
    "auto_failback legacy",
    "it is on, between two nodes with Understudy; nothing can be moved by hand while the peer runs heartbeat",
  ],
  ["ping", "a node that reaches fewer gives its groups up without ipfail being started"],
  ["ping_group", "a node that reaches fewer gives its groups up without ipfail being started"],
  ["respawn", "ipfail is not started, for it is built in; nor are clients of heartbeat's API"],
  [
    "stonith_host",
    "several lines are several devices, tried in turn; in heartbeat the last counts",
  ],
  [
    "realtime",
    "SCHED_RR, and not SCHED_FIFO, for the daemon alone; what V8 has is not locked in memory",
  ],
  ["watchdog", "a daemon that hangs does not feed it either"],
  ["start_timeout", ownDirective],
  ["stop_timeout", ownDirective],
  ["fence_timeout", ownDirective],
  ["lease", ownDirective],
  ["on_isolated", ownDirective],
  ["witness", ownDirective],
  ["witness_ca", ownDirective],
  ["witness_cert", ownDirective],
  ["witness_auth", ownDirective],
]);

/** What becomes of each directive of ha.cf: in the order of the file, each once. */
export function directiveNotes(source: Source): readonly MigrationNote[] {
  const notes = new Map<string, MigrationNote>();
  for (const { directive, at, words } of statementsOf(source, newFindings(source))) {
    const { name, use, says, harmless, form } = directive;
    const last = words.at(-1)?.text.toLowerCase() ?? "";
    const telling = form.type === "line" ? words.slice(0, 1) : words;
    const asksForNothing = telling.every(({ text }) => harmless?.includes(text.toLowerCase()));
    const difference = differences.get(`${name} ${last}`) ?? differences.get(name);
    const place = { file: source.file, line: at.line, subject: name };
    if (notes.has(name)) continue;
    if (use === "unused" && !asksForNothing)
      notes.set(name, { ...place, effect: "no-effect", says });
    else if (difference === undefined) notes.set(name, { ...place, effect: "same", says: "" });
    else notes.set(name, { ...place, effect: "differs", says: difference });
  }
  return [...notes.values()];
}

/**
 * Lines of haresources that heartbeat reads otherwise: it takes a comment for resources where the
 * line continues another (ResourceManager cuts comments before it joins lines, but for the first
 * only).
 */
export function lineNotes(source: Source): readonly MigrationNote[] {
  const lines = linesOf(source.text);
  return lines.flatMap((line, index) => {
    const before = lines[index - 1];
    const continues =
      before !== undefined && trimmedEnd(withoutComment(before).text).endsWith("\\");
    if (!continues || !line.text.includes("#")) return [];
    const says = "a comment on a continuation line: heartbeat takes its words for resources";
    const subject = "#";
    return [{ effect: "differs" as const, file: source.file, line: line.number, subject, says }];
  });
}
