/**
 * What a client asks, as frames, and what tcpdump keeps of the answers.
 *
 * Four questions a millisecond: who has the virtual IP (ARP, or a neighbour solicitation), to all;
 * are you the virtual IP (an echo request), to the hardware address of each node, whatever the
 * client's own kernel believes; and an ordinary ping, which goes where that kernel believes it to be.
 */
import { ipBytes, macBytes } from "../../src/linux/ip-text.ts";

/** Who asks, and for what. */
export interface Eye {
  readonly virtualIp: string;
  /** Of the client: its address of the same family, and its hardware address. */
  readonly address: string;
  readonly mac: string;
  /** The hardware addresses of the nodes on the service network. */
  readonly nodes: Readonly<Record<string, string>>;
}

/** Identifiers of echo requests: those to the node of an index, and the ordinary ones. */
const DIRECT = 0xfa00;
const ORDINARY = 0xfaff;

const [ARP, IPV4, IPV6] = [0x0806, 0x0800, 0x86dd];
const ETHERNET = 14;
const [ICMP, ICMPV6] = [1, 58];
const ECHO = { 4: { request: 8, reply: 0 }, 6: { request: 128, reply: 129 } } as const;
const [SOLICITATION, ADVERTISEMENT] = [135, 136];

type Family = 4 | 6;

export function familyOf(address: string): Family {
  return address.includes(":") ? 6 : 4;
}

/** The frames of one millisecond. */
export function questionsOf(eye: Eye): readonly Uint8Array[] {
  const family = familyOf(eye.virtualIp);
  const who = family === 4 ? arpRequest(eye) : solicitation(eye);
  const direct = Object.values(eye.nodes).map((mac, index) => {
    const echo = message(ECHO[family].request, DIRECT + index);
    return packet(eye, { mac, to: ipBytes(eye.virtualIp) }, echo);
  });
  return [who, ...direct];
}

/** The ordinary ping: an ICMP message, to which the kernel adds the rest. */
export function pingOf(eye: Eye): Uint8Array {
  const family = familyOf(eye.virtualIp);
  const ping = message(ECHO[family].request, ORDINARY);
  // The kernel computes that of ICMPv6 (raw(7) for IPv6: RFC 3542 §3.1).
  if (family === 4) ping.writeUInt16BE(checksum(ping), 2);
  return ping;
}

/** For tcpdump: what {@link readFrame} understands. */
export function filterOf({ mac, virtualIp }: Eye): string {
  const answers =
    familyOf(virtualIp) === 4
      ? "(arp and arp[6:2] = 2) or (icmp and icmp[0] = 0)"
      : "icmp6 and (ip6[40] = 129 or ip6[40] = 136)";
  const asked =
    familyOf(virtualIp) === 4
      ? `icmp and icmp[0] = 8 and icmp[4:2] = ${DIRECT}`
      : `icmp6 and ip6[40] = 128 and ip6[44:2] = ${DIRECT}`;
  return `(ether dst ${mac} and (${answers})) or (${asked})`;
}

/** `asked`: the client runs, and has sent its questions. */
export type Seen =
  | { readonly type: "asked" }
  | { readonly type: "answer"; readonly mac: string; readonly isOrdinary: boolean };

/** Undefined: it is of no interest. */
export function readFrame(frame: Buffer, virtualIp: Buffer): Seen | undefined {
  const mac = frame.toString("hex", 6, 12);
  switch (frame.readUInt16BE(12)) {
    case ARP:
      return frame.subarray(28, 32).equals(virtualIp)
        ? { type: "answer", mac, isOrdinary: false }
        : undefined;
    case IPV4: {
      const icmp = frame.subarray(ETHERNET + (frame[ETHERNET]! & 15) * 4);
      return readIcmp(icmp, { mac, isOfVirtualIp: frame.subarray(26, 30).equals(virtualIp) });
    }
    case IPV6: {
      const icmp = frame.subarray(ETHERNET + 40);
      const isAdvertisement = icmp[0] === ADVERTISEMENT;
      const source = isAdvertisement ? icmp.subarray(8, 24) : frame.subarray(22, 38);
      return readIcmp(icmp, { mac, isOfVirtualIp: source.equals(virtualIp) });
    }
    default:
      return undefined;
  }
}

function readIcmp(
  icmp: Buffer,
  { mac, isOfVirtualIp }: { mac: string; isOfVirtualIp: boolean },
): Seen | undefined {
  const type = icmp[0];
  if (type === ECHO[4].request || type === ECHO[6].request) return { type: "asked" };
  if (!isOfVirtualIp) return undefined;
  const isOrdinary = type !== ADVERTISEMENT && icmp.readUInt16BE(4) === ORDINARY;
  return { type: "answer", mac, isOrdinary };
}

/** An echo request or a solicitation without its content: eight bytes, and eight more. */
function message(type: number, identifier: number): Buffer {
  const bytes = Buffer.alloc(16);
  bytes.writeUInt8(type, 0);
  bytes.writeUInt16BE(identifier, 4);
  return bytes;
}

/** RFC 826. It is a question of the client's own: with its address, as its kernel would ask. */
function arpRequest({ virtualIp, address, mac }: Eye): Buffer {
  const body = Buffer.concat([
    Uint8Array.of(0, 1, 8, 0, 6, 4, 0, 1),
    macBytes(mac),
    ipBytes(address),
    new Uint8Array(6),
    ipBytes(virtualIp),
  ]);
  return ethernet({ to: macBytes("ff:ff:ff:ff:ff:ff"), from: mac, type: ARP }, body);
}

/** RFC 4861 §4.3, to the solicited-node group of the address (RFC 4291 §2.7.1). */
function solicitation(eye: Eye): Buffer {
  const target = ipBytes(eye.virtualIp);
  const body = Buffer.concat([
    message(SOLICITATION, 0).subarray(0, 8),
    target,
    // The option Source Link-Layer Address.
    Uint8Array.of(1, 1),
    macBytes(eye.mac),
  ]);
  const group = ipBytes("ff02::1:ff00:0");
  group.set(target.subarray(13), 13);
  const mac = Buffer.concat([Uint8Array.of(0x33, 0x33), group.subarray(12)]);
  return packet(eye, { mac: colons(mac), to: group }, body);
}

/** An IP packet in its frame: the checksum of the message is worked out here. */
function packet(
  { address, mac }: Eye,
  to: { readonly mac: string; readonly to: Uint8Array },
  body: Buffer,
): Buffer {
  const from = ipBytes(address);
  if (from.length === 4) {
    body.writeUInt16BE(checksum(body), 2);
    const head = Buffer.from([0x45, 0, 0, 20 + body.length, 0, 0, 0x40, 0, 64, ICMP, 0, 0]);
    const header = Buffer.concat([head, from, to.to]);
    header.writeUInt16BE(checksum(header), 10);
    return ethernet({ to: macBytes(to.mac), from: mac, type: IPV4 }, Buffer.concat([header, body]));
  }
  // RFC 8200 §8.1: the pseudo header.
  const pseudo = Buffer.concat([from, to.to, Buffer.from([0, 0, 0, body.length, 0, 0, 0, ICMPV6])]);
  body.writeUInt16BE(checksum(Buffer.concat([pseudo, body])), 2);
  const head = Buffer.from([0x60, 0, 0, 0, 0, body.length, ICMPV6, 255]);
  const header = Buffer.concat([head, from, to.to]);
  return ethernet({ to: macBytes(to.mac), from: mac, type: IPV6 }, Buffer.concat([header, body]));
}

function ethernet(
  header: { readonly to: Uint8Array; readonly from: string; readonly type: number },
  body: Uint8Array,
): Buffer {
  const type = Uint8Array.of(header.type >> 8, header.type & 0xff);
  return Buffer.concat([header.to, macBytes(header.from), type, body]);
}

/** RFC 1071 */
function checksum(bytes: Buffer): number {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2) sum += (bytes[at]! << 8) | (bytes[at + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return 0xffff & ~sum;
}

function colons(mac: Uint8Array): string {
  return Array.from(mac, (byte) => byte.toString(16).padStart(2, "0")).join(":");
}
