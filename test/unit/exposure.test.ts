/**
 * What systemd thinks of the unit as a target, from 0 to 10: README quotes these figures.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { read } from "./project.ts";

const missing = spawnSync("systemd-analyze", ["--version"]).status !== 0;
if (missing && process.env["CI"] !== undefined) throw new Error("systemd-analyze is not installed");
if (missing) console.warn("the exposure is not measured: systemd-analyze is not installed");

describe.skipIf(missing)("the exposure of the unit, by systemd-analyze security", () => {
  test("is at most 2.5 where no resource scripts run", () => {
    expect(exposure("hardened.conf")).toBeLessThanOrEqual(2.5);
  });

  test("is what README says that running scripts costs", () => {
    expect(exposure()).toBe(9.6);
  });
});

/** @param dropIn - put beside the unit as systemd reads it */
function exposure(dropIn?: string): number {
  const folder = mkdtempSync(join(tmpdir(), "us-exposure-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const unit = join(folder, "understudy.service");
  writeFileSync(unit, read("systemd/understudy.service"));
  if (dropIn !== undefined) {
    mkdirSync(`${unit}.d`);
    writeFileSync(join(`${unit}.d`, dropIn), read(`systemd/${dropIn}`));
  }
  const args = ["security", "--offline=true", "--no-pager", unit];
  const { stdout } = spawnSync("systemd-analyze", args, { encoding: "utf8" });
  const [, level] = /Overall exposure level for understudy\.service: (\d+\.\d)/u.exec(stdout) ?? [];
  return Number(level);
}
