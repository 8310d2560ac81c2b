import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { programRanges } from "../../../src/linux/realtime.ts";

const maps = `00400000-00746000 r--p 00000000 fe:00 1234     /usr/bin/node
00746000-03041000 r-xp 00346000 fe:00 1234     /usr/bin/node
03041000-0698d000 rw-p 02c41000 fe:00 1234     /usr/bin/node
0698d000-069b0000 rw-p 00000000 00:00 0
2f000000-30000000 r-xp 00000000 00:00 0
7f0000000000-7f0000001000 ---p 00000000 fe:00 77     /usr/lib/libc.so.6
7f0000001000-7f0000002000 r--s 00000000 fe:00 78     /usr/share/shared
7ffc00000000-7ffc00021000 rw-p 00000000 00:00 0     [stack]
`;

test("of a process's memory, the ranges of files that nobody writes to are the program", () => {
  expect(programRanges(maps)).toEqual([
    { start: 0x400000n, length: 0x346000n },
    { start: 0x746000n, length: 0x28fb000n },
  ]);
});

const canBe = process.getuid?.() === 0;

/** In a process of its own: what it says of itself, and what its children are. */
test.skipIf(!canBe)(
  "the loop goes before others, its children and V8's memory are ordinary",
  () => {
    const source = `
    import { execFileSync } from "node:child_process";
    import { readFile } from "node:fs/promises";
    import { readFileSync } from "node:fs";
    import { goOrdinary, goRealtime, lockProgram } from ${JSON.stringify(realtime)};
    const refused = [goRealtime(1), lockProgram()];
    const classOf = (pid) => execFileSync("ps", ["-o", "cls=", "-p", pid], { encoding: "utf8" }).trim();
    const self = classOf(String(process.pid));
    const child = execFileSync("sh", ["-c", "ps -o cls= -p $$"], { encoding: "utf8" }).trim();
    const locked = Number(/^VmLck:\\s+(\\d+)/m.exec(readFileSync("/proc/self/status", "latin1"))[1]);
    await readFile("/proc/self/status");
    // A collection that gives memory back ends a process whose heap is locked.
    let junk = [];
    for (let count = 0; count < 200000; count += 1) junk.push({ count, text: String(count) });
    junk = junk.filter((_, index) => index % 7 === 0);
    gc({ type: "major", execution: "sync", flavor: "last-resort" });
    goOrdinary();
    const after = classOf(String(process.pid));
    console.log(JSON.stringify({ refused, self, child, isLocked: locked > 0, after }));
  `;
    const args = ["--expose-gc", "--input-type=module", "--eval", source];
    const said = execFileSync(process.execPath, args, { encoding: "utf8" });
    expect(JSON.parse(said)).toEqual({
      refused: [null, null],
      self: "RR",
      child: "TS",
      isLocked: true,
      after: "TS",
    });
  },
);

const realtime = new URL("../../../src/linux/realtime.ts", import.meta.url).pathname;
