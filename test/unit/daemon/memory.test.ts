import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Memory } from "../../../src/core/index.ts";
import { groupName, nodeName } from "../../../src/core/index.ts";
import type { Moment } from "../../../src/daemon/memory-text.ts";
import { memoryFrom, memoryText } from "../../../src/daemon/memory-text.ts";
import type { MemoryFile } from "../../../src/daemon/memory.ts";
import { openMemory } from "../../../src/daemon/memory.ts";
import { millis } from "../../../src/std/time.ts";

let folder: string;
let faults: string[];
let moment: Moment;

beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), "understudy-memory-")), "state");
  faults = [];
  moment = { kernel: "k1", clockMs: 1000, wallMs: 1_000_000 };
});

afterEach(() => rmSync(join(folder, ".."), { recursive: true }));

const alpha = nodeName("alpha");
const file = (): string => join(folder, "memory.json");

function open(node = alpha): MemoryFile {
  return openMemory({
    stateDir: folder,
    node,
    warn: (fault) => faults.push(fault),
    moment: () => moment,
  });
}

const memory: Memory = {
  groups: [{ group: groupName("10.0.0.100"), term: 7, pinned: true }],
  resting: [groupName("web")],
  maintenance: undefined,
  peers: [
    {
      node: nodeName("beta"),
      boot: "00112233445566aa",
      generation: 3,
      sequence: 4711,
      isGone: false,
    },
  ],
};

function maintained(left: number | undefined): Memory {
  const maintenance = {
    on: true,
    version: 2,
    by: alpha,
    left: left === undefined ? undefined : millis(left),
    reason: "kernel",
  };
  return { ...memory, maintenance };
}

/** What the next life reads of this. */
function next(left: Memory): Memory | undefined {
  const opened = open();
  opened.save(left);
  opened.finish();
  return open().last;
}

describe("what one life remembers", () => {
  test("the next one knows", () => {
    expect(next(memory)).toEqual(memory);
    expect(next(maintained(undefined))).toEqual(maintained(undefined));
    expect(faults).toEqual([]);
  });

  test("is for root's eyes, and leaves nothing beside it", () => {
    next(memory);
    expect(statSync(file()).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(["memory.json"]);
  });

  test("is written a moment later, the latest only, and not by whoever saves", async () => {
    const opened = open();
    opened.save(memory);
    opened.save(maintained(undefined));
    expect(existsSync(file())).toBe(false);
    await vi.waitUntil(() => existsSync(file()));
    expect(open().last).toEqual(maintained(undefined));
    expect(readdirSync(folder)).toEqual(["memory.json"]);
  });

  describe("when it changes while the disk is waited for", () => {
    beforeEach(() => {
      vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    });

    afterEach(() => {
      vi.useRealTimers();
    });

    test("is written again", async () => {
      const opened = open();
      opened.save(memory);
      vi.advanceTimersByTime(100);
      opened.save(maintained(undefined));
      await vi.waitUntil(() => existsSync(file()), { interval: 5 });
      expect(open().last).toEqual(memory);
      await vi.waitUntil(
        () => {
          vi.advanceTimersByTime(100);
          return open().last?.maintenance !== undefined;
        },
        { interval: 5 },
      );
    });

    test("and ends, is what the end has written", async () => {
      const opened = open();
      opened.save(memory);
      vi.advanceTimersByTime(100);
      opened.save(maintained(undefined));
      opened.finish();
      // The write that was under way has begun by then, and may be over: so many look at the disk too.
      for (let looks = 0; looks < 50; looks++) await stat(tmpdir());
      await vi.waitUntil(() => !existsSync(`${file()}.next`), { interval: 1 });
      expect(open().last).toEqual(maintained(undefined));
    });
  });

  test("is written at once at the end, if it still waits, and else not again", () => {
    open().finish();
    expect(existsSync(file())).toBe(false);
    const opened = open();
    opened.save(memory);
    opened.finish();
    expect(existsSync(file())).toBe(true);
  });
});

describe("the time that passes between two lives", () => {
  test.each([
    ["by the kernel's clock, whatever the wall clock says", { clockMs: 1400, wallMs: 0 }, 600],
    ["all of it", { clockMs: 9000, wallMs: 0 }, 0],
    ["by the wall clock after a reboot", { kernel: "k2", clockMs: 5, wallMs: 1_000_300 }, 700],
    ["nothing, if that was set back", { kernel: "k2", clockMs: 5, wallMs: 400 }, 1000],
    ["by the wall clock in a clock that began anew", { clockMs: 5, wallMs: 1_000_300 }, 700],
  ])("passes of maintenance too: %s", (_, change, left) => {
    const opened = open();
    opened.save(maintained(1000));
    opened.finish();
    moment = { ...moment, ...change };
    expect(open().last?.maintenance?.left).toBe(left);
  });
});

describe("a file that is of no use", () => {
  test.each(["{", "[]", '{"version":1}', "\0"])("is told, and counts as none: %j", (text) => {
    mkdirSync(folder);
    writeFileSync(file(), text);
    expect(open().last).toBeUndefined();
    expect(faults).toEqual([
      `${file()} cannot be read: what the last life of this node knew is forgotten`,
    ]);
  });

  test("that is cut off anywhere counts as none", () => {
    const text = memoryText({ node: "alpha", at: moment, memory: maintained(5) }).trimEnd();
    for (let end = 0; end < text.length; end++) {
      expect(memoryFrom(text.slice(0, end), moment)).toBeUndefined();
    }
    expect(memoryFrom(text, moment)?.memory).toEqual(maintained(5));
  });

  test("with a field of another kind counts as none", () => {
    const text = memoryText({ node: "alpha", at: moment, memory: maintained(5) });
    for (const [field] of text.matchAll(/"[a-zA-Z]+":/gu)) {
      expect(memoryFrom(text.replaceAll(field, '"x":'), moment), field).toBeUndefined();
    }
    for (const bad of ["-1", "1.5", "1e300", '"7"', "null"]) {
      expect(memoryFrom(text.replace('"term":7', `"term":${bad}`), moment), bad).toBeUndefined();
    }
  });

  test("with a count that no peer would take counts as none", () => {
    const text = memoryText({ node: "alpha", at: moment, memory: maintained(5) });
    for (const field of ['"term":7', '"version":2']) {
      const [name] = field.split(":");
      const of = (count: number): string => text.replace(field, `${name}:${count}`);
      expect(of(2 ** 48)).not.toBe(text);
      expect(memoryFrom(of(2 ** 48), moment), field).toBeDefined();
      expect(memoryFrom(of(2 ** 48 + 1), moment), field).toBeUndefined();
    }
  });

  test("never makes the reader throw", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (any) => memoryFrom(any, moment) === undefined),
    );
  });

  test("was written by another node: this disk is a copy", () => {
    next(memory);
    expect(open(nodeName("beta")).last).toBeUndefined();
    expect(faults).toEqual([`${file()} was written by alpha: it is not used`]);
  });

  test("is not there: that is told to nobody", () => {
    expect(open().last).toBeUndefined();
    expect(faults).toEqual([]);
  });

  test("is a link: it is not followed", () => {
    next(memory);
    const other = join(folder, "other.json");
    writeFileSync(other, readFileSync(file()));
    rmSync(file());
    symlinkSync(other, file());
    expect(open().last).toBeUndefined();
  });
});

describe("a disk that takes nothing", () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  test("is told once, and tried again until it takes it", async () => {
    mkdirSync(folder);
    // A folder stands where the new file would be written.
    mkdirSync(`${file()}.next`);
    mkdirSync(join(`${file()}.next`, "in the way"));
    const opened = open();
    opened.save(memory);
    vi.advanceTimersByTime(100);
    await vi.waitUntil(() => faults.length > 0, { interval: 5 });
    // The second try fails too, without another word.
    vi.advanceTimersByTime(10_000);
    await settled();
    expect(faults).toHaveLength(1);
    rmSync(`${file()}.next`, { recursive: true });
    await vi.waitUntil(
      () => {
        vi.advanceTimersByTime(10_000);
        return existsSync(file());
      },
      { interval: 5 },
    );
    expect(open().last).toEqual(memory);
  });
});

/** Until what the file system has been asked for so far is done. */
async function settled(): Promise<void> {
  for (let round = 0; round < 20; round++) await new Promise((resolve) => setImmediate(resolve));
}
