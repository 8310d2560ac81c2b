/**
 * Whether the live host has what the files speak of: interfaces for the heartbeats, and a place for
 * every address. Looks and changes nothing.
 */
import { statSync } from "node:fs";
import { release } from "node:os";
import type { Config } from "../config/index.ts";
import { leaseBound, leaseKind, leaseText, noLease } from "../control/index.ts";
import type { LeaseKind, VirtualIp } from "../core/index.ts";
import type { KernelAddress, Link, Obstacle } from "../linux/index.ts";
import { guardedDevices, openNetfilter, openRtnetlink, resolve } from "../linux/index.ts";
import type { Finding } from "./finding.ts";
import { finding } from "./finding.ts";

/** What the kernel has. */
export interface Host {
  readonly links: readonly Link[];
  readonly addresses: readonly KernelAddress[];
  /** Of the serial lines that ha.cf names, those that are there. */
  readonly ttys?: readonly string[];
}

export function checkHost(config: Config): readonly Finding[] {
  const host = readHost();
  if (typeof host === "string") return [finding("warning", "no-netlink", host)];
  const ttys = config.media.flatMap(({ type, device }) =>
    type === "serial" && isCharacterDevice(device) ? [device] : [],
  );
  const lease = leaseFinding(config, leaseKindOf(config, host.links));
  return [...kernelFindings(release()), ...judgeHost(config, { ...host, ttys }), lease];
}

/** What this host has for a lease: tried, and undone. */
function leaseKindOf({ core }: Config, links: readonly Link[]): LeaseKind {
  if (core.lease === undefined) return noLease;
  const netfilter = openNetfilter();
  const devices = guardedDevices(links);
  const tried = netfilter.ok
    ? netfilter.value.tryBuild({ devices, addresses: [], leaseMs: undefined })
    : netfilter;
  if (netfilter.ok) netfilter.value.close();
  return leaseKind(tried.ok ? tried.value : { fault: errnoText(tried.error) });
}

/** It is as good as it can be, or it is said what is missing and what that means. */
export function leaseFinding({ core }: Config, kind: LeaseKind): Finding {
  const isWhole = leaseBound(kind, core).bothMs === 0 && kind.fault === undefined;
  return finding(isWhole ? "ok" : "warning", "lease", leaseText(kind, core));
}

/** @param version - of the kernel, as `uname -r` prints it */
export function kernelFindings(version: string): readonly Finding[] {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major > 5 || (major === 5 && minor >= 18)) return [];
  const message =
    `Linux ${version} does not keep who added an address: what a dead daemon leaves can be told ` +
    "from others' addresses from 5.18 on only, and stays until you remove it";
  return [finding("warning", "old-kernel", message)];
}

/** What {@link checkHost} says of a host that has this. */
export function judgeHost(config: Config, host: Host): readonly Finding[] {
  const mine = config.core.groups.filter(({ nodes }) => nodes.includes(config.core.self));
  const ips = mine.flatMap(({ resources }) =>
    resources.flatMap((each) => (each.type === "address" ? [each.ip] : [])),
  );
  return [...mediaFindings(config, host), ...ips.map((ip) => addressFinding(ip, host))];
}

function readHost(): Host | string {
  const rtnetlink = openRtnetlink();
  if (!rtnetlink.ok) return `the host was not looked at: ${errnoText(rtnetlink.error)}`;
  const [links, addresses] = [rtnetlink.value.links(), rtnetlink.value.addresses()];
  rtnetlink.value.close();
  if (!links.ok) return `the interfaces were not looked at: ${errnoText(links.error)}`;
  if (!addresses.ok) return `the addresses were not looked at: ${errnoText(addresses.error)}`;
  return { links: links.value, addresses: addresses.value };
}

function errnoText({ call, errno }: { readonly call: string; readonly errno: string }): string {
  return `${call} failed with ${errno}`;
}

function isCharacterDevice(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isCharacterDevice() === true;
}

function mediaFindings({ media }: Config, { links, ttys = [] }: Host): readonly Finding[] {
  const found = media.map(({ type, device }) =>
    type === "serial" ? lineFinding(device, ttys) : mediumFinding(device, links),
  );
  if (found.length === 0 || found.some(({ severity }) => severity === "ok")) return found;
  const message = "no medium can carry a heartbeat: this node would call every peer dead";
  return [...found, finding("error", "no-usable-medium", message)];
}

function mediumFinding(device: string, links: readonly Link[]): Finding {
  const link = links.find(({ name }) => name === device);
  if (link === undefined) {
    const message = `${device}: there is no such interface on this node: no heartbeats on it`;
    return finding("warning", "no-such-interface", message);
  }
  if (!link.up) {
    const message = `${device} is down: write ip link set ${device} up`;
    return finding("warning", "interface-down", message);
  }
  if (!link.running) return finding("warning", "no-carrier", `${device} is up and has no carrier`);
  return finding("ok", "medium", `${device} is up and can carry heartbeats`);
}

function lineFinding(device: string, ttys: readonly string[]): Finding {
  if (ttys.includes(device)) {
    return finding("ok", "medium", `${device} is there and can carry heartbeats`);
  }
  const message = `${device}: there is no such device on this node: no heartbeats on it`;
  return finding("warning", "no-such-device", message);
}

function addressFinding(ip: VirtualIp, { links, addresses }: Host): Finding {
  const present = addresses.find(({ address, ours }) => address === ip.address && !ours);
  if (present !== undefined) {
    const device = links.find(({ index }) => index === present.ifindex)?.name ?? "an interface";
    const message =
      `${ip.address} is on ${device} already, and was not put there by understudy: take it out of ` +
      "the system's network configuration, or two nodes may answer for it";
    return finding("warning", "address-present", message);
  }
  const placement = resolve(ip, links, addresses);
  if (!placement.ok)
    return finding("error", placement.error.type, obstacleText(ip, placement.error));
  const { device, prefix, ifindex } = placement.value;
  const place = `${ip.address}/${prefix} on ${device}`;
  if (links.find(({ index }) => index === ifindex)?.type !== "ethernet") {
    const message = `${place}: ${device} is no Ethernet: nobody can be told that it has moved`;
    return finding("warning", "no-ethernet", message);
  }
  return finding("ok", "address", `${ip.address} has its place: ${place}`);
}

function obstacleText({ address }: VirtualIp, obstacle: Obstacle): string {
  switch (obstacle.type) {
    case "no-such-interface":
      return `${address}: there is no interface ${obstacle.device} on this node`;
    case "no-subnet":
      return `${address}: no interface has an address of its subnet: write ${address}/PREFIX/INTERFACE`;
    case "label-too-long":
      return `${address}: the label ${obstacle.label} is over 15 bytes long`;
  }
}
