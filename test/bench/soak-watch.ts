/**
 * What a soak sees from outside: the heartbeats on the cable, and a client that pings the virtual IP.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpus } from "node:os";
import { createInterface } from "node:readline";
import type { Namespace } from "../netns/lab/namespace.ts";
import { until } from "../netns/lab/until.ts";

/** On a busy machine before everything ordinary: what is measured are the daemons. */
const FIRST = ["nice", "-n", "-20"] as const;

export interface Heartbeats {
  /** Forgets what was seen so far. */
  begin(): void;
  /** The time between any two that follow each other, in milliseconds, ascending. */
  gaps(): readonly number[];
}

/**
 * @param port - of the switch: what comes in there is from one node
 * @returns as the kernel timed them when they were sent, however late they are read here
 */
export async function watchHeartbeats(hub: Namespace, port: string): Promise<Heartbeats> {
  const filter = ["-i", port, "-Q", "in", "-n", "-q", "-tt", "-l", "-s", "64", "-B", "16384"];
  const [program, ...nice] = FIRST;
  const tcpdump = hub.spawn(program, [...nice, "tcpdump", ...filter, "udp port 694"]);
  let isWatching = false;
  tcpdump.stderr!.setEncoding("utf8").on("data", (text: string) => {
    isWatching ||= text.includes("listening on");
  });
  let last: number | undefined;
  let gaps: number[] = [];
  createInterface({ input: tcpdump.stdout! }).on("line", (line) => {
    const at = Number.parseFloat(line) * 1000;
    if (last !== undefined) gaps.push(at - last);
    last = at;
  });
  await until("a capture to begin", () => isWatching);
  return {
    begin() {
      gaps = [];
    },
    gaps: () => gaps.toSorted((one, other) => one - other),
  };
}

export interface Pings {
  readonly sent: number;
  readonly lost: number;
  /** The longest run of pings without an answer, in milliseconds. */
  readonly longestMs: number;
}

/** Often enough to meet every outage worth the name, seldom enough to be no load. */
const EVERY_MS = 5;

/** @returns ends it, and says what it saw */
export function startPinging(client: Namespace, address: string): () => Promise<Pings> {
  const [program, ...nice] = FIRST;
  const ping = ["ping", "-n", "-D", "-i", String(EVERY_MS / 1000), address];
  const child = client.spawn(program, [...nice, ...ping]);
  const ended = once(child, "close");
  let last = 0;
  let longest = 0;
  let summary = "";
  createInterface({ input: child.stdout! }).on("line", (line) => {
    const sequence = /icmp_seq=(\d+) ttl/.exec(line)?.[1];
    if (sequence === undefined) {
      if (line.includes("transmitted")) summary = line;
      return;
    }
    // It counts to 65535, and begins anew.
    longest = Math.max(longest, (Number(sequence) - last - 1) & 0xffff);
    last = Number(sequence);
  });
  return async () => {
    child.kill("SIGINT");
    await ended;
    const [, sent, answered] = /^(\d+) packets transmitted, (\d+) received/.exec(summary) ?? [];
    if (sent === undefined) throw new Error("the client saw nothing");
    const lost = Number(sent) - Number(answered);
    return { sent: Number(sent), lost, longestMs: longest * EVERY_MS };
  };
}

export interface Noise {
  begin(): void;
  /** When the machine stood still, oldest first. */
  stalls(): readonly Stall[];
  end(): void;
}

/** In milliseconds, of the wall clock. */
export interface Stall {
  readonly from: number;
  readonly to: number;
}

const noise = new URL("soak-noise.ts", import.meta.url).pathname;

/** One on each processor: see soak-noise.ts. */
export async function listenToNoise(): Promise<Noise> {
  let stalls: Stall[] = [];
  let begun = 0;
  const children = cpus().map((_, cpu) => {
    const command = ["-c", String(cpu), process.execPath, "--single-threaded", noise];
    const child = spawn("taskset", command, { stdio: ["ignore", "pipe", "inherit"] });
    createInterface({ input: child.stdout }).on("line", (line) => {
      const [to = Number.NaN, ms = Number.NaN] = line.split(" ").map(Number);
      if (line === "ready") begun += 1;
      else stalls.push({ from: to - ms, to });
    });
    return child;
  });
  const end = (): void => children.forEach((child) => child.kill("SIGKILL"));
  process.once("exit", end);
  await until("those who listen to the noise", () => begun === children.length);
  return {
    begin() {
      stalls = [];
    },
    stalls: () => stalls.toSorted((one, other) => one.from - other.from),
    end() {
      end();
      process.off("exit", end);
    },
  };
}
