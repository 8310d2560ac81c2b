import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { notify } from "../../../src/linux/notify.ts";

const directory = mkdtempSync(join(tmpdir(), "us-notify-"));

test.each([
  ["a path", join(directory, "notify"), (path: string) => `UNIX-RECV:${path}`],
  [
    "an abstract name",
    `@us-notify-${process.pid}`,
    (path: string) => `ABSTRACT-RECV:${path.slice(1)}`,
  ],
])("systemd is told at %s", async (_, path, address) => {
  const socat = spawn("socat", ["-u", "-d", "-d", address(path), "STDOUT"], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let heard = "";
  socat.stdout.setEncoding("utf8").on("data", (chunk: string) => (heard += chunk));
  await once(socat.stderr, "data");
  await expect
    .poll(() => {
      notify(path, "READY=1\n");
      return heard;
    })
    .toMatch(/^READY=1\n/);
  const ended = once(socat, "close");
  socat.kill();
  await ended;
  rmSync(directory, { recursive: true, force: true });
});

test.each([
  undefined,
  "",
  "/run/us-nobody-listens",
  "@us-nobody-listens",
  "vsock:2:1",
  `/${"x".repeat(200)}`,
])("telling nobody, at %s, does nothing and leaves nothing", (path) => {
  const before = descriptors();
  notify(path, "READY=1");
  expect(descriptors()).toBe(before);
});

function descriptors(): number {
  return readdirSync("/proc/self/fd").length;
}
