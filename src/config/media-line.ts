/**
 * One line of ha.cf that names a medium: the interface, and where it sends.
 */
import type { Result } from "../std/result.ts";
import { fail, ok } from "../std/result.ts";
import type { Target } from "./config.ts";
import type { Code, Fault } from "./diagnostic.ts";
import { faultOf, missingArgument } from "./directive.ts";
import type { LineCheck } from "./directive.ts";
import { isMulticast, looksLikeIpv4, parseIpv4, unusableIpv4 } from "./ipv4.ts";
import { deviceFault, isHostName } from "./names.ts";
import { quoted } from "./tokens.ts";
import { parseInteger } from "./values.ts";

/** A target on an interface. */
export interface Leg {
  readonly device: string;
  readonly target: Target;
}

/** `eth0 10.0.0.2`, or a host name instead of the address. */
export function readUcast(words: readonly string[], port: number): Result<Leg, Fault> {
  const [device, host] = words;
  if (device === undefined || host === undefined)
    return fail(missingArgument("ucast eth0 10.0.0.2"));
  const fault = deviceFault(device) ?? peerFault(host);
  return fault === undefined ? ok({ device, target: { type: "ucast", host, port } }) : fail(fault);
}

/** `eth0 239.0.0.1 694 1 0` */
export function readMcast(words: readonly string[]): Result<Leg, Fault> {
  const [device, group, portText, ttlText, loopText] = words;
  if (device === undefined || group === undefined || portText === undefined) return fail(fiveWords);
  if (ttlText === undefined || loopText === undefined) return fail(fiveWords);
  const fault = deviceFault(device) ?? groupFault(group);
  if (fault !== undefined) return fail(fault);
  const port = parseInteger(portText, { low: 1, high: 65_535 });
  const ttl = parseInteger(ttlText, { low: 0, high: 4 });
  const loop = parseInteger(loopText, { low: 0, high: 1 });
  if (!port.ok) return fail(named("port", port.error));
  if (!ttl.ok) return fail(named("ttl", ttl.error));
  if (!loop.ok) return fail(named("loop", loop.error));
  const rest = { port: port.value, ttl: ttl.value, loop: loop.value === 1 };
  return ok({ device, target: { type: "mcast", group, ...rest } });
}

export const checkUcast: LineCheck = (words) => faultOf(readUcast(words, 694));
export const checkMcast: LineCheck = (words) => faultOf(readMcast(words));

const fiveWords = missingArgument("mcast eth0 239.0.0.1 694 1 0 (group, port, ttl, loop)");

function peerFault(host: string): Fault | undefined {
  if (host.includes(":")) {
    return bad(
      "bad-address",
      `${quoted(host)} is not IPv4: heartbeats travel over IPv4 in this version`,
    );
  }
  if (!looksLikeIpv4(host)) {
    return isHostName(host) ? undefined : bad("bad-name", `${quoted(host)} cannot be a host`);
  }
  const address = parseIpv4(host);
  if (address === undefined) return bad("bad-address", `${quoted(host)} is not an IPv4 address`);
  // A cluster on one machine, as in tests, speaks over the loopback.
  const why = address >>> 24 === 127 ? undefined : unusableIpv4(address);
  return why === undefined ? undefined : bad("bad-address", `${host} cannot be a peer: ${why}`);
}

function groupFault(group: string): Fault | undefined {
  const address = parseIpv4(group);
  if (address !== undefined && isMulticast(address)) return undefined;
  return bad(
    "bad-address",
    `${quoted(group)} is not a multicast group of 224.0.0.0 to 239.255.255.255`,
  );
}

function named(what: string, fault: Fault): Fault {
  return { ...fault, message: `${what}: ${fault.message}` };
}

function bad(code: Code, message: string): Fault {
  return { code, message };
}
