import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { engineFlags } from "../../../src/daemon/engine.ts";

const program = new URL("engine-program.ts", import.meta.url).pathname;

/** @returns its number as its parent knows it, and what it said as JSON */
async function run(flags: readonly string[], demand: "yes" | "no") {
  const env = { ...process.env, DEMAND: demand };
  const child = spawn(process.execPath, [...flags, program, "one", "two words"], { env });
  const [said] = await Promise.all([text(child.stdout), once(child, "close")]);
  return { pid: child.pid, said: said.trim() };
}

test.each([
  ["without the flags", []],
  ["with some of them", engineFlags.slice(1)],
  ["with all of them", engineFlags],
])(
  "a process %s becomes one in which V8's threads do nothing, and stays what it is otherwise",
  async (_, flags) => {
    const { pid, said } = await run(flags, "yes");
    expect(said).toBe(JSON.stringify({ pid, words: ["one", "two words"], switches: 0 }));
  },
);

test("without the flags V8's threads work: it shows", async () => {
  const { said } = await run([], "no");
  expect(said).toMatch(/"switches":[1-9]/);
});
