/**
 * A program: the client. Sends a datagram to the address given as its only argument every
 * millisecond, and prints as lines of JSON who answers and when nobody did. Which node's hardware
 * address it sends to is for its kernel to know, and for nobody to help it.
 *
 * All moments are milliseconds of CLOCK_MONOTONIC.
 */
import { createSocket } from "node:dgram";
import type { Gap, ProbeLine, Progress } from "./probe-lines.ts";
import { servicePort } from "./service-port.ts";
import { monotonicMs } from "./until.ts";

/** A pause between two answers that is worth a line; one between two nodes always is. */
const GAP_MS = 20;
const PROGRESS_EVERY_MS = 20;
/** After a stall of its own it does not make up for more than this. */
const BURST_MAX = 20;

const address = process.argv[2] ?? "";
const socket = createSocket(address.includes(":") ? "udp6" : "udp4");
const answers: Record<string, number> = {};
let last: { readonly node: string; readonly at: number } | undefined;
let sent = 0;
let wokenAt = monotonicMs();
let stallMs = 0;

socket.on("message", (bytes) => {
  const answer = { node: bytes.toString(), at: monotonicMs() };
  const isOther = last?.node !== answer.node;
  if (last !== undefined && (isOther || answer.at - last.at > GAP_MS)) print(gap(last, answer));
  if (isOther) print({ type: "answerer", ...answer });
  answers[answer.node] = (answers[answer.node] ?? 0) + 1;
  last = answer;
});
// A datagram that the kernel does not take is a lost one.
socket.on("error", () => undefined);
socket.bind(0, () => {
  const startedAt = monotonicMs();
  setInterval(() => probe(startedAt), 1);
  setInterval(() => print(progress()), PROGRESS_EVERY_MS);
});
process.on("SIGTERM", () => {
  print(progress());
  process.exit();
});

/** A timer of Node's comes a little late each time: what is due by then is sent. */
function probe(startedAt: number): void {
  const now = monotonicMs();
  stallMs = Math.max(stallMs, now - wokenAt);
  wokenAt = now;
  const due = Math.floor(now - startedAt);
  sent = Math.max(sent, due - BURST_MAX);
  for (; sent < due; sent++) socket.send("?", servicePort, address, () => undefined);
}

function gap(before: { node: string; at: number }, after: { node: string; at: number }): Gap {
  return {
    type: "gap",
    from: before.at,
    to: after.at,
    ms: after.at - before.at,
    before: before.node,
    after: after.node,
  };
}

function progress(): Progress {
  return { type: "progress", at: monotonicMs(), answers, last, stallMs };
}

function print(line: ProbeLine): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
