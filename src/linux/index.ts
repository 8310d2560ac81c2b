/**
 * Linux: addresses, interfaces, announcements, sockets, the clock. Talks to the kernel and decides
 * nothing.
 *
 * No call waits for anything but the kernel itself. What the kernel refuses is an {@link Errno}.
 */
export type { AddressKey, KernelAddress, Placement } from "./address.ts";
export { isSameAddress } from "./address.ts";
export type { AddressPlace } from "./address-use-filter.ts";
export type { AddressUse } from "./address-use.ts";
export type { AddressWatch } from "./address-watch.ts";
export { openAddressWatch } from "./address-watch.ts";
export type { ArpFrame } from "./arp.ts";
export { decodeArp, encodeArpAnnouncements, encodeArpProbe } from "./arp.ts";
export type { Alarm } from "./alarm.ts";
export { openAlarm } from "./alarm.ts";
export { now } from "./clock.ts";
export type { Errno } from "./errno.ts";
export type { KernelWatch } from "./events.ts";
export { watchKernel } from "./events.ts";
export type { Echo, EchoSocket } from "./icmp.ts";
export { openEchoSocket } from "./icmp.ts";
export type { Link } from "./link.ts";
export { nowhere } from "./link.ts";
export type { Netfilter } from "./netfilter.ts";
export { openNetfilter } from "./netfilter.ts";
export type { GuardAbility, GuardContents, GuardedDevice } from "./nftables-guard.ts";
export { guardedDevices } from "./nftables-guard.ts";
export { encodeAddressProbe, encodeAdvertisement } from "./ndp.ts";
export { notify } from "./notify.ts";
export type { PacketSocket } from "./packet.ts";
export { openPacketSocket } from "./packet.ts";
export type { Obstacle, Resolver, WantedAddress } from "./resolve.ts";
export { resolve, resolverOf } from "./resolve.ts";
export { goFirst, goOrdinary, goRealtime, lockProgram } from "./realtime.ts";
export type { Rtnetlink } from "./rtnetlink.ts";
export { openRtnetlink } from "./rtnetlink.ts";
export type { Pipe } from "./pipe.ts";
export { openPipe } from "./pipe.ts";
export { exitNow, whenReadable } from "./syscall.ts";
export type { Tty } from "./tty.ts";
export { openTty } from "./tty.ts";
export type { MulticastGroup, UdpOptions } from "./udp-socket.ts";
export { droppedBy, openUdpSocket } from "./udp-socket.ts";
export type { ClosedPort } from "./unreachable.ts";
export { watchClosedPorts } from "./unreachable.ts";
export type { Watchdog } from "./watchdog.ts";
export { openWatchdog } from "./watchdog.ts";
