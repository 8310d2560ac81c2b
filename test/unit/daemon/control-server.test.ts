import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Command, NodeName } from "../../../src/core/index.ts";
import type { ControlServer } from "../../../src/daemon/control-server.ts";
import { openControl } from "../../../src/daemon/control-server.ts";

let runDir: string;
let server: ControlServer | undefined;
let asked: (Command | NodeName)[];

beforeEach(async () => {
  runDir = mkdtempSync(join(tmpdir(), "understudy-control-"));
  asked = [];
  server = await open();
});

afterEach(() => {
  server?.close();
  rmSync(runDir, { recursive: true });
});

async function open(): Promise<ControlServer | undefined> {
  const opened = await openControl({
    runDir,
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
  });
  return "fault" in opened ? undefined : opened;
}

const path = () => join(runDir, "control");

function ask(method: string, route: string, body = ""): Promise<{ code: number; text: string }> {
  return new Promise((resolve, reject) => {
    const sent = httpRequest({ socketPath: path(), method, path: route }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => (text += chunk));
      response.on("end", () => resolve({ code: response.statusCode ?? 0, text }));
    });
    sent.on("error", reject);
    sent.end(body);
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

  test("hands on the operator's word on a node", async () => {
    expect(await ask("POST", "/v1/confirm", '{"node":"Beta"}')).toMatchObject({ code: 200 });
    expect(asked).toEqual(["beta"]);
  });

  test.each([
    ["POST", "/v1/confirm", '{"node":""}', 400],
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

  test("is for root and the group of its folder alone", () => {
    expect(statSync(path()).mode & 0o777).toBe(0o660);
  });

  test("answers others while clients send half a request and stay", async () => {
    const stayers = Array.from({ length: 20 }, () => connect(path()));
    for (const stayer of stayers)
      stayer.write("POST /v1/takeover HTTP/1.1\r\ncontent-length: 9\r\n");
    expect(await ask("GET", "/v1/status")).toMatchObject({ code: 200 });
    for (const stayer of stayers) stayer.destroy();
  });
});

test("a second daemon finds that the first one answers, and leaves its socket alone", async () => {
  const second = await openControl({
    runDir,
    status: () => ({}),
    history: () => ({}),
    settings: () => ({}),
    command: () => undefined,
    confirm: () => undefined,
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
