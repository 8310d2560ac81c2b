/**
 * The control socket: HTTP on a unix socket, so that `curl --unix-socket` works too.
 *
 * Nobody who asks can hold up the daemon: what comes in is bounded in size, number and time.
 */
import { chmodSync, mkdirSync, rmSync } from "node:fs";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { Socket } from "node:net";
import { connect } from "node:net";
import { join } from "node:path";
import {
  bodyLimitBytes,
  parseCommand,
  parseConfirm,
  refusal,
  routeOf,
  socketName,
} from "../control/index.ts";
import type { Command, NodeName } from "../core/index.ts";
import { unreachable } from "../std/assert.ts";

export interface ControlOptions {
  readonly runDir: string;
  readonly status: () => object;
  readonly history: () => object;
  readonly settings: () => object;
  /** @param answer - called once, whenever that is */
  readonly command: (command: Command, answer: (body: object) => void) => void;
  readonly confirm: (node: NodeName, answer: (body: object) => void) => void;
}

export interface ControlServer {
  close(): void;
}

export type ControlFault =
  | { readonly type: "already-running" }
  | { readonly type: "failed"; readonly reason: string };

const CLIENTS_MAX = 256;
/** Of those that have not asked anything yet the oldest has to go. */
const UNDECIDED_MAX = 32;
/** For a whole request, from its first byte to its last. */
const REQUEST_TIMEOUT_MS = 5000;

/** @returns the server, or why there is none */
export async function openControl(
  options: ControlOptions,
): Promise<ControlServer | { readonly fault: ControlFault }> {
  const path = join(options.runDir, socketName);
  try {
    mkdirSync(options.runDir, { recursive: true });
    if (await isAnswered(path)) return { fault: { type: "already-running" } };
    rmSync(path, { force: true });
    const server = createServer(
      {
        requestTimeout: REQUEST_TIMEOUT_MS,
        headersTimeout: REQUEST_TIMEOUT_MS,
        connectionsCheckingInterval: 1000,
        keepAliveTimeout: 1000,
      },
      (request, response) => handle(options, request, response),
    );
    server.maxConnections = CLIENTS_MAX;
    admit(server);
    await listen(server, path);
    // Root and the group of the run directory's owner: systemd's RuntimeDirectory sets it.
    chmodSync(path, 0o660);
    return {
      close() {
        server.close();
        server.closeAllConnections();
        rmSync(path, { force: true });
      },
    };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { fault: { type: "failed", reason } };
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
    server.listen(path, () => {
      server.off("error", reject);
      server.on("error", () => undefined);
      resolve();
    });
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
    return take(Buffer.concat(chunks).toString("utf8"));
  });
}

function send(response: ServerResponse, code: number, body: object): void {
  if (response.destroyed || response.writableEnded) return;
  response.writeHead(code, { "content-type": "application/json" });
  response.end(`${JSON.stringify(body)}\n`);
}
