/**
 * A host as the daemon has it, without leases: addresses answer from when they are added.
 */
import type { Host } from "../../../src/daemon/host.ts";
import { openHost } from "../../../src/daemon/host.ts";
import { openLeases } from "../../../src/daemon/leases.ts";
import { now } from "../../../src/linux/clock.ts";
import type { PacketSocket } from "../../../src/linux/packet.ts";
import type { Rtnetlink } from "../../../src/linux/rtnetlink.ts";
import { fail } from "../../../src/std/result.ts";
import { seconds } from "../../../src/std/time.ts";

export function openPlainHost(rtnetlink: Rtnetlink, packets: PacketSocket): Host {
  const leases = openLeases({
    lease: undefined,
    deadtime: seconds(1),
    rtnetlink,
    netfilter: fail({ call: "socket", errno: "EPROTONOSUPPORT" }),
    links: [],
    inherited: undefined,
    now,
  });
  return openHost(rtnetlink, packets, leases);
}
