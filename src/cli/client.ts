/**
 * Asks the running daemon, over the unix socket in its run directory.
 */
import type { IncomingMessage } from "node:http";
import { join } from "node:path";
import type { RouteName } from "../control/index.ts";
import {
  clean,
  expiryHeader,
  parseRefusal,
  readersSocketName,
  routes,
  socketName,
} from "../control/index.ts";
import type { Result } from "../std/result.ts";
import { fail, ok } from "../std/result.ts";
import type { Options } from "./parts.ts";

// Not by an import, which would evaluate all that the module offers: see control-server.ts.
const { request } = process.getBuiltinModule("node:http");

export interface Question {
  readonly route: RouteName;
  readonly body?: string;
  /** How long the whole exchange may take. */
  readonly timeoutMs: number;
}

/** Why there is no answer. */
export type ClientFault =
  | { readonly type: "not-running" | "forbidden"; readonly path: string }
  | { readonly type: "no-answer"; readonly path: string; readonly afterMs: number }
  /** The connection failed or ended in another way. */
  | { readonly type: "broken"; readonly path: string; readonly reason: string }
  /** It answered, and did not do what was asked. */
  | { readonly type: "refused"; readonly reason: string };

/** What a daemon that lives needs at most, even on a machine that is busy. */
export const answerMs = 2000;

/** Of it, for the answer: what is begun later is not known to have been done when it is given up. */
const answerNeedsMs = 200;

/** More than any cluster's status: 16 MiB. */
const answerLimit = 16 * 1024 * 1024;

/**
 * Asks at the socket of root, and if that is not allowed, and nothing is to be done, at the other.
 * Never rejects.
 *
 * @returns the body of the answer
 */
export async function ask(
  options: Options,
  question: Question,
): Promise<Result<string, ClientFault>> {
  const answered = await askAt(join(options.runDir, socketName), question);
  const isRefused = !answered.ok && answered.error.type === "forbidden";
  if (!isRefused || routes[question.route].method !== "GET") return answered;
  const other = await askAt(join(options.runDir, readersSocketName), question);
  // There is none without the group: nobody but root may ask.
  return !other.ok && other.error.type === "not-running" ? answered : other;
}

async function askAt(path: string, question: Question): Promise<Result<string, ClientFault>> {
  const signal = AbortSignal.timeout(question.timeoutMs);
  try {
    const { status, body } = await exchange(path, question, signal);
    if (status === 200) return ok(body);
    return fail({ type: "refused", reason: parseRefusal(body) ?? `HTTP status ${status}` });
  } catch (error) {
    return fail(faultOf(error, path, signal.aborted ? question.timeoutMs : undefined));
  }
}

/** What an operator reads who got no answer; one line. */
export function faultText(fault: ClientFault): string {
  switch (fault.type) {
    case "not-running":
      return `understudy is not running on this node (no answer at ${clean(fault.path)})`;
    case "no-answer":
      return `understudy does not answer: nothing came from ${clean(fault.path)} within ${fault.afterMs / 1000} s`;
    case "forbidden":
      return `understudy may not be asked: no permission for ${clean(fault.path)}; ${remedyFor(fault.path)}`;
    case "broken":
      return `understudy cannot be asked at ${clean(fault.path)}: ${clean(fault.reason)}`;
    case "refused":
      return `understudy refused: ${fault.reason}`;
  }
}

/** Root may do everything; the group may ask. */
function remedyFor(path: string): string {
  const isForReaders = path.endsWith(`/${readersSocketName}`);
  return isForReaders ? "be of the group haclient, or do it as root" : "do it as root";
}

async function exchange(
  socketPath: string,
  { route, body }: Question,
  signal: AbortSignal,
): Promise<{ status: number; body: string }> {
  const { method, path } = routes[route];
  const begun = performance.now();
  const expiry = method === "GET" ? {} : { [expiryHeader]: String(await expiryOfCommand(begun)) };
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const headers = { host: "understudy", "content-type": "application/json", ...expiry };
    // No agent: a connection that is kept would keep the process.
    const sent = request({ socketPath, method, path, headers, signal, agent: false }, resolve);
    sent.on("error", reject);
    sent.end(body);
  });
  return { status: response.statusCode ?? 0, body: await textOf(response) };
}

/**
 * Until when a daemon may take up a command: also one whose end is waited for, for whoever waits may
 * go away before a frozen daemon thaws.
 */
async function expiryOfCommand(begun: number): Promise<number> {
  // Loaded for commands only: a status is there sooner without. On a busy machine that takes a while.
  const { now } = await import("../linux/index.ts");
  return now() - (performance.now() - begun) + answerMs - answerNeedsMs;
}

async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response) {
    if (!Buffer.isBuffer(chunk)) continue;
    size += chunk.length;
    if (size > answerLimit) throw new Error(`the answer is over ${answerLimit} bytes long`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function faultOf(error: unknown, path: string, afterMs: number | undefined): ClientFault {
  if (afterMs !== undefined) return { type: "no-answer", path, afterMs };
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "ENOENT" || code === "ECONNREFUSED") return { type: "not-running", path };
  if (code === "EACCES" || code === "EPERM") return { type: "forbidden", path };
  return { type: "broken", path, reason: error instanceof Error ? error.message : String(error) };
}
