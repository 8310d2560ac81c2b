/**
 * The control sockets: HTTP on unix sockets, so that `curl --unix-socket` works too.
 *
 * `control` is for root alone, for a command moves services. `status` is for the group haclient besides,
 * whose members could ask the original through its API, and takes no commands. Two sockets, because
 * then the kernel keeps them apart by mode and owner.
 *
 * Nobody who asks can hold up the daemon: what comes in is bounded in size, number and time.
 */
import { chmodSync, chownSync, mkdirSync, rmSync } from "node:fs";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { connect } from "node:net";
import { join } from "node:path";
import type { Maintain, Restart } from "../control/index.ts";
import {
  bodyLimitBytes,
  expiryHeader,
  isExpired,
  parseCommand,
  parseConfirm,
  parseMaintain,
  parseRestart,
  readersSocketName,
  refusal,
  routeOf,
  socketName,
} from "../control/index.ts";
import type { Command, NodeName } from "../core/index.ts";
import { now } from "../linux/index.ts";
import { assert, unreachable } from "../std/assert.ts";
import { findGroup } from "./users.ts";

// Not by an import: that would evaluate all that the module offers, a whole browser's fetch and
// WebSocket among it, for 7 MiB of memory and a tenth of the start.
const { createServer } = process.getBuiltinModule("node:http");

export interface ControlOptions {
  readonly runDir: string;
  /** The group whose members may ask, if there is one of the name. Default: `haclient`. */
  readonly readers?: string;
  readonly status: () => object;
  readonly history: () => object;
  readonly settings: () => object;
  /** @param answer - called once, whenever that is */
  readonly command: (command: Command, answer: (body: object) => void) => void;
  readonly confirm: (node: NodeName, answer: (body: object) => void) => void;
  readonly maintain: (word: Maintain, answer: (body: object) => void) => void;
  readonly restart: (wish: Restart, answer: (body: object) => void) => void;
}

export interface ControlServer {
  close(): void;
}

export type ControlFault =
  | { readonly type: "already-running" }
  | { readonly type: "failed"; readonly reason: string };

/** heartbeat's group of those who use its API (apiauth, cl_status(1)). */
const READERS_GROUP = "haclient";

/** Of each socket. */
const CLIENTS_MAX = 256;
/** Of those that have not asked anything yet the oldest has to go. */
const UNDECIDED_MAX = 32;
/** For a whole request, from its first byte to its last. */
const REQUEST_TIMEOUT_MS = 5000;

/** @returns the servers, or why there are none */
export async function openControl(
  options: ControlOptions,
): Promise<ControlServer | { readonly fault: ControlFault }> {
  const path = join(options.runDir, socketName);
  const readers = findGroup(options.readers ?? READERS_GROUP);
  try {
    mkdirSync(options.runDir, { recursive: true });
    if (await isAnswered(path)) return { fault: { type: "already-running" } };
    const control = await openSocket(options, path, "all");
    const status = join(options.runDir, readersSocketName);
    // Of a former daemon, when there was such a group.
    rmSync(status, { force: true });
    if (readers === undefined) return control;
    const asked = await openSocket(options, status, "reading");
    admitGroup(status, readers);
    return {
      close() {
        control.close();
        asked.close();
      },
    };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { fault: { type: "failed", reason } };
  }
}

/** For its owner alone. @throws what the kernel refuses */
async function openSocket(
  options: ControlOptions,
  path: string,
  allowed: "all" | "reading",
): Promise<ControlServer> {
  rmSync(path, { force: true });
  const server = createServer(
    {
      requestTimeout: REQUEST_TIMEOUT_MS,
      headersTimeout: REQUEST_TIMEOUT_MS,
      // A wake-up each, for as long as the daemon runs.
      connectionsCheckingInterval: 5000,
      keepAliveTimeout: 1000,
    },
    (request, response) => {
      if (allowed === "all" || request.method === "GET") return handle(options, request, response);
      // What was sent of a body goes with the connection.
      response.setHeader("connection", "close");
      return send(response, 403, refusal(`only root may command: ask at ${socketName}`));
    },
  );
  server.maxConnections = CLIENTS_MAX;
  admit(server);
  await listen(server, path);
  return {
    close() {
      server.close();
      server.closeAllConnections();
      rmSync(path, { force: true });
    },
  };
}

/** A daemon without CAP_CHOWN that is no member of the group keeps the socket to itself. */
function admitGroup(path: string, gid: number): void {
  const uid = process.geteuid?.();
  assert(uid !== undefined, "an owner");
  try {
    chownSync(path, uid, gid);
    chmodSync(path, 0o660);
  } catch {
    // Then only root may ask here, too.
  }
}

/** Clients that say half a request and stay make way for those that come after them. */
function admit(server: Server): void {
  const undecided = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    undecided.add(socket);
    socket.on("close", () => undecided.delete(socket));
    const [oldest] = undecided;
    if (undecided.size > UNDECIDED_MAX) oldest?.destroy();
  });
  server.on("request", (request: IncomingMessage) => {
    if (request.method === "GET") undecided.delete(request.socket);
    else request.on("end", () => undecided.delete(request.socket));
  });
}

/** A socket that a dead daemon left answers nobody, and is in the way. */
function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(path);
    probe.once("connect", () => {
      probe.destroy();
      resolve(true);
    });
    probe.once("error", () => resolve(false));
  });
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    // The socket is made at once, and at no moment for others: mode 0600 (unix(7), umask(2)).
    const before = process.umask(0o177);
    server.listen(path, () => {
      server.off("error", reject);
      server.on("error", () => undefined);
      resolve();
    });
    process.umask(before);
  });
}

function handle(options: ControlOptions, request: IncomingMessage, response: ServerResponse): void {
  const route = routeOf(request.method ?? "", request.url ?? "");
  // A client that has gone does not wait for an answer.
  response.on("error", () => undefined);
  request.on("error", () => undefined);
  if (!route.ok) {
    if (route.error.type === "wrong-method") response.setHeader("allow", route.error.allow);
    const code = route.error.type === "wrong-method" ? 405 : 404;
    return send(response, code, refusal(route.error.message));
  }
  switch (route.value) {
    case "status":
      return send(response, 200, options.status());
    case "history":
      return send(response, 200, options.history());
    case "settings":
      return send(response, 200, options.settings());
    case "takeover":
    case "standby":
      return readCommand(options, route.value, { request, response });
    case "confirm":
      return readBody({ request, response }, (body) => {
        const node = parseConfirm(body);
        if (!node.ok) return send(response, 400, refusal(node.error.message));
        return options.confirm(node.value, (reply) => send(response, 200, reply));
      });
    case "maintenance":
      return readBody({ request, response }, (body) => {
        const word = parseMaintain(body);
        if (!word.ok) return send(response, 400, refusal(word.error.message));
        return options.maintain(word.value, (reply) => send(response, 200, reply));
      });
    case "restart":
      return readBody({ request, response }, (body) => {
        const wish = parseRestart(body);
        if (!wish.ok) return send(response, 400, refusal(wish.error.message));
        return options.restart(wish.value, (reply) => send(response, 200, reply));
      });
    default:
      return unreachable(route.value);
  }
}

function readCommand(
  options: ControlOptions,
  type: Command["type"],
  { request, response }: Exchange,
): void {
  readBody({ request, response }, (text) => {
    const command = parseCommand(type, text);
    if (!command.ok) return send(response, 400, refusal(command.error.message));
    return options.command(command.value, (body) => send(response, 200, body));
  });
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** @param take - called once, with a whole body that is not too long */
function readBody({ request, response }: Exchange, take: (body: string) => void): void {
  const chunks: Buffer[] = [];
  let size = 0;
  request.on("data", (chunk: Buffer) => {
    size += chunk.length;
    if (size <= bodyLimitBytes) chunks.push(chunk);
  });
  request.on("end", () => {
    if (size > bodyLimitBytes) return send(response, 413, refusal("the body is too long"));
    // Whoever asked was told that nothing came of it, and may have done something else since.
    if (isExpired(request.headers[expiryHeader], now())) return send(response, 408, refusal(late));
    return take(Buffer.concat(chunks).toString("utf8"));
  });
}

const late = "it came too late: whoever asked has given up, and nothing is done";

function send(response: ServerResponse, code: number, body: object): void {
  if (response.destroyed || response.writableEnded) return;
  response.writeHead(code, { "content-type": "application/json" });
  response.end(`${JSON.stringify(body)}\n`);
}
