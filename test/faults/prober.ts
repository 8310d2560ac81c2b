import { ipBytes } from "../../src/linux/ip-text.ts";
import { openPacketSocket } from "../../src/linux/packet.ts";
import { AF_INET, AF_INET6, SOCK_OURS, SOCK_RAW } from "../../src/linux/socket.ts";
import { attachFilter, interfaceIndex, send, socket } from "../../src/linux/syscall.ts";
import { instruction } from "../../src/linux/udp-socket.ts";
import { monotonicMs } from "../netns/lab/until.ts";
/**
 * A program: a client that asks for the virtual IP in every way once a millisecond (frames.ts), and
 * leaves it to tcpdump to note the answers. Its only argument is an `Eye` as JSON. Never ends.
 */
import { familyOf, pingOf, questionsOf } from "./frames.ts";
import type { Eye } from "./frames.ts";

/** After a stall of its own it does not make up for more than this. */
const BURST_MAX = 5;

const eye: Eye = parseEye(process.argv[2] ?? "");
const family = familyOf(eye.virtualIp);
const questions = questionsOf(eye);
const ping = pingOf(eye);
const to = socketAddress(eye.virtualIp);
const frames = valueOf(openPacketSocket());
const device = valueOf(interfaceIndex("eth0"));
const pings = valueOf(
  family === 4
    ? socket(AF_INET, SOCK_RAW | SOCK_OURS, 1)
    : socket(AF_INET6, SOCK_RAW | SOCK_OURS, 58),
);
// It reads nothing: "return 0" keeps nothing.
valueOf(attachFilter(pings, instruction(0x06, 0, 0, 0)));

const clock = new Int32Array(new SharedArrayBuffer(4));
let isReady = false;
const startedAt = monotonicMs();
for (let sent = 0; ;) {
  const due = monotonicMs() - startedAt;
  sent = Math.max(sent, Math.floor(due) - BURST_MAX);
  // What the kernel does not take is a lost one.
  for (; sent < due; sent++) {
    frames.sendFrames(device, questions);
    send(pings, ping, to);
  }
  if (!isReady) console.log("ready");
  isReady = true;
  // Nothing comes in: a process that only sleeps keeps better time than one with an event loop.
  Atomics.wait(clock, 0, 0, Math.max(0.05, sent - (monotonicMs() - startedAt)));
}

/** include/uapi/linux/in.h struct sockaddr_in, in6.h struct sockaddr_in6 */
function socketAddress(address: string): Uint8Array {
  const bytes = Buffer.alloc(family === 4 ? 16 : 28);
  bytes.writeUInt16LE(family === 4 ? AF_INET : AF_INET6, 0);
  bytes.set(ipBytes(address), family === 4 ? 4 : 8);
  return bytes;
}

/** It is our own program that gives it. */
function parseEye(text: string): Eye {
  const value: unknown = JSON.parse(text);
  if (!isEye(value)) throw new Error(`not an eye: ${text}`);
  return value;
}

function isEye(value: unknown): value is Eye {
  return typeof value === "object" && value !== null && "virtualIp" in value;
}

function valueOf<T>(result: { ok: true; value: T } | { ok: false; error: unknown }): T {
  if (!result.ok) throw new Error(`the client failed: ${JSON.stringify(result.error)}`);
  return result.value;
}
