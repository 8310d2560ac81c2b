import { describe, expect, test, vi } from "vitest";
import { report } from "../../../src/control/index.ts";
import { outcome } from "../../../src/control/index.ts";
import type { Status } from "../../../src/core/index.ts";
import type { Asked, Given } from "./control-server.ts";
import { serveAnswers, serveNothing, understudy } from "./control-server.ts";
import { allWell, alpha, beta, moment, peer } from "./reports.ts";

vi.setConfig({ testTimeout: 30_000 });

const extra = { software: "0.1.0", uptimeMs: 1000 };
const maintained = {
  by: alpha,
  reason: "kernel",
  sinceMs: 60_000,
  leftMs: 7_140_000,
  unaware: [],
} as const;

function statusBody(changes: Partial<Status> = {}): Given {
  return { body: report({ ...allWell, ...changes }, moment, extra) };
}

/** A daemon that takes the operator's word, and shows these one after the other. */
function daemon(...shown: readonly Partial<Status>[]): (request: Asked) => Given {
  let count = 0;
  return ({ path }) => {
    if (path === "/v1/maintenance") return { body: outcome(alpha, undefined) };
    const changes = shown[Math.min(count, shown.length - 1)];
    count += 1;
    return statusBody(changes);
  };
}

test("maintenance on is done when every living peer knows of it", async () => {
  await using server = await serveAnswers(
    daemon({ maintenance: { ...maintained, unaware: [beta] } }, { maintenance: maintained }),
  );
  const args = ["--for", "2h", "--reason", "kernel update", "--run-dir", server.runDir];
  const { stdout, stderr, exitCode } = await understudy("maintenance", "on", ...args);
  expect(stdout).toBe("maintenance for 2 h: nothing moves by itself\n");
  expect(stderr).toBe("");
  expect(exitCode).toBe(0);
  expect(server.asked.map(({ path }) => path)).toEqual([
    "/v1/maintenance",
    "/v1/status",
    "/v1/status",
  ]);
  expect(JSON.parse(server.asked[0]?.body ?? "")).toEqual({
    on: true,
    forMs: 7_200_000,
    reason: "kernel update",
  });
});

test("a peer that runs heartbeat will never know: that is exit status 1", async () => {
  await using server = await serveAnswers(
    daemon({
      peers: [peer({ original: true })],
      maintenance: { ...maintained, unaware: [beta] },
    }),
  );
  const { stderr, exitCode } = await understudy("maintenance", "on", "--run-dir", server.runDir);
  expect(stderr).toBe(
    "beta runs heartbeat, which knows of no maintenance: it takes over as ever\n",
  );
  expect(exitCode).toBe(1);
});

test.each([
  ["dead", "beta is not heard: if it lives and is cut off, it does not know, and may take over\n"],
  ["left", "beta has stopped: it hears of it when it starts\n"],
  ["late", "beta has not said yet that it knows: see 'understudy status'\n"],
] as const)("a peer that is %s and has not said that it knows is named", async (state, words) => {
  await using server = await serveAnswers(
    daemon({ peers: [peer({ state })], maintenance: { ...maintained, unaware: [beta] } }),
  );
  const { stderr, exitCode } = await understudy("maintenance", "on", "--run-dir", server.runDir);
  expect([stderr, exitCode]).toEqual([words, 1]);
});

test("maintenance off says that groups move again", async () => {
  await using server = await serveAnswers(daemon({}));
  const { stdout, exitCode } = await understudy("maintenance", "off", "--run-dir", server.runDir);
  expect(stdout).toBe("maintenance has ended: groups move by themselves again\n");
  expect(exitCode).toBe(0);
  expect(server.asked).toEqual([{ method: "POST", path: "/v1/maintenance", body: '{"on":false}' }]);
});

test("a refusal is exit status 1, with the reason", async () => {
  await using server = await serveAnswers(() => ({ body: outcome(alpha, "it is stopping") }));
  const { stderr, exitCode } = await understudy("maintenance", "on", "--run-dir", server.runDir);
  expect(stderr).toBe("maintenance: refused: it is stopping\n");
  expect(exitCode).toBe(1);
});

describe("without a word it says how it is", () => {
  test.each([
    [undefined, "not in maintenance\n"],
    [maintained, "in maintenance since 21:14:03 (60 s), said at alpha, 119 min left: kernel\n"],
  ])("%#", async (maintenance, words) => {
    await using server = await serveAnswers(daemon({ maintenance }));
    const { stdout, exitCode } = await understudy("maintenance", "--run-dir", server.runDir);
    expect(stdout).toBe(words.replace("119 min", "1 h 59 min"));
    expect(exitCode).toBe(0);
  });
});

test.each([
  [["maintenance", "perhaps"]],
  [["maintenance", "on", "--for", "soon"]],
  [["maintenance", "off", "--for", "2h"]],
  [["maintenance", "--reason", "why"]],
  [["restart", "--within", "never"]],
])("%j makes no sense: one line, and exit status 64", async (args) => {
  await using none = await serveNothing();
  const { stderr, exitCode } = await understudy(...args, "--run-dir", none.runDir);
  expect(stderr).toMatch(/^understudy: .*; see 'understudy (maintenance|restart) --help'\n$/u);
  expect(exitCode).toBe(64);
});

test.each([["maintenance"], ["maintenance on"], ["maintenance off"]])(
  "%s without a daemon is exit status 3",
  async (words) => {
    await using none = await serveNothing();
    const { exitCode } = await understudy(...words.split(" "), "--run-dir", none.runDir);
    expect(exitCode).toBe(3);
  },
);
