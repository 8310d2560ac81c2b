/**
 * The ping nodes of ha.cf: each host of a `ping` line is one, and each `ping_group` line as a whole.
 */
import type { PingConfig } from "../core/index.ts";
import type { Fault, Findings } from "./diagnostic.ts";
import { addWarning } from "./diagnostic.ts";
import type { LineCheck, WordCheck } from "./directive.ts";
import { missingArgument } from "./directive.ts";
import { looksLikeIpv4, parseIpv4, unusableIpv4 } from "./ipv4.ts";
import { isHostName } from "./names.ts";
import type { Statement } from "./statements.ts";
import type { Word } from "./tokens.ts";
import { quoted } from "./tokens.ts";

export const checkPing: WordCheck = (host) => {
  const message = faultIn(host);
  return message === undefined ? undefined : { code: codeFor(host), message };
};

export const checkPingGroup: LineCheck = ([name, ...hosts]) => {
  if (name === undefined || hosts.length === 0) return missingArgument("ping_group NAME HOST...");
  for (const host of hosts) {
    const fault = checkPing(host);
    if (fault !== undefined) return fault;
  }
  return undefined;
};

/** In the order of the file, each name once. */
export function pingsOf(
  statements: readonly Statement[],
  findings: Findings,
): readonly PingConfig[] {
  const pings = new Map<string, PingConfig>();
  const add = (at: Word, hosts: readonly Word[]): void => {
    const name = at.text;
    if (pings.has(name)) {
      const message = `there is a ping node ${quoted(name)} already: this one is not asked`;
      addWarning(findings, at, "duplicate-ping", message);
      return;
    }
    for (const host of hosts) sayLookup(host, findings);
    pings.set(name, { name, hosts: hosts.map(({ text }) => text) });
  };
  for (const { directive, words } of statements) {
    const [name, ...hosts] = words;
    if (directive.name === "ping") for (const host of words) add(host, [host]);
    if (directive.name === "ping_group" && name !== undefined) add(name, hosts);
  }
  return [...pings.values()];
}

/** @returns what is wrong, as a sentence */
function faultIn(host: string): string | undefined {
  if (host.includes(":")) return `${quoted(host)} is not IPv4: ping nodes are asked over IPv4`;
  if (!looksLikeIpv4(host)) {
    return isHostName(host) ? undefined : `${quoted(host)} cannot be a host`;
  }
  const address = parseIpv4(host);
  if (address === undefined) return `${quoted(host)} is not an IPv4 address`;
  const why = unusableIpv4(address);
  return why === undefined ? undefined : `${host} cannot be a ping node: ${why}`;
}

function codeFor(host: string): Fault["code"] {
  return host.includes(":") || looksLikeIpv4(host) ? "bad-address" : "bad-name";
}

function sayLookup(host: Word, findings: Findings): void {
  if (looksLikeIpv4(host.text)) return;
  const message = `${quoted(host.text)} must be looked up: write its address, so that it does not depend on DNS whether it answers`;
  addWarning(findings, host, "name-lookup", message);
}
