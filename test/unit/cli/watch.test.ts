import { expect, test } from "vitest";
import { plain } from "../../../src/cli/terminal.ts";
import { watch } from "../../../src/cli/watch.ts";
import { serveAnswers, serveNothing } from "./control-server.ts";
import { allWell, reportOf } from "./reports.ts";

test("on a terminal each frame is drawn over the last, and the cursor comes back", async () => {
  await using server = await serveAnswers(() => ({ body: reportOf(allWell) }));
  const written = await watched(server.runDir, "\u001B[J");
  expect(written[0]).toBe("\u001B[?25l\u001B[H\u001B[2J");
  expect(written[1]?.startsWith("\u001B[H10.0.0.100: held by alpha since ")).toBe(true);
  expect(written[1]).toContain("\u001B[K\nstandby: beta could take it now\u001B[K\n");
  expect(written.at(-1)).toBe("\u001B[?25h");
});

test("a daemon that is down is what the frame says, and the watch goes on", async () => {
  await using none = await serveNothing();
  const written = await watched(none.runDir, "is not running");
  expect(written[1]).toContain("understudy is not running on this node");
});

/** What was written until, and after, something that contains `last`, at which it is stopped. */
async function watched(runDir: string, last: string): Promise<readonly string[]> {
  const stop = new AbortController();
  const written: string[] = [];
  const out = (text: string): void => {
    written.push(text);
    if (text.includes(last) && written.length > 1) stop.abort();
  };
  const options = { haDir: "", stateDir: "", heartbeatDir: "", node: "alpha", runDir };
  const terminal = { out, err: out, interactive: true, paint: plain, closed: stop.signal };
  expect(await watch(options, { json: false, stop: stop.signal }, terminal)).toBe(0);
  return written;
}
