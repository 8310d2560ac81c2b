import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Input } from "../../../src/core/index.ts";
import type { Pings } from "../../../src/daemon/pings.ts";
import { openPings } from "../../../src/daemon/pings.ts";
import type { Echo, EchoSocket } from "../../../src/linux/icmp.ts";
import { openEchoSocket } from "../../../src/linux/icmp.ts";
import { AF_INET, SOCK_OURS, SOCK_RAW } from "../../../src/linux/socket.ts";
import { close, receive, send, socket } from "../../../src/linux/syscall.ts";
import type { Namespace } from "./namespace.ts";
import { connect, createNamespace, patience, valueOf } from "./namespace.ts";

let host: Namespace;
let peer: Namespace;
const open: { close(): void }[] = [];

beforeAll(() => {
  host = createNamespace("host");
  peer = createNamespace("peer");
  connect(host, "eth0", peer, "eth0");
  host.ip("addr add 10.0.0.1/24 brd + dev eth0");
  peer.ip("addr add 10.0.0.2/24 brd + dev eth0");
});

afterEach(() => {
  for (const each of open.splice(0)) each.close();
});

afterAll(() => {
  host.remove();
  peer.remove();
});

function asker(identifier: number): { readonly socket: EchoSocket; readonly answers: Echo[] } {
  const answers: Echo[] = [];
  const opened = host.inside(() =>
    valueOf(openEchoSocket(identifier, (answer) => answers.push(answer))),
  );
  open.push(opened);
  return { socket: opened, answers };
}

test("another host answers what it was asked, and brings the payload back", async () => {
  const { socket: ours, answers } = asker(0xbeef);
  const payload = Uint8Array.from([1, 2, 3]);
  valueOf(ours.ask("10.0.0.2", 7, payload));
  await expect
    .poll(() => answers, patience)
    .toEqual([{ identifier: 0xbeef, sequence: 7, payload }]);
});

test("answers to others who ask from this host are not heard", async () => {
  const [one, other] = [asker(0x0001), asker(0x0002)];
  for (const { socket: each } of [one, other]) {
    for (const sequence of [1, 2]) valueOf(each.ask("10.0.0.2", sequence, new Uint8Array(4)));
  }
  await expect.poll(() => one.answers.length, patience).toBe(2);
  await expect.poll(() => other.answers.length, patience).toBe(2);
  expect(new Set(one.answers.map(({ identifier }) => identifier))).toEqual(new Set([1]));
});

test("to ask where no way leads is an errno, and not a fault of the socket", async () => {
  const { socket: ours, answers } = asker(3);
  expect(ours.ask("192.0.2.1", 1, new Uint8Array(4))).toMatchObject({
    ok: false,
    error: { errno: "ENETUNREACH" },
  });
  valueOf(ours.ask("10.0.0.2", 2, new Uint8Array(4)));
  await expect.poll(() => answers.map(({ sequence }) => sequence), patience).toEqual([2]);
});

/** A ping node of these hosts, and what the daemon tells the core of it. */
function pinging(hosts: readonly string[]): { readonly pings: Pings; readonly heard: string[] } {
  const heard: string[] = [];
  const note = (input: Input): void => {
    if (input.type === "pong") heard.push(input.ping);
  };
  const pings = openPings([{ name: "way", hosts }], note, ({ code }) => heard.push(code));
  open.push(pings);
  return { pings, heard };
}

describe("a ping node", () => {
  test("is there as soon as one of its hosts answers", async () => {
    const { pings, heard } = pinging(["10.0.0.3", "10.0.0.2"]);
    host.inside(() => pings.ask());
    await expect.poll(() => heard, patience).toEqual(["way"]);
  });

  test("is not what others answer in its place, unless they saw the question", async () => {
    // Its kernel does not answer: this test does.
    peer.run("sysctl", ["-qw", "net.ipv4.icmp_echo_ignore_all=1"]);
    const liar = peer.inside(() => valueOf(socket(AF_INET, SOCK_RAW | SOCK_OURS, 1)));
    open.push({ close: () => close(liar) });
    const { pings, heard } = pinging(["10.0.0.2"]);
    host.inside(() => pings.ask());
    const question = Buffer.alloc(256);
    let length = 0;
    await expect
      .poll(() => {
        const received = receive(liar, question);
        length = received.ok ? received.value : 0;
        return length;
      }, patience)
      .toBeGreaterThan(28);
    // RFC 792: an answer is the question with another type.
    const truth = changed(question.subarray(20, length), 0, 0);
    const word = truth.readUInt16BE(8);
    const { socket: ours, answers } = asker(5);
    const tell = async (message: Uint8Array): Promise<void> => {
      const to = Buffer.from([AF_INET, 0, 0, 0, 10, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
      valueOf(send(liar, message, to));
      // What came before an answer was read before it.
      answers.length = 0;
      valueOf(ours.ask("10.0.0.1", 1, new Uint8Array(4)));
      await expect.poll(() => answers.length, patience).toBe(1);
    };
    await tell(changed(truth, 8, word ^ 1));
    expect(heard).toEqual([]);
    await tell(truth);
    expect(heard).toEqual(["way"]);
    await tell(truth);
    expect(heard).toEqual(["way"]);
  });
});

test("that ping nodes cannot be asked for want of a socket is told once, and what it is for", () => {
  const pings = new URL("../../../src/daemon/pings.ts", import.meta.url).href;
  const script = `
    import { openPings } from ${JSON.stringify(pings)};
    const tell = (notice) => console.log(JSON.stringify(notice));
    const pings = openPings([{ name: "way", hosts: ["10.0.0.2"] }], tell, tell);
    pings.ask();
    pings.ask();`;
  const node = [process.execPath, "--input-type=module", "--eval", script];
  const printed = host.run("setpriv", ["--bounding-set=-net_raw", ...node]);
  expect(
    printed
      .trim()
      .split("\n")
      .map((line): unknown => JSON.parse(line)),
  ).toEqual([{ code: "socket-refused", purpose: "to ask ping nodes", reason: "socket: EPERM" }]);
});

/** Another word at a place, and the checksum that belongs to it (RFC 1624). */
function changed(bytes: Uint8Array, at: number, word: number): Buffer {
  const message = Buffer.from(bytes);
  const sum = inverse(message.readUInt16BE(2)) + inverse(message.readUInt16BE(at)) + word;
  const folded = (sum & 0xffff) + (sum >>> 16);
  message.writeUInt16BE(inverse((folded & 0xffff) + (folded >>> 16)), 2);
  message.writeUInt16BE(word, at);
  return message;
}

function inverse(value: number): number {
  return 0xffff & ~value;
}
