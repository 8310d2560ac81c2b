/**
 * Keeps the programs of the `respawn` lines running.
 *
 * As the original does (heartbeat.c, ManagedChildDied): a program that ends is started again at once,
 * unless it ends with exit status 100; one that has ended more than ten times in a row within 30 s of
 * its start is given up. It dies with the daemon, whatever ends that (prctl(2), PR_SET_PDEATHSIG):
 * the next daemon starts it anew.
 */
import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { basename } from "node:path";
import type { Respawn } from "../config/index.ts";
import type { Notice } from "../core/index.ts";
import { now } from "../linux/index.ts";
import type { Instant } from "../std/time.ts";
import { elapsed } from "../std/time.ts";
import { notOurs, shareTheFate } from "./call.ts";
import { openOutput } from "./output.ts";
import { distrust } from "./trusted-file.ts";
import { findUser } from "./users.ts";

export interface Respawns {
  /** This node takes part: what does not run yet is started. May be called again and again. */
  begin(): void;
  /** The files were read anew. What is the same goes on; what was given up is tried again. */
  reconfigure(respawns: readonly Respawn[]): void;
  /** Ends them, the last one first, each with SIGTERM and, if it stays, SIGKILL. */
  end(): Promise<void>;
}

export interface RespawnOptions {
  readonly respawns: readonly Respawn[];
  readonly env: () => Readonly<Record<string, string>>;
  readonly print: (program: string, line: string) => void;
  readonly tell: (notice: Notice) => void;
}

/** Within this time of its start an end is a quick one; so many in a row are not one too many. */
const QUICK_MS = 30_000;
const QUICK_ENDS_MAX = 10;
/** Of a program, for its own cleaning up. */
const PATIENCE_MS = 3000;
/** To be left alone afterwards. */
const DONE = 100;

interface Program {
  readonly config: Respawn;
  readonly name: string;
  at: "waiting" | "starting" | "running" | "done" | "given-up" | "ending";
  child: ChildProcess | undefined;
  quickEnds: number;
}

export function openRespawns(options: RespawnOptions): Respawns {
  let programs = options.respawns.map(newProgram);
  let hasBegun = false;
  const startAll = (): void => {
    for (const program of programs) if (program.at === "waiting") start(program, options);
  };
  return {
    begin() {
      if (hasBegun) return;
      hasBegun = true;
      startAll();
    },
    reconfigure(respawns) {
      const before = programs;
      programs = respawns.map((config) => sameAs(config, before) ?? newProgram(config));
      for (const program of before.toReversed()) {
        if (!programs.includes(program)) void endOne(program);
      }
      if (hasBegun) startAll();
    },
    async end() {
      for (const program of programs.toReversed()) await endOne(program);
    },
  };
}

function newProgram(config: Respawn): Program {
  const name = basename(config.file);
  return { config, name, at: "waiting", child: undefined, quickEnds: 0 };
}

function sameAs(config: Respawn, programs: readonly Program[]): Program | undefined {
  const key = keyOf(config);
  return programs.find((each) => keyOf(each.config) === key && each.at !== "given-up");
}

function keyOf({ user, file, args }: Respawn): string {
  return JSON.stringify([user, file, args]);
}

/** Looks the user up anew each time, and without waiting for it: users may come from a network. */
function start(program: Program, options: RespawnOptions): void {
  program.at = "starting";
  findUser(program.config.user).then(
    (user) => {
      if (program.at !== "starting") return undefined;
      const at = now();
      if (user === undefined) {
        const reason = `no user ${program.config.user}`;
        return ended(program, options, { at, code: null, reason });
      }
      const reason = distrust(program.config.file, user.uid);
      if (reason !== undefined) return ended(program, options, { at, code: null, reason });
      return run(program, options, user.gid);
    },
    (error: unknown) => setImmediate(() => rethrow(error)),
  );
}

function rethrow(error: unknown): never {
  throw error;
}

function run(program: Program, options: RespawnOptions, gid: number): void {
  const { user, file, args } = program.config;
  const output = openOutput((line) => options.print(program.name, line));
  // setpriv(1): libuv's own change of user drops the supplementary groups.
  const identity = [`--reuid=${user}`, `--regid=${gid}`, "--init-groups", "--pdeathsig=TERM"];
  const child = spawn("setpriv", [...identity, "--", file, ...args], {
    cwd: "/",
    // A group of its own: it is ended with all that it started.
    detached: true,
    env: { ...process.env, ...options.env(), ...notOurs },
    stdio: ["ignore", output.fd, output.fd],
  });
  const at = now();
  program.at = "running";
  program.child = child;
  shareTheFate(child.pid);
  let isOver = false;
  const over = (code: number | null, reason: string): void => {
    if (isOver) return;
    isOver = true;
    output.finish();
    program.child = undefined;
    ended(program, options, { at, code, reason });
  };
  child.once("error", (error) => over(null, error.message));
  child.once("exit", (code, signal) =>
    over(code, code === null ? `ended by ${signal}` : `exit status ${code}`),
  );
  if (child.pid !== undefined) {
    options.tell({ code: "program-started", program: file, pid: child.pid });
  }
}

interface End {
  /** When it was started. */
  readonly at: Instant;
  readonly code: number | null;
  readonly reason: string;
}

function ended(program: Program, options: RespawnOptions, { at, code, reason }: End): void {
  const { file } = program.config;
  if (program.at === "ending") return;
  if (code === DONE) {
    program.at = "done";
    return options.tell({ code: "program-done", program: file });
  }
  program.quickEnds = elapsed(at, now()) < QUICK_MS ? program.quickEnds + 1 : 0;
  if (program.quickEnds > QUICK_ENDS_MAX) {
    program.at = "given-up";
    return options.tell({ code: "program-given-up", program: file, reason });
  }
  options.tell({ code: "program-ended", program: file, reason });
  return start(program, options);
}

function endOne(program: Program): Promise<void> {
  program.at = "ending";
  const { child } = program;
  if (child === undefined) return Promise.resolve();
  return new Promise((resolve) => {
    const patience = setTimeout(() => killGroup(child, "SIGKILL"), PATIENCE_MS);
    child.once("exit", () => {
      clearTimeout(patience);
      // What it has left running was its own affair to end.
      killGroup(child, "SIGKILL");
      resolve();
    });
    killGroup(child, "SIGTERM");
  });
}

function killGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // Nobody of it is left.
  }
}
