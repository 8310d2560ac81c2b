/**
 * A program: floods a port with datagrams of one kind. Arguments: kind, address, port, seconds,
 * datagrams a second. Ends by printing how many were sent.
 */
import { createHash } from "node:crypto";
import { createSocket } from "node:dgram";
import { groupName, nodeName } from "../../../src/core/index.ts";
import { millis } from "../../../src/std/time.ts";
import { encodeHeartbeat } from "../../../src/wire/index.ts";
import { monotonicMs } from "./until.ts";

/** UDP over IPv4 carries no more: 65,535 less the headers of both. */
const LARGEST = 65_507;

const [kind = "", address = "", port = "", seconds = "", rate = ""] = process.argv.slice(2);
const datagram = datagramOf(kind);
const socket = createSocket({ type: "udp4", sendBufferSize: 4 * 1024 * 1024 });
let sent = 0;

socket.on("error", () => undefined);
socket.connect(Number(port), address, () => {
  const startedAt = monotonicMs();
  const flow = setInterval(() => {
    const elapsed = Math.min(monotonicMs() - startedAt, Number(seconds) * 1000);
    for (const due = (elapsed * Number(rate)) / 1000; sent < due; sent++) socket.send(datagram);
    if (elapsed < Number(seconds) * 1000) return;
    clearInterval(flow);
    socket.close(() => console.log(sent));
  }, 1);
});

function datagramOf(name: string): Buffer {
  switch (name) {
    case "garbage":
      return createHash("sha512").update("anything").digest();
    case "huge":
      return Buffer.alloc(LARGEST, ">>>\n");
    case "forged":
      return Buffer.from(forged());
    default:
      throw new Error(`no kind of datagram: ${name}`);
  }
}

/** Right in everything, and of the peer that it must not be taken for; but for the key. */
function forged(): Uint8Array {
  const claims = [
    {
      group: groupName("10.77.0.100"),
      term: 99,
      at: "held",
      pinned: false,
      reason: "start",
      from: undefined,
      age: millis(1000),
    },
  ] as const;
  const message = {
    from: nodeName("beta"),
    boot: "0123456789abcdef",
    generation: 2 ** 31,
    sequence: 1,
    changed: 1,
    phase: "active",
    deadtime: millis(1000),
    claims,
    stances: [],
    hears: [],
    digest: "0123456789abcdef",
    reach: undefined,
  } as const;
  const stamp = { seconds: 1, load: "0.00 0.00 0.00 1/1 1", ttl: 3, uuid: new Uint8Array(16) };
  return encodeHeartbeat(message, stamp, { index: 1, method: "sha256", secret: "a guess" });
}
