/**
 * A test that needs a pair of its own: made before it, removed after it, shown if it fails.
 */
import { onTestFinished } from "vitest";
import { describeCapture } from "./capture.ts";
import type { PairNode } from "./pair-node.ts";
import type { Pair, PairOptions, Roles } from "./pair.ts";
import { createPair } from "./pair.ts";
import { missingForInterop } from "./requirements.ts";

const missing = missingForInterop();
if (missing !== undefined) {
  if (process.env["CI"] !== undefined) throw new Error(`the pairs cannot be made: ${missing}`);
  console.warn(`the tests with an original heartbeat are skipped: ${missing}`);
}

/** For `describe.skipIf`. Says why; where CI is set, it fails instead. */
export const cannotRun: boolean = missing !== undefined;

/** Both ways in which one of a pair can have been replaced. */
export const mixedRoles: readonly Roles[] = [
  { alpha: "original", beta: "understudy" },
  { alpha: "understudy", beta: "original" },
];

/** The same, over either medium. */
export const mixedPairs: readonly { readonly roles: Roles; readonly media: "ucast" | "bcast" }[] =
  mixedRoles.flatMap((roles) => (["ucast", "bcast"] as const).map((media) => ({ roles, media })));

/** A pair for the test that calls it. Nothing runs on it yet. */
export async function newPair(options: PairOptions): Promise<Pair> {
  const pair = await createPair(options);
  onTestFinished(({ task }) => {
    // What is shown is read from the machines, so it comes before their end.
    if (task.result?.state === "fail") show(pair);
    pair.remove();
  });
  return pair;
}

/** The same, with both running, and each holding its own group. */
export async function runningPair(options: PairOptions): Promise<Pair> {
  const pair = await newPair(options);
  await pair.start();
  return pair;
}

function show(pair: Pair): void {
  for (const node of pair.nodes) console.log(logsOf(node));
  console.log(`on the wire:\n${describeCapture(pair.capture)}`);
  const { gaps, ...view } = pair.client.view();
  const pauses = gaps.filter(({ ms }) => ms > 100);
  console.log(`the client's view: ${JSON.stringify({ ...view, pauses })}`);
}

function logsOf({ name, original, understudy, has }: PairNode): string {
  const originals = original.log().map((line) => `${line.time} ${line.level}: ${line.text}`);
  const ours = understudy.story().map(({ time, level, code, msg, ...rest }) => {
    return `${String(time)} ${level} ${String(code)} ${msg} ${JSON.stringify(rest)}`;
  });
  const complaints = understudy.story().length > 0 ? understudy.daemon.complaints() : "";
  return [
    `${name}, which has ${has().join() || "nothing"}:`,
    ...originals,
    ...ours,
    complaints,
  ].join("\n");
}
