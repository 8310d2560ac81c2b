import { execFileSync } from "node:child_process";
import {
  closeSync,
  constants,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from "vitest";
import type { Notice } from "../../../src/core/index.ts";
import type { Feeding } from "../../../src/daemon/watchdog.ts";
import { openFeeding, timeoutSeconds } from "../../../src/daemon/watchdog.ts";
import type { Errno, Watchdog } from "../../../src/linux/index.ts";
import { now } from "../../../src/linux/index.ts";
import type { Result } from "../../../src/std/result.ts";
import { ok } from "../../../src/std/result.ts";
import { millis } from "../../../src/std/time.ts";

/** A pipe stands for the device: it shows what is written, and knows nothing of timeouts. */
let device: string;
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "understudy-watchdog-"));
  device = join(folder, "watchdog");
  execFileSync("mkfifo", [device]);
});

afterEach(() => rmSync(folder, { recursive: true }));

function reader(): () => string {
  const fd = openSync(device, constants.O_RDONLY | constants.O_NONBLOCK);
  onTestFinished(() => closeSync(fd));
  return () => {
    const buffer = Buffer.alloc(1000);
    try {
      return buffer.toString("latin1", 0, readSync(fd, buffer));
    } catch {
      return "";
    }
  };
}

const config = () => ({ device, keepalive: millis(100), deadtime: millis(1000) });

/** A turn after some time. */
async function turnAfter(ms: number, feeding: Feeding): Promise<void> {
  const from = now();
  await vi.waitFor(() => expect(now() - from).toBeGreaterThanOrEqual(ms), { interval: 1 });
  feeding.turned();
}

test.each([
  [990, 1],
  [991, 2],
  [1000, 2],
  [30_000, 31],
])("deadtime %i ms is a timeout of %i s, as the original has it", (deadtime, seconds) => {
  expect(timeoutSeconds(millis(deadtime))).toBe(seconds);
});

test("it is fed by turns alone, once for each keepalive, and told goodbye with a V", async () => {
  const read = reader();
  const told: Notice[] = [];
  const feeding = openFeeding(config(), (notice) => told.push(notice));
  expect(read()).toBe("\0");
  for (let turn = 0; turn < 5; turn += 1) feeding.turned();
  expect(read()).toBe("");
  await turnAfter(60, feeding);
  feeding.turned();
  expect(read()).toBe("\0");
  feeding.disarm();
  expect(read()).toBe("V");
  // Nothing is left that could be fed.
  await turnAfter(60, feeding);
  expect(read()).toBe("");
  // That a pipe has no timeout is told, and changes nothing.
  expect(told).toEqual([
    { code: "watchdog-failed", device, reason: "ioctl WDIOC_SETTIMEOUT: ENOTTY" },
  ]);
});

test("a device that is not there is told, and done without", () => {
  const told: Notice[] = [];
  const missing = { ...config(), device: join(folder, "missing") };
  const feeding = openFeeding(missing, (notice) => told.push(notice));
  feeding.turned();
  feeding.disarm();
  expect(told).toEqual([
    { code: "watchdog-failed", device: missing.device, reason: "open: ENOENT" },
  ]);
});

test("a file in its place is told, and not written over", () => {
  const told: Notice[] = [];
  const file = { ...config(), device: join(folder, "file") };
  writeFileSync(file.device, "untouched");
  openFeeding(file, (notice) => told.push(notice)).turned();
  expect(told).toEqual([{ code: "watchdog-failed", device: file.device, reason: "open: ENODEV" }]);
  expect(readFileSync(file.device, "latin1")).toBe("untouched");
});

test("one that does not take its food is told once", async () => {
  const fd = openSync(device, constants.O_RDONLY | constants.O_NONBLOCK);
  const told: Notice[] = [];
  const feeding = openFeeding(config(), (notice) => told.push(notice));
  closeSync(fd);
  await turnAfter(60, feeding);
  await turnAfter(60, feeding);
  expect(told.slice(1)).toEqual([{ code: "watchdog-failed", device, reason: "write: EPIPE" }]);
});

test("a reload that changes nothing of it leaves it alone, one that takes it away disarms it", () => {
  const read = reader();
  const feeding = openFeeding(config(), () => undefined);
  read();
  feeding.reconfigure(config());
  expect(read()).toBe("");
  feeding.reconfigure({ ...config(), deadtime: millis(2000) });
  expect(read()).toBe("V\0");
  feeding.reconfigure(undefined);
  expect(read()).toBe("V");
});

test("the time that the device has made of ours is told: this stands for one, which no test can have", () => {
  const asked: number[] = [];
  const told: Notice[] = [];
  const open = (): Result<Watchdog, Errno> =>
    ok({
      setLimit(seconds) {
        asked.push(seconds);
        return ok(60);
      },
      feed: () => ok(undefined),
      disarm: () => undefined,
    });
  openFeeding({ ...config(), deadtime: millis(30_000) }, (notice) => told.push(notice), open);
  expect(asked).toEqual([31]);
  expect(told).toEqual([{ code: "watchdog-armed", device, seconds: 60 }]);
});
