/**
 * What tcpdump sees of what a test does.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Namespace } from "./namespace.ts";

export interface Wanted {
  readonly at: Namespace;
  readonly device: string;
  /** pcap-filter(7) */
  readonly filter: string;
  readonly count: number;
}

/** One line for each packet that `action` causes. Ends when there are as many as wanted. */
export async function capture(
  wanted: Wanted,
  action: () => void | Promise<void>,
): Promise<readonly string[]> {
  const options = ["-i", wanted.device, "-n", "-e", "-vv", "-t", "--immediate-mode", "-l"];
  const what = ["-c", String(wanted.count), wanted.filter];
  const command = ["netns", "exec", wanted.at.name, "tcpdump", ...options, ...what];
  const tcpdump = spawn("ip", command, { stdio: ["ignore", "pipe", "pipe"] });
  let text = "";
  tcpdump.stdout.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
  const ended = once(tcpdump, "close");
  // It says "listening on eth0" when it does.
  await once(tcpdump.stderr, "data");
  await action();
  await ended;
  // A packet's further lines are indented.
  const packets = text.trim().split(/\n(?!\s)/);
  return packets.map((lines) => lines.replaceAll(/\s+/g, " "));
}
