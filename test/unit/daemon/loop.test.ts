import { expect, test } from "vitest";
import type { Effect } from "../../../src/core/index.ts";
import { createState, requestId } from "../../../src/core/index.ts";
import { startLoop } from "../../../src/daemon/loop.ts";
import { now, openAlarm } from "../../../src/linux/index.ts";
import { BugError } from "../../../src/std/assert.ts";
import { clusterOf } from "../../sim/configs.ts";

const takeover = { type: "takeover", selection: { type: "all" }, wait: false } as const;

function daemon(perform: (effect: Effect) => void = () => undefined) {
  const [config] = clusterOf(["alpha", "beta"]);
  const performed: Effect[] = [];
  const crashes: unknown[] = [];
  const loop = startLoop(createState(config!, { boot: "00000000000000aa", generation: 1 }, now()), {
    now,
    alarm: openAlarm,
    perform(effects) {
      for (const effect of effects) {
        performed.push(effect);
        perform(effect);
      }
    },
    turned: () => undefined,
    crash: (error) => crashes.push(error),
  });
  return { loop, performed, crashes };
}

test("what is posted is looked at in a turn of its own, together, not at once", async () => {
  const { loop, performed } = daemon();
  const ask = (request: number): void =>
    loop.post({
      type: "command",
      request: requestId(request),
      command: takeover,
    });
  ask(1);
  ask(2);
  expect(performed).toEqual([]);
  await expect.poll(() => performed.filter(({ type }) => type === "reply")).toHaveLength(2);
  // One heartbeat: both were answered in the same turn.
  expect(performed.filter(({ type }) => type === "send")).toHaveLength(1);
  loop.stop();
});

test("what an effect brings about at once is looked at in the same turn, before anything is told", async () => {
  const { loop, performed } = daemon((effect) => {
    if (effect.type !== "send") return;
    const sent = performed.filter(({ type }) => type === "send").length;
    if (sent === 1) loop.post({ type: "command", request: requestId(7), command: takeover });
  });
  await expect.poll(() => performed.map(({ type }) => type)).toContain("tell");
  const types = performed.map(({ type }) => type);
  expect(types).toContain("reply");
  expect(types.indexOf("reply")).toBeLessThan(types.indexOf("tell"));
  loop.stop();
});

test("what brings itself about again and again does not keep the loop from the world", async () => {
  let rounds = 0;
  const { loop } = daemon((effect) => {
    if (effect.type !== "send" && effect.type !== "reply") return;
    rounds += 1;
    loop.post({ type: "command", request: requestId(rounds), command: takeover });
  });
  // This one is of the world.
  await new Promise((resolve) => void setImmediate(resolve));
  expect(rounds).toBeGreaterThan(1);
  loop.stop();
});

test("time passes without anything being posted: heartbeats go out", async () => {
  const { loop, performed } = daemon();
  const sent = () => performed.filter(({ type }) => type === "send").length;
  await expect.poll(sent, { timeout: 5000 }).toBeGreaterThan(1);
  loop.stop();
});

test("a bug ends the loop in one crash, and no turn follows", async () => {
  const bug = new BugError("a bug");
  const { crashes, performed } = daemon(() => {
    throw bug;
  });
  await expect.poll(() => crashes).toEqual([bug]);
  expect(performed).toHaveLength(1);
});
