/**
 * What went over the heartbeat network: every datagram, in the order in which the switch saw them.
 */
import { readFileSync } from "node:fs";
import type { Namespace } from "../../netns/lab/namespace.ts";
import { until } from "../../netns/lab/until.ts";

export interface Captured {
  /** Milliseconds since the first. */
  readonly at: number;
  /** The sender's address. */
  readonly from: string;
  readonly payload: Buffer;
  /** The text of a field of heartbeat's, in either framing; undefined if there is none. */
  field(name: string): string | undefined;
}

export interface Capture {
  /** All so far. */
  datagrams(): readonly Captured[];
  /** Those of a type, `t=`, so far. */
  ofType(type: string): readonly Captured[];
}

/** @param file - where to keep it, in the form of pcap(5) */
export async function startCapture(hub: Namespace, bridge: string, file: string): Promise<Capture> {
  // Without a second's delay: what has happened is to be seen at once.
  const options = [
    "--immediate-mode",
    "-i",
    bridge,
    "-s",
    "0",
    "-U",
    "-Z",
    "root",
    "-w",
    file,
    "udp",
    "port",
    "694",
  ];
  const child = hub.spawn("tcpdump", options);
  let said = "";
  child.stderr!.on("data", (chunk: Buffer) => (said += chunk.toString()));
  await until("the capture to begin", () => said.includes("listening on"));
  const datagrams = (): readonly Captured[] => parsePcap(readFileSync(file));
  return {
    datagrams,
    ofType: (type) => datagrams().filter((each) => each.field("t") === type),
  };
}

/** pcap-savefile(5), written on this machine: its byte order is ours, and ours is little-endian. */
function parsePcap(bytes: Buffer): readonly Captured[] {
  const all: Captured[] = [];
  let first: number | undefined;
  for (let at = 24; at + 16 <= bytes.length;) {
    const length = bytes.readUInt32LE(at + 8);
    const frame = bytes.subarray(at + 16, at + 16 + length);
    // The rest has not been written yet.
    if (frame.length < length) break;
    const time = bytes.readUInt32LE(at) * 1000 + bytes.readUInt32LE(at + 4) / 1000;
    first ??= time;
    all.push(datagramOf(frame, time - first));
    at += 16 + length;
  }
  return all;
}

/** Ethernet, IPv4 (RFC 791), UDP (RFC 768): nothing else passes the filter. */
function datagramOf(frame: Buffer, at: number): Captured {
  const header = 14 + (frame[14]! & 15) * 4;
  const payload = frame.subarray(header + 8, header + frame.readUInt16BE(header + 4));
  const text = payload.toString("latin1");
  return {
    at,
    from: frame.subarray(26, 30).join("."),
    payload,
    field: (name) => new RegExp(`(?:\\n|\\(0\\))${name}=([^\\n,]*)`).exec(text)?.[1],
  };
}

/** A page that a reader can follow: heartbeats that say nothing new are left out. */
export function describeCapture(capture: Capture): string {
  const said = new Map<string, string>();
  const lines: string[] = [];
  for (const datagram of capture.datagrams()) {
    const words = describe(datagram);
    const isStatus = datagram.field("t") === "status";
    if (isStatus && said.get(datagram.from) === words) continue;
    if (isStatus) said.set(datagram.from, words);
    const seq = datagram.field("seq");
    lines.push(
      `${(datagram.at / 1000).toFixed(3)} ${datagram.from} ${seq === undefined ? "" : `#${seq} `}${words}`,
    );
  }
  return lines.join("\n");
}

const shown =
  "t dest st dt hg rsc_hold rtype isstable info ackseq firstseq lastseq nodelist ipaddr weown ok node result num_ping us_phase us_claims".split(
    " ",
  );

function describe(datagram: Captured): string {
  return shown
    .filter((name) => datagram.field(name) !== undefined)
    .map((name) => `${name}=${datagram.field(name)}`)
    .join(" ");
}
