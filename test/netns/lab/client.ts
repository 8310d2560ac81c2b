/**
 * The client's view of the service: who answers, and for how long nobody did.
 */
import { createInterface } from "node:readline";
import type { Namespace } from "./namespace.ts";
import type { Gap, ProbeLine, Progress } from "./probe-lines.ts";
import { monotonicMs, until } from "./until.ts";

export interface Client {
  /** Waits until the newest answer is of this node, and came after the call. */
  answeredBy(node: string): Promise<void>;
  /** From here on: what was before does not count in `view`. */
  begin(): void;
  /** What has happened since `begin`, or since the start. */
  view(): View;
}

export interface View {
  /** Pauses of more than 20 ms between two answers, those between two nodes, and one that lasts. */
  readonly gaps: readonly Gap[];
  /** The longest between answers of two different nodes; undefined if there was none. */
  readonly moveMs: number | undefined;
  /** The longest of them; 0 if there was none. */
  readonly longestMs: number;
  /** Who answered, in turn. The first is who did so at the beginning. */
  readonly answerers: readonly string[];
  /** The longest pause of the client's own: what it cannot have seen. */
  readonly stallMs: number;
}

const program = new URL("probe.ts", import.meta.url).pathname;

/** Sends to `address` from the namespace, once a millisecond, until the namespace is removed. */
export function startClient(namespace: Namespace, address: string): Client {
  const lines: ProbeLine[] = [];
  let progress: Progress | undefined;
  let since = monotonicMs();
  const child = namespace.spawn(process.execPath, [program, address]);
  createInterface({ input: child.stdout! }).on("line", (text) => {
    const line = parseLine(text);
    if (line.type === "progress") progress = line;
    else lines.push(line);
  });
  return {
    async answeredBy(node) {
      const start = monotonicMs();
      await until(`an answer of ${node} from ${address}`, () => {
        const last = progress?.last;
        return last !== undefined && last.at > start && last.node === node;
      });
    },
    begin() {
      since = monotonicMs();
    },
    view: () => viewOf(lines, progress, since),
  };
}

function viewOf(lines: readonly ProbeLine[], progress: Progress | undefined, since: number): View {
  const gaps = lines.filter((line) => line.type === "gap" && line.to >= since);
  const answerers: string[] = [];
  for (const line of lines) {
    if (line.type !== "answerer") continue;
    if (line.at < since) answerers.length = 0;
    answerers.push(line.node);
  }
  const ended = gaps.filter((line): line is Gap => line.type === "gap");
  const all = [...ended, ...lasting(progress)];
  const moves = ended.filter(({ before, after }) => before !== after).map(({ ms }) => ms);
  return {
    gaps: all,
    moveMs: moves.length === 0 ? undefined : Math.max(...moves),
    longestMs: Math.max(0, ...all.map(({ ms }) => ms)),
    answerers,
    stallMs: progress?.stallMs ?? 0,
  };
}

function lasting(progress: Progress | undefined): readonly Gap[] {
  if (progress?.last === undefined || progress.at - progress.last.at <= 20) return [];
  const { at, last } = progress;
  const ends = { before: last.node, after: "nobody" };
  return [{ type: "gap", from: last.at, to: at, ms: at - last.at, ...ends }];
}

function parseLine(text: string): ProbeLine {
  const value: unknown = JSON.parse(text);
  if (!isLine(value)) throw new Error(`not a line of the client: ${text}`);
  return value;
}

/** It is our own program that prints them. */
function isLine(value: unknown): value is ProbeLine {
  return typeof value === "object" && value !== null && "type" in value;
}
