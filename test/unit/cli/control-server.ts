/**
 * A control socket in a directory of its own, with answers that a test chose, and the command line
 * run against it as an operator runs it.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { createServer as createHttpServer } from "node:http";
import type { Server } from "node:net";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import type { ResultPromise } from "execa";
import { socketName } from "../../../src/control/index.ts";

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly body: string;
}

export interface ControlServer extends AsyncDisposable {
  readonly runDir: string;
  /** Every request, in the order in which they came. */
  readonly asked: readonly Asked[];
}

export interface Given {
  readonly status?: number;
  readonly body: unknown;
}

/** A command line that runs, and ends with its exit status and what it wrote. Never rejects. */
export type Running = ResultPromise<typeof runOptions>;

/** @param give - the answer to the request of this number, from 0 */
export async function serveAnswers(
  give: (request: Asked, count: number) => Given,
): Promise<ControlServer> {
  const asked: Asked[] = [];
  const server = createHttpServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = Buffer.concat(chunks).toString();
      const each = { method: request.method ?? "", path: request.url ?? "", body };
      const { status = 200, body: answer } = give(each, asked.push(each) - 1);
      response.writeHead(status, { "content-type": "application/json" });
      response.end(typeof answer === "string" ? answer : JSON.stringify(answer));
    });
  });
  return listening(server, asked);
}

/** A daemon that is frozen: the kernel accepts for it, and after `bytes` nothing comes. */
export async function serveSilence(bytes: string): Promise<ControlServer> {
  return listening(
    createServer((socket) => {
      socket.on("error", () => undefined);
      socket.write(bytes);
    }),
    [],
  );
}

/** A directory with the socket of a daemon that is dead, or with none. */
export async function serveNothing(): Promise<ControlServer> {
  const runDir = await mkdtemp(join(tmpdir(), "us-cli-"));
  return { runDir, asked: [], [Symbol.asyncDispose]: () => rm(runDir, { recursive: true }) };
}

/** The sources, as `understudy ...args`; in UTC and without colours. Never rejects. */
export function understudy(...args: readonly string[]): Running {
  return run([entry, ...args]);
}

/** The same, with the address of every module that it loads on stderr, a line each. */
export function tellingWhatItLoads(...args: readonly string[]): Running {
  const hook = `import { registerHooks } from "node:module";
    registerHooks({
      load(url, context, next) {
        process.stderr.write(url + "\\n");
        return next(url, context);
      },
    });`;
  return run(["--import", `data:text/javascript,${encodeURIComponent(hook)}`, entry, ...args]);
}

const entry = new URL("../../../src/understudy.ts", import.meta.url).pathname;

const runOptions: {
  readonly reject: false;
  readonly stripFinalNewline: false;
  readonly env: Readonly<Record<string, string>>;
} = { reject: false, stripFinalNewline: false, env: { TZ: "UTC", NO_COLOR: "1" } };

function run(args: readonly string[]): Running {
  return execa(process.execPath, args, runOptions);
}

async function listening(server: Server, asked: readonly Asked[]): Promise<ControlServer> {
  const runDir = await mkdtemp(join(tmpdir(), "us-cli-"));
  const sockets = new Set<{ destroy: () => void }>();
  server.on("connection", (socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(join(runDir, socketName), resolve));
  return {
    runDir,
    asked,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      await rm(runDir, { recursive: true });
    },
  };
}
