/**
 * What may happen to a daemon: it is killed, frozen, shot by the kernel.
 */
import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import type { Node } from "../netns/lab/node.ts";
import { program } from "../netns/lab/program.ts";
import type { Fault } from "./fault.ts";
import { neverTwo } from "./fault.ts";
import { makeMemoryGroup, missingMemoryGroup } from "./memory-group.ts";
import type { MemoryGroup } from "./memory-group.ts";
import type { Pair } from "./pair.ts";

const groups = new WeakMap<Pair, MemoryGroup>();

export const processFaults: readonly Fault[] = [
  { name: "no fault", promise: neverTwo, deadtimes: 2, leastMs: 1000, inject: () => undefined },
  {
    name: "kill -9 of the holder's daemon",
    promise: neverTwo,
    deadtimes: 3,
    inject: ({ alpha }) => alpha.daemon.signal("SIGKILL"),
  },
  {
    name: "kill -9, and restarted as systemd does",
    promise: neverTwo,
    deadtimes: 3,
    leastMs: 1500,
    async inject({ alpha }) {
      alpha.daemon.signal("SIGKILL");
      await alpha.daemon.exited;
      await stopPost(alpha);
      await pause(RESTART_SEC_MS);
      alpha.start();
    },
  },
  {
    name: "SIGSTOP for 3 deadtimes, then SIGCONT",
    promise: neverTwo,
    deadtimes: 3,
    inject: ({ alpha }) => alpha.daemon.signal("SIGSTOP"),
    heal: ({ alpha }) => alpha.daemon.signal("SIGCONT"),
  },
  {
    name: "both daemons frozen for 3 deadtimes",
    promise: neverTwo,
    deadtimes: 3,
    inject: ({ alpha, beta }) => [alpha, beta].forEach(({ daemon }) => daemon.signal("SIGSTOP")),
    heal: ({ alpha, beta }) => [alpha, beta].forEach(({ daemon }) => daemon.signal("SIGCONT")),
  },
  {
    name: "OOM kill of the holder's daemon",
    promise: neverTwo,
    deadtimes: 3,
    // The hog takes a while.
    leastMs: 3000,
    missing: missingMemoryGroup,
    prepare(pair) {
      const group = makeMemoryGroup();
      pair.atEnd(() => group.remove());
      groups.set(pair, group);
      return { alpha: group.under };
    },
    async inject(pair) {
      await groups.get(pair)!.exhaust(pair.alpha.namespace);
      const { signal } = await pair.alpha.daemon.exited;
      if (signal !== "SIGKILL") throw new Error(`the daemon ended by ${signal}, not by the kernel`);
    },
  },
];

/** RestartSec= of the unit. */
const RESTART_SEC_MS = 200;

/** ExecStopPost= of the unit, with what systemd says of the end (systemd.exec(5)). */
async function stopPost({ namespace, haDir, runDir, stateDir, heartbeatDir, name }: Node) {
  const said = ["SERVICE_RESULT=signal", "EXIT_CODE=killed", "EXIT_STATUS=KILL"];
  const dirs = ["--ha-dir", haDir, "--run-dir", runDir, "--state-dir", stateDir];
  const options = [...dirs, "--heartbeat-dir", heartbeatDir, "--node", name];
  const command = [...said, process.execPath, program, "release", ...options];
  const child = namespace.spawn("env", command);
  child.stdout!.resume();
  child.stderr!.resume();
  await once(child, "close");
}
