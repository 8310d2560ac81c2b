/**
 * A program: says over and over, in ARP, that the machine of an interface has an address. Arguments:
 * interface, address, seconds, frames a second. Ends by printing how many were sent.
 */
import { encodeArpAnnouncements } from "../../../src/linux/arp.ts";
import { openPacketSocket } from "../../../src/linux/packet.ts";
import { openRtnetlink } from "../../../src/linux/rtnetlink.ts";
import { valueOf } from "./namespace.ts";

const [device = "", address = "", seconds = "", rate = ""] = process.argv.slice(2);
const kernel = valueOf(openRtnetlink());
const link = valueOf(kernel.links()).find(({ name }) => name === device);
const packets = valueOf(openPacketSocket());
const frames = encodeArpAnnouncements(link!.mac!, address).slice(0, 1);
const startedAt = performance.now();
let sent = 0;

const flow = setInterval(() => {
  const elapsed = Math.min(performance.now() - startedAt, Number(seconds) * 1000);
  for (const due = (elapsed * Number(rate)) / 1000; sent < due; sent++) {
    packets.sendFrames(link!.index, frames);
  }
  if (elapsed < Number(seconds) * 1000) return;
  clearInterval(flow);
  console.log(sent);
}, 1);
