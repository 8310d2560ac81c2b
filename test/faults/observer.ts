/**
 * A client at work: a process that asks, and a tcpdump that notes with the kernel's times what was
 * asked and what was answered, however busy the machine is with other things.
 */
import { ipBytes } from "../../src/linux/ip-text.ts";
import type { Namespace } from "../netns/lab/namespace.ts";
import { until } from "../netns/lab/until.ts";
import type { Captured } from "./capture.ts";
import { FIRST, startCapture } from "./capture.ts";
import type { Eye } from "./frames.ts";
import { filterOf, readFrame } from "./frames.ts";
import type { Answer, Sight } from "./verdict.ts";

export interface Observer {
  /** Ends it, and reads what it saw. Times are milliseconds of the wall clock, to the microsecond. */
  end(): Promise<Sight>;
}

const prober = new URL("prober.ts", import.meta.url).pathname;

/** @param file - where the capture is kept until it is read */
export async function startObserver(client: Namespace, eye: Eye, file: string): Promise<Observer> {
  const device = "eth0";
  const capture = await startCapture(client, { device, filter: filterOf(eye), bytes: 96, file });
  const [program, ...first] = FIRST;
  // What goes first must not wait for threads of V8's that do not.
  const question = [process.execPath, "--single-threaded", prober, JSON.stringify(eye)];
  const asking = client.spawn(program, [...first, ...question]);
  let complaint = "";
  let isAsking = false;
  asking.stdout!.once("data", () => (isAsking = true));
  asking.stderr!.setEncoding("utf8").on("data", (chunk: string) => (complaint += chunk));
  await until("a client to ask", () => isAsking || complaint !== "");
  return {
    async end() {
      if (complaint !== "") throw new Error(`the client failed: ${complaint}`);
      asking.kill("SIGKILL");
      return sightOf(await capture.end(), eye);
    },
  };
}

/** The hardware address of a machine on the service network. */
export function macOf(namespace: Namespace): string {
  const mac = /link\/ether (\S+)/.exec(namespace.ip("link show dev eth0"))?.[1];
  if (mac === undefined) throw new Error(`${namespace.name} has no eth0`);
  return mac;
}

function sightOf(captured: readonly Captured[], { virtualIp, nodes }: Eye): Sight {
  const names = new Map(
    Object.entries(nodes).map(([name, mac]) => [mac.replaceAll(":", ""), name]),
  );
  const wanted = Buffer.from(ipBytes(virtualIp));
  const asked: number[] = [];
  const answers: Answer[] = [];
  for (const { at, frame } of captured) {
    const seen = readFrame(frame, wanted);
    if (seen?.type === "asked") asked.push(at);
    if (seen?.type !== "answer") continue;
    const node = names.get(seen.mac);
    if (node === undefined) throw new Error(`a stranger answers: ${seen.mac}`);
    answers.push({ at, node, isOrdinary: seen.isOrdinary });
  }
  return { asked, answers };
}
