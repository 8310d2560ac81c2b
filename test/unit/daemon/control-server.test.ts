import { chownSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { expiryHeader } from "../../../src/control/index.ts";
import type { ControlServer } from "../../../src/daemon/control-server.ts";
import { openControl } from "../../../src/daemon/control-server.ts";
import { now } from "../../../src/linux/index.ts";

const program = new URL("../../../src/understudy.ts", import.meta.url).pathname;

let runDir: string;
let server: ControlServer | undefined;
let asked: unknown[];

/** A group that every host has, and one that none has. */
const [group, gid] = ["nogroup", 65_534];
const noGroup = "understudy-nobody";
const isRoot = process.getuid?.() === 0;

beforeEach(async () => {
  runDir = mkdtempSync(join(tmpdir(), "understudy-control-"));
  asked = [];
  server = await open();
});

afterEach(() => {
  server?.close();
  rmSync(runDir, { recursive: true });
});

async function open(readers = noGroup): Promise<ControlServer | undefined> {
  const opened = await openControl({
    runDir,
    readers,
    status: () => ({ version: 1 }),
    history: () => ({ entries: [] }),
    settings: () => ({ settings: {} }),
    command(command, answer) {
      asked.push(command);
      answer({ groups: [] });
    },
    confirm(node, answer) {
      asked.push(node);
      answer({ confirmed: node });
    },
    maintain(word, answer) {
      asked.push(word);
      answer({ refusal: null });
    },
    restart(wish, answer) {
      asked.push(wish);
      answer({ refusal: null });
    },
  });
  return "fault" in opened ? undefined : opened;
}

const path = () => join(runDir, "control");
const readersPath = () => join(runDir, "status");

function ask(
  method: string,
  route: string,
  body = "",
  { socketPath = path(), headers = {} }: { socketPath?: string; headers?: object } = {},
): Promise<{ code: number; text: string }> {
  return new Promise((resolve, reject) => {
    const sent = httpRequest(
      { socketPath, method, path: route, headers: { ...headers } },
      (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => (text += chunk));
        response.on("end", () => resolve({ code: response.statusCode ?? 0, text }));
      },
    );
    sent.on("error", reject);
    sent.end(body);
  });
}

/** @returns what comes first */
function exchange(bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(path(), () => socket.write(bytes));
    socket.once("data", (chunk) => {
      socket.destroy();
      resolve(chunk.toString());
    });
    socket.once("error", reject);
  });
}

describe("the control socket", () => {
  test("answers what is asked, in JSON", async () => {
    expect(await ask("GET", "/v1/status")).toEqual({ code: 200, text: '{"version":1}\n' });
    expect(await ask("GET", "/v1/history")).toMatchObject({ code: 200 });
    expect(await ask("GET", "/v1/settings")).toMatchObject({ code: 200 });
  });

  test("hands a command on as it was meant", async () => {
    await ask("POST", "/v1/takeover", '{"selection":"web","wait":true}');
    expect(asked).toEqual([
      { type: "takeover", selection: { type: "group", group: "web" }, wait: true },
    ]);
  });

  test("hands on the operator's word on a node, on maintenance, and on a restart", async () => {
    expect(await ask("POST", "/v1/confirm", '{"node":"Beta"}')).toMatchObject({ code: 200 });
    expect(await ask("POST", "/v1/maintenance", '{"on":true}')).toMatchObject({ code: 200 });
    expect(await ask("POST", "/v1/restart", '{"withinMs":15000}')).toMatchObject({ code: 200 });
    expect(asked).toEqual(["beta", { on: true, lasts: undefined, reason: "" }, { within: 15_000 }]);
  });

  test.each([
    ["POST", "/v1/confirm", '{"node":""}', 400],
    ["POST", "/v1/maintenance", '{"on":"yes"}', 400],
    ["POST", "/v1/restart", '{"withinMs":1}', 400],
    ["GET", "/v1/nothing", "", 404],
    ["GET", "/v1/takeover", "", 405],
    ["POST", "/v1/takeover", "{", 400],
    ["POST", "/v1/takeover", "x".repeat(70_000), 413],
  ])("refuses %s %s with what to do instead", async (method, route, body, code) => {
    const answer = await ask(method, route, body);
    expect(answer.code).toBe(code);
    expect(answer.text).toContain("error");
    expect(asked).toEqual([]);
  });

  test("refuses a command that nobody waits for any more, and nothing is done", async () => {
    const body = '{"selection":"all"}';
    const at = (expiry: number | string) =>
      ask("POST", "/v1/takeover", body, { headers: { [expiryHeader]: String(expiry) } });
    for (const expiry of [now() - 1, "soon", "-1", ""]) {
      const { code, text } = await at(expiry);
      expect([expiry, code]).toEqual([expiry, 408]);
      expect(text).toContain("it came too late");
    }
    expect(asked).toEqual([]);
    expect(await at(now() + 60_000)).toMatchObject({ code: 200 });
    expect(asked).toHaveLength(1);
  });

  test("does nothing of what the command line has reported as failed", async () => {
    // A daemon that is frozen, and reads what was asked when it thaws.
    const frozenDir = mkdtempSync(join(tmpdir(), "understudy-frozen-"));
    let heard = "";
    const frozen = createServer((socket) => {
      socket.on("data", (chunk) => (heard += chunk.toString()));
      socket.on("error", () => undefined);
    });
    await new Promise<void>((resolve) => frozen.listen(join(frozenDir, "control"), resolve));
    const words = ["takeover", "all", "--run-dir", frozenDir];
    const { exitCode } = await execa(process.execPath, [program, ...words], { reject: false });
    expect(exitCode).toBe(3);
    frozen.close();
    rmSync(frozenDir, { recursive: true });
    expect(heard).toContain("POST /v1/takeover");
    expect(await exchange(heard)).toContain("408");
    expect(asked).toEqual([]);
  }, 30_000);

  test("is for root alone, and is the only one where the group is not that may ask", () => {
    expect(statSync(path()).mode & 0o777).toBe(0o600);
    expect(readdirSync(runDir)).toEqual(["control"]);
  });

  test("answers others while clients send half a request and stay", async () => {
    const stayers = Array.from({ length: 20 }, () => connect(path()));
    for (const stayer of stayers)
      stayer.write("POST /v1/takeover HTTP/1.1\r\ncontent-length: 9\r\n");
    expect(await ask("GET", "/v1/status")).toMatchObject({ code: 200 });
    for (const stayer of stayers) stayer.destroy();
  });
});

describe.skipIf(!isRoot)("the socket of those who may ask", () => {
  beforeEach(async () => {
    server?.close();
    server = await open(group);
  });

  test("is for root and their group alone", () => {
    const { mode, uid, gid: of } = statSync(readersPath());
    expect({ mode: mode & 0o777, uid, of }).toEqual({ mode: 0o660, uid: 0, of: gid });
    expect(statSync(path()).mode & 0o777).toBe(0o600);
  });

  test("answers, and takes no command", async () => {
    const at = { socketPath: readersPath() };
    expect(await ask("GET", "/v1/status", "", at)).toMatchObject({ code: 200 });
    expect(await ask("GET", "/v1/history", "", at)).toMatchObject({ code: 200 });
    for (const route of [
      "/v1/takeover",
      "/v1/standby",
      "/v1/confirm",
      "/v1/maintenance",
      "/v1/restart",
      "/v1/anything",
    ]) {
      const answer = await ask("POST", route, '{"selection":"all"}', at);
      expect(answer.code).toBe(403);
      expect(answer.text).toContain("only root may command");
    }
    expect(asked).toEqual([]);
  });

  test("is asked by the command line of a user of that group, who can command nothing", async () => {
    // Sockets of somebody else, and a root who may not override that: the program need not be
    // readable for another user.
    for (const socket of [path(), readersPath()]) chownSync(socket, gid, gid);
    const history = await asMemberOf(group, "history", "--json");
    expect(history.stderr).not.toContain("may not be asked");
    const takeover = await asMemberOf(group, "takeover", "all");
    expect([takeover.exitCode, takeover.stderr]).toEqual([
      3,
      `understudy may not be asked: no permission for ${path()}; do it as root`,
    ]);
    const stranger = await asMemberOf("users", "status");
    expect(stranger.stderr).toContain("be of the group haclient, or do it as root");
    expect(asked).toEqual([]);
  });
});

/** The command line, as it is run by somebody who is of this group only. */
function asMemberOf(of: string, ...args: readonly string[]) {
  const caps = "--bounding-set=-dac_override,-dac_read_search";
  const who = [`--regid=${of}`, "--clear-groups", caps, process.execPath, program];
  return execa("setpriv", [...who, ...args, "--run-dir", runDir], { reject: false });
}

test("the socket of those who may ask goes with the group", async () => {
  server?.close();
  writeFileSync(readersPath(), "");
  server = await open();
  expect(readdirSync(runDir)).toEqual(["control"]);
});

test("a second daemon finds that the first one answers, and leaves its socket alone", async () => {
  const second = await openControl({
    runDir,
    status: () => ({}),
    history: () => ({}),
    settings: () => ({}),
    command: () => undefined,
    confirm: () => undefined,
    maintain: () => undefined,
    restart: () => undefined,
  });
  expect(second).toEqual({ fault: { type: "already-running" } });
  expect(await ask("GET", "/v1/status")).toMatchObject({ code: 200 });
});

test("a socket that a dead daemon left is replaced", async () => {
  server?.close();
  writeFileSync(path(), "");
  server = await open();
  expect(await ask("GET", "/v1/status")).toMatchObject({ code: 200 });
});
