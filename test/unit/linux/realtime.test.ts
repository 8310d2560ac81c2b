import { execFileSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { programRanges } from "../../../src/linux/realtime.ts";

const maps = `00400000-00746000 r--p 00000000 fe:00 1234     /usr/bin/node
00746000-03041000 r-xp 00346000 fe:00 1234     /usr/bin/node
03041000-0698d000 rw-p 02c41000 fe:00 1234     /usr/bin/node
0698d000-069b0000 rw-p 00000000 00:00 0
1b105000-1cf6a000 rw-p 00000000 00:00 0          [heap]
2f000000-30000000 r-xp 00000000 00:00 0
7f0000000000-7f0000001000 ---p 00000000 fe:00 77     /usr/lib/libc.so.6
7f0000001000-7f0000002000 r--s 00000000 fe:00 78     /usr/share/shared
7ffc00000000-7ffc00021000 rw-p 00000000 00:00 0     [stack]
`;

test("of a process's memory, its files, malloc's heap and the stack are the program", () => {
  expect(programRanges(maps)).toEqual([
    { start: 0x400000n, length: 0x346000n },
    { start: 0x746000n, length: 0x28fb000n },
    { start: 0x3041000n, length: 0x394c000n },
    { start: 0x1b105000n, length: 0x1e65000n },
    { start: 0x7ffc00000000n, length: 0x21000n },
  ]);
});

const canBe = process.getuid?.() === 0;

/** What a process of its own says of itself after this. */
function said(source: string, under: readonly string[] = []): unknown {
  const before = `
    import { execFileSync } from "node:child_process";
    import { readFileSync } from "node:fs";
    import * as realtime from ${JSON.stringify(realtime)};
    const run = (...words) => execFileSync("sh", ["-c", ...words], { encoding: "utf8" });
    const plain = (line) => line.trim().replaceAll(/ +/g, " ");
    /** Class, realtime priority and nice value, of every thread once. */
    const threads = () => {
      const lines = run("ps -L -o cls=,rtprio=,ni= -p $PPID").trim().split("\\n");
      return [...new Set(lines.map(plain))];
    };
    const child = () => plain(run("ps -o cls=,rtprio=,ni= -p $$"));
    const locked = () => Number(/^VmLck:\\s+(\\d+)/m.exec(readFileSync("/proc/self/status", "latin1"))[1]) > 0;
    const say = (value) => console.log(JSON.stringify(value));
  `;
  const node = [process.execPath, "--expose-gc", "--input-type=module", "--eval"];
  const [program, ...args] = [...under, ...node, `${before}${source}`];
  return JSON.parse(execFileSync(program, args, { encoding: "utf8" }));
}

const realtime = new URL("../../../src/linux/realtime.ts", import.meta.url).pathname;
const ordinary = "TS - 0";

describe.skipIf(!canBe)("a process that goes before others", () => {
  test("does so with all its threads, and what it starts does not", () => {
    const source = `
      const refused = await realtime.goRealtime(7);
      say({ refused, threads: threads(), child: child() });
    `;
    expect(said(source)).toEqual({
      threads: ["RR 7 -"],
      child: ordinary,
    });
  });

  test("keeps its program in memory, and not V8's heap", () => {
    const source = `
      const refused = realtime.lockProgram();
      const isLocked = locked();
      // A collection that gives memory back ends a process whose heap is locked.
      let junk = [];
      for (let count = 0; count < 200000; count += 1) junk.push({ count, text: String(count) });
      junk = junk.filter((_, index) => index % 7 === 0);
      gc({ type: "major", execution: "sync", flavor: "last-resort" });
      say({ refused, isLocked });
    `;
    expect(said(source)).toEqual({ isLocked: true });
  });

  test("is ordinary again when it is told to", () => {
    const source = `
      await realtime.goRealtime(1);
      realtime.lockProgram();
      await realtime.goOrdinary();
      say({ threads: threads(), isLocked: locked() });
    `;
    expect(said(source)).toEqual({
      threads: [ordinary],
      isLocked: false,
    });
  });

  test("is at least the first of the ordinary ones, and what it starts is not", () => {
    const source = `
      const refused = await realtime.goFirst();
      say({ refused, threads: threads(), child: child() });
    `;
    expect(said(source)).toEqual({
      threads: ["TS - -20"],
      child: ordinary,
    });
  });

  test("needs the right to it", () => {
    const source = `
      say([await realtime.goRealtime(1), await realtime.goFirst(), realtime.lockProgram()]);
    `;
    const under = ["setpriv", "--bounding-set=-sys_nice,-ipc_lock"];
    // What may be locked without it is little, but more than nothing.
    const limited = ["prlimit", "--memlock=65536", "--nice=0", "--rtprio=0"];
    expect(said(source, [...limited, ...under])).toEqual([
      { call: "sched_setscheduler", errno: "EPERM" },
      { call: "setpriority", errno: "EACCES" },
      { call: "mlock2", errno: "ENOMEM" },
    ]);
  });
});
