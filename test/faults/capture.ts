/**
 * What an interface sees, noted by tcpdump with the kernel's times, and read when all is over.
 */
import { once } from "node:events";
import { readFileSync, rmSync, statSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import type { Namespace } from "../netns/lab/namespace.ts";
import { until } from "../netns/lab/until.ts";

export interface Captured {
  /** Milliseconds of the wall clock, to the microsecond. */
  readonly at: number;
  /** As much of it as was asked for. */
  readonly frame: Buffer;
}

export interface Capture {
  /** Ends it. @throws if something is missing in it */
  end(): Promise<readonly Captured[]>;
}

export interface CaptureOptions {
  readonly device: string;
  /** Of pcap-filter(7). */
  readonly filter: string;
  /** Of each frame so many bytes are kept. */
  readonly bytes: number;
  /** Where it is kept until it is read. */
  readonly file: string;
}

/**
 * Before everything else: what is measured are the nodes. A client is a machine of its own, and a daemon
 * with a realtime priority keeps no other machine from its processors.
 */
export const FIRST = ["chrt", "-f", "50"] as const;

/** Ends when nothing is missed any more. */
export async function startCapture(
  namespace: Namespace,
  { device, filter, bytes, file }: CaptureOptions,
): Promise<Capture> {
  const options = ["-i", device, "-n", "-s", String(bytes), "-U", "-B", "16384", "-Z", "root"];
  const precise = ["--time-stamp-precision=nano", "--immediate-mode"];
  const [program, ...first] = FIRST;
  const command = [...first, "tcpdump", ...precise, ...options, "-w", file, filter];
  const tcpdump = namespace.spawn(program, command);
  const ended = once(tcpdump, "close");
  let said = "";
  tcpdump.stderr!.setEncoding("utf8").on("data", (chunk: string) => (said += chunk));
  await until("a capture to begin", () => said.includes("listening on"));
  return {
    async end() {
      await calm(file);
      tcpdump.kill("SIGINT");
      await ended;
      const dropped = /(\d+) packets? dropped by kernel/.exec(said)?.[1];
      if (dropped !== "0") throw new Error(`a capture is not whole: ${said}`);
      const captured = parse(readFileSync(file));
      rmSync(file);
      return captured;
    },
  };
}

/** What tcpdump has not read when it is ended is lost: what has come is read within this time. */
async function calm(file: string): Promise<void> {
  const size = (): number => statSync(file).size;
  for (let before = -1, tries = 0; before !== size() && tries < CALM_TRIES; tries++) {
    before = size();
    await pause(100);
  }
}

/** Where something comes all the time, such as heartbeats, it never is. */
const CALM_TRIES = 20;

/** pcap-savefile(5), with nanoseconds, written on this machine: in little-endian order. */
const FILE_HEADER = 24;
const RECORD_HEADER = 16;
const NANOSECONDS = 0xa1b2_3c4d;

function parse(file: Buffer): readonly Captured[] {
  if (file.readUInt32LE(0) !== NANOSECONDS) throw new Error("not a capture with nanoseconds");
  const all: Captured[] = [];
  for (let at = FILE_HEADER; at + RECORD_HEADER <= file.length;) {
    const length = file.readUInt32LE(at + 8);
    const time = file.readUInt32LE(at) * 1000 + file.readUInt32LE(at + 4) / 1e6;
    const begin = at + RECORD_HEADER;
    at = begin + length;
    all.push({ at: time, frame: file.subarray(begin, at) });
  }
  return all;
}
