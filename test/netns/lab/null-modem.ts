/**
 * A serial cable between two nodes: two pseudo-terminals, and a program between them.
 */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "./until.ts";

export interface NullModem {
  /** The devices, one for each node. */
  readonly ends: readonly [string, string];
  /** Nothing gets through, and nobody is told. */
  cut(): void;
  /** What was said meanwhile, as far as it was kept, gets through now. */
  restore(): void;
  remove(): void;
}

export async function layNullModem(): Promise<NullModem> {
  const folder = mkdtempSync(join(tmpdir(), "us-net-tty-"));
  const ends = [join(folder, "one"), join(folder, "two")] as const;
  const args = ends.map((end) => `pty,raw,echo=0,link=${end}`);
  const cable = spawn("socat", args, { stdio: "ignore" });
  const remove = (): void => {
    cable.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
    process.off("exit", remove);
  };
  // Also of a process that is interrupted.
  process.once("exit", remove);
  await until("a serial line", () => ends.every((end) => existsSync(end)));
  return {
    ends,
    cut: () => void cable.kill("SIGSTOP"),
    restore: () => void cable.kill("SIGCONT"),
    remove,
  };
}
