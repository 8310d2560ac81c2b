/**
 * Reads what `tcpdump -w` wrote: the payloads of heartbeats, with the time and the sender of each.
 *
 * pcap-savefile(5), of Ethernet (LINKTYPE_ETHERNET), with IPv4 in it.
 */

export interface Captured {
  /** Seconds since 1970. */
  readonly time: number;
  readonly sender: string;
  readonly bytes: Buffer;
}

const FILE_HEADER = 24;
const RECORD_HEADER = 16;
const ETHERNET = { linkType: 1, header: 14, typeAt: 12, ipv4: 0x0800 };
const [ICMP, UDP] = [1, 17];
/** Of UDP and of an ICMP echo alike. */
const TRANSPORT_HEADER = 8;

/** Everything that begins like a heartbeat: UDP of any port, and echoes of the original's `ping`. */
export function heartbeatsIn(file: Buffer): readonly Captured[] {
  const read = readerOf(file);
  if (read.u32(20) !== ETHERNET.linkType) throw new Error("not a capture of Ethernet");
  const all: Captured[] = [];
  let at = FILE_HEADER;
  while (at + RECORD_HEADER <= file.length) {
    const length = read.u32(at + 8);
    const frame = file.subarray(at + RECORD_HEADER, at + RECORD_HEADER + length);
    const found = payloadOf(frame);
    const time = read.u32(at) + read.u32(at + 4) / read.perSecond;
    if (found !== undefined) all.push({ time, ...found });
    at += RECORD_HEADER + length;
  }
  return all;
}

/** The first four bytes tell the order of all bytes, and whether times are in nanoseconds. */
function readerOf(file: Buffer): { u32: (at: number) => number; perSecond: number } {
  const magic = file.length < FILE_HEADER ? "" : file.toString("hex", 0, 4);
  const perSecond = { d4c3b2a1: 1e6, a1b2c3d4: 1e6, "4d3cb2a1": 1e9, a1b23c4d: 1e9 }[magic];
  if (perSecond === undefined) throw new Error("not a capture of tcpdump -w");
  const isLittle = magic.endsWith("a1");
  return { u32: (at) => (isLittle ? file.readUInt32LE(at) : file.readUInt32BE(at)), perSecond };
}

function payloadOf(frame: Buffer): Omit<Captured, "time"> | undefined {
  const ip = frame.subarray(ETHERNET.header);
  const isIp = frame.length > ETHERNET.header + 20;
  if (!isIp || frame.readUInt16BE(ETHERNET.typeAt) !== ETHERNET.ipv4) return undefined;
  const header = ((ip[0] ?? 0) & 0x0f) * 4;
  const packet = ip.subarray(header, ip.readUInt16BE(2));
  const isEcho = ip[9] === ICMP && (packet[0] === 0 || packet[0] === 8);
  if (!isEcho && ip[9] !== UDP) return undefined;
  const bytes = packet.subarray(TRANSPORT_HEADER);
  if (!/^(?:>>>|###)\n/.test(bytes.toString("latin1", 0, 4))) return undefined;
  return { sender: [...ip.subarray(12, 16)].join("."), bytes };
}
