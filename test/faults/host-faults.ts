/**
 * What may happen to the host of the holder: its address, its interface, its disk, its clock.
 */
import { execFileSync } from "node:child_process";
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { addServiceAddresses } from "../netns/lab/topology.ts";
import { until } from "../netns/lab/until.ts";
import type { Fault } from "./fault.ts";
import { neverTwo } from "./fault.ts";
import type { Pair } from "./pair.ts";
import { ask } from "./pair.ts";

export const hostFaults: readonly Fault[] = [
  {
    name: "address deleted on the holder",
    promise: neverTwo,
    deadtimes: 2,
    leastMs: 1000,
    inject({ alpha, virtualIp }) {
      const has = new RegExp(`${virtualIp}/\\d+`).exec(alpha.namespace.ip("addr show dev eth0"));
      alpha.namespace.ip(`addr del ${has![0]} dev eth0`);
    },
  },
  {
    name: "interface of the holder down and up again",
    promise: neverTwo,
    deadtimes: 3,
    inject: ({ alpha }) => void alpha.namespace.ip("link set eth0 down"),
    heal({ alpha }) {
      alpha.namespace.ip("link set eth0 up");
      // IPv6 addresses go when an interface goes down, IPv4 addresses stay.
      alpha.namespace.ip("addr flush dev eth0 to 10.77.0.1");
      addServiceAddresses(alpha.namespace, alpha.number);
    },
  },
  {
    name: "disk full under the state directory",
    promise: neverTwo,
    deadtimes: 3,
    leastMs: 2000,
    prepare(pair) {
      const { stateDir } = pair.alpha;
      mkdirSync(stateDir, { recursive: true });
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=256k", "understudy-fault", stateDir]);
      pair.atEnd(() => execFileSync("umount", ["--lazy", stateDir]));
      return {};
    },
    inject: ({ alpha }) => fill(join(alpha.stateDir, "filler")),
  },
  {
    name: "clock of the holder an hour ahead, then an hour behind",
    promise: neverTwo,
    deadtimes: 4,
    leastMs: 2000,
    missing: () => (faketime() === undefined ? "libfaketime is missing" : undefined),
    prepare: (pair) => ({ alpha: steppable(pair) }),
    inject: (pair) => stepSeen(pair, 3600),
    heal: (pair) => stepSeen(pair, -3600),
  },
];

/** Until nothing more fits. */
function fill(file: string): void {
  const block = Buffer.alloc(4096);
  const fd = openSync(file, "w");
  try {
    for (;;) writeSync(fd, block);
  } catch (error) {
    const isFull = error instanceof Error && "code" in error && error.code === "ENOSPC";
    if (!isFull) throw error;
  } finally {
    closeSync(fd);
  }
}

/** Of Debian's package libfaketime: CLOCK_REALTIME of one program alone, never of the machine. */
function faketime(): string | undefined {
  const folders = readdirSync("/usr/lib").filter((name) => name.endsWith("-linux-gnu"));
  return folders
    .map((name) => `/usr/lib/${name}/faketime/libfaketimeMT.so.1`)
    .find((path) => existsSync(path));
}

function steppable(pair: Pair): readonly string[] {
  step(pair, 0);
  return [
    "env",
    `LD_PRELOAD=${faketime()}`,
    `FAKETIME_TIMESTAMP_FILE=${clockFile(pair)}`,
    "FAKETIME_NO_CACHE=1",
    "FAKETIME_DONT_FAKE_MONOTONIC=1",
  ];
}

/** @param seconds - ahead of the machine's clock */
function step(pair: Pair, seconds: number): void {
  writeFileSync(clockFile(pair), `${seconds < 0 ? "" : "+"}${seconds}\n`);
}

/** The daemon says what time it has: a step that it did not see proves nothing. */
async function stepSeen(pair: Pair, seconds: number): Promise<void> {
  step(pair, seconds);
  await until("the daemon to see another time", async () => {
    const time = /"time": ?"([^"]+)"/.exec(await ask(pair.alpha, "status"))?.[1];
    const ahead = (Date.parse(time ?? "") - Date.now()) / 1000;
    return Math.abs(ahead - seconds) < 60;
  });
}

function clockFile({ folder }: Pair): string {
  return join(folder, "clock");
}
