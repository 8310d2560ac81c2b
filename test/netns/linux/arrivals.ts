/**
 * When frames arrive, by the kernel's clock: for what must not come too often.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Namespace } from "./namespace.ts";

export interface Arrival {
  /** Milliseconds. */
  readonly at: number;
  /** What tcpdump says of it. */
  readonly text: string;
}

export interface Arrivals {
  /** Until now, but for what tcpdump has not read yet. */
  all(): readonly Arrival[];
  stop(): Promise<void>;
}

/** @param filter - pcap-filter(7) */
export async function watchArrivals(
  namespace: Namespace,
  device: string,
  filter: string,
): Promise<Arrivals> {
  // Room for many small ones that come at once.
  const room = ["-s", "128", "-B", "8192"];
  const options = ["-i", device, "-n", "-tt", "--immediate-mode", "-l", ...room, filter];
  const command = ["netns", "exec", namespace.name, "tcpdump", ...options];
  const tcpdump = spawn("ip", command, { stdio: ["ignore", "pipe", "pipe"] });
  let text = "";
  tcpdump.stdout.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
  const ended = once(tcpdump, "close");
  // It says "listening on eth0" when it does.
  await once(tcpdump.stderr, "data");
  return {
    all: () => text.split("\n").slice(0, -1).map(parse),
    async stop() {
      tcpdump.kill();
      await ended;
    },
  };
}

/** The most within any second. */
export function densest(arrivals: readonly Arrival[]): number {
  const counts = arrivals.map(
    ({ at: start }) => arrivals.filter(({ at }) => at >= start && at < start + 1000).length,
  );
  return Math.max(0, ...counts);
}

function parse(line: string): Arrival {
  const [seconds = "", ...words] = line.split(" ");
  return { at: Number(seconds) * 1000, text: words.join(" ") };
}
