/**
 * A client at work: a process that asks, and a tcpdump that notes with the kernel's times what was
 * asked and what was answered, however busy the machine is with other things.
 */
import { once } from "node:events";
import { readFileSync, rmSync, statSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { ipBytes } from "../../src/linux/ip-text.ts";
import type { Namespace } from "../netns/lab/namespace.ts";
import { until } from "../netns/lab/until.ts";
import type { Eye } from "./frames.ts";
import { filterOf, readFrame } from "./frames.ts";
import type { Answer, Sight } from "./verdict.ts";

export interface Observer {
  /** Ends it, and reads what it saw. Times are milliseconds of the wall clock, to the microsecond. */
  end(): Promise<Sight>;
}

const prober = new URL("prober.ts", import.meta.url).pathname;

/** Before everything else on a busy machine: what is measured are the nodes. */
const FIRST = ["nice", "-n", "-15"] as const;

/** @param file - where the capture is kept until it is read */
export async function startObserver(client: Namespace, eye: Eye, file: string): Promise<Observer> {
  const options = ["-i", "eth0", "-n", "-s", "96", "-U", "-B", "16384", "-Z", "root", "-w", file];
  const precise = ["--time-stamp-precision=nano", "--immediate-mode"];
  const [program, ...nice] = FIRST;
  const command = [...nice, "tcpdump", ...precise, ...options, filterOf(eye)];
  const tcpdump = client.spawn(program, command);
  const ended = once(tcpdump, "close");
  let said = "";
  tcpdump.stderr!.setEncoding("utf8").on("data", (chunk: string) => (said += chunk));
  await until("a capture to begin", () => said.includes("listening on"));
  const asking = client.spawn(program, [...nice, process.execPath, prober, JSON.stringify(eye)]);
  let complaint = "";
  let isAsking = false;
  asking.stdout!.once("data", () => (isAsking = true));
  asking.stderr!.setEncoding("utf8").on("data", (chunk: string) => (complaint += chunk));
  await until("a client to ask", () => isAsking || complaint !== "");
  return {
    async end() {
      if (complaint !== "") throw new Error(`the client failed: ${complaint}`);
      asking.kill("SIGKILL");
      await calm(file);
      tcpdump.kill("SIGINT");
      await ended;
      const dropped = /(\d+) packets? dropped by kernel/.exec(said)?.[1];
      if (dropped !== "0") throw new Error(`a capture is not whole: ${said}`);
      const sight = sightOf(readFileSync(file), eye);
      rmSync(file);
      return sight;
    },
  };
}

/** What tcpdump has not read when it is ended is lost: nobody asks any more, so it comes to an end. */
async function calm(file: string): Promise<void> {
  const size = (): number => statSync(file).size;
  for (let before = -1; before !== size();) {
    before = size();
    await pause(100);
  }
}

/** pcap-savefile(5), with nanoseconds, written on this machine: in little-endian order. */
const FILE_HEADER = 24;
const RECORD_HEADER = 16;
const NANOSECONDS = 0xa1b2_3c4d;

function sightOf(file: Buffer, { virtualIp, nodes }: Eye): Sight {
  if (file.readUInt32LE(0) !== NANOSECONDS) throw new Error("not a capture with nanoseconds");
  const names = new Map(
    Object.entries(nodes).map(([name, mac]) => [mac.replaceAll(":", ""), name]),
  );
  const wanted = Buffer.from(ipBytes(virtualIp));
  const asked: number[] = [];
  const answers: Answer[] = [];
  for (let at = FILE_HEADER; at + RECORD_HEADER <= file.length;) {
    const length = file.readUInt32LE(at + 8);
    const time = file.readUInt32LE(at) * 1000 + file.readUInt32LE(at + 4) / 1e6;
    const frame = file.subarray(at + RECORD_HEADER, at + RECORD_HEADER + length);
    at += RECORD_HEADER + length;
    const seen = readFrame(frame, wanted);
    if (seen?.type === "asked") asked.push(time);
    if (seen?.type !== "answer") continue;
    const node = names.get(seen.mac);
    if (node === undefined) throw new Error(`a stranger answers: ${seen.mac}`);
    answers.push({ at: time, node, isOrdinary: seen.isOrdinary });
  }
  return { asked, answers };
}
