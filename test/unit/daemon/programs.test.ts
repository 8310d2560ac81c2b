import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { programFault } from "../../../src/daemon/programs.ts";

function haDirWith(name: string, mode: number): string {
  const haDir = mkdtempSync(join(tmpdir(), "understudy-programs-"));
  onTestFinished(() => rmSync(haDir, { recursive: true }));
  mkdirSync(join(haDir, "resource.d"));
  writeFileSync(join(haDir, "resource.d", name), "#!/bin/sh\n", { mode });
  return haDir;
}

const web = { type: "script", name: "web", script: "web", args: [] } as const;

test("a script that can be run is well", () => {
  expect(programFault(web, haDirWith("web", 0o755))).toBeUndefined();
});

test("a script that is missing, or cannot be run, is an error that says where it is looked for", () => {
  for (const haDir of [haDirWith("other", 0o755), haDirWith("web", 0o644)]) {
    expect(programFault(web, haDir)).toMatchObject({ severity: "error" });
    expect(programFault(web, haDir)?.message).toContain("resource.d");
  }
});

test("a script that others can write is an error that names the component and the remedy", () => {
  const haDir = haDirWith("web", 0o755);
  chmodSync(join(haDir, "resource.d"), 0o777);
  const message = `web: ${haDir}/resource.d may be written by others (mode 0777): chmod go-w ${haDir}/resource.d`;
  expect(programFault(web, haDir)).toEqual({ severity: "error", message });
});

test("an OCF agent that is not installed is an error", () => {
  const agent = {
    type: "ocf",
    name: "ocf::x:y",
    provider: "x",
    agent: "y",
    parameters: {},
  } as const;
  expect(programFault(agent, "/nonexistent")).toMatchObject({ severity: "error" });
});

test("a systemd unit that nobody knows is found out, by systemd or by its absence", () => {
  const name = "systemd::understudy-nothing.service";
  const unit = { type: "systemd", name, unit: "understudy-nothing.service" } as const;
  expect(programFault(unit, "/nonexistent")?.message).toContain(name);
});
