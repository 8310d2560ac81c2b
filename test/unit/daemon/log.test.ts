import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";

const log = new URL("../../../src/daemon/log.ts", import.meta.url).pathname;

/** What a process has printed that ends with these statements. */
function printed(statements: string): readonly string[] {
  const source = `
    import { pbkdf2 } from "node:crypto";
    import { openLog } from ${JSON.stringify(log)};
    const log = await openLog("alpha", false);
    ${statements}
  `;
  const args = ["--input-type=module", "--eval", source];
  const lines = execFileSync(process.execPath, args, { encoding: "utf8" }).trim().split("\n");
  return lines.map((line) => /"msg":"([^"]*)"/u.exec(line)?.[1] ?? line);
}

test("the last lines stand in their order, however soon after them the process ends", () => {
  const words = ["one", "two", "three"];
  const tell = words.map((word) => `log.logger.info("${word}");`).join(" ");
  // All threads that could write are busy: what is written by itself would come first.
  const busy =
    'for (let job = 0; job < 4; job += 1) pbkdf2("", "", 50_000, 64, "sha512", () => {});';
  expect(printed(`${busy} ${tell} await log.drain();`)).toEqual(words);
});
