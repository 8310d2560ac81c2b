/**
 * One word of a haresources line: what it starts and stops.
 */
import type { Resource } from "../core/index.ts";
import type { Result } from "../std/result.ts";
import { fail, ok } from "../std/result.ts";
import type { Fault } from "./diagnostic.ts";
import { looksLikeIpv4 } from "./ipv4.ts";
import { parseIpv6 } from "./ipv6.ts";
import { characterFault } from "./names.ts";
import { quoted } from "./tokens.ts";
import { parseVirtualIpv4, parseVirtualIpv6 } from "./virtual-ip.ts";

/**
 * `10.0.0.100/24/eth0`, `IPaddr2::10.0.0.100`, `IPv6addr::2001:db8::5/64/eth0`, `script::arg1::arg2`,
 * `systemd::nginx.service`, `ocf::heartbeat:apache::key=value`.
 */
export function parseResource(word: string): Result<Resource, Fault> {
  const fault = characterFault(word);
  if (fault !== undefined) return fail(fault);
  if (isBareIpv4(word)) return ipv4Resource(word, word);
  const [head = "", ...rest] = word.split("::");
  // An empty argument vanishes in the shell that heartbeat hands it to.
  const args = rest.filter((each) => each !== "");
  switch (head) {
    case "IPaddr":
    case "IPaddr2":
      return args.length === 1 ? ipv4Resource(word, args[0] ?? "") : bad(word, oneAddress(head));
    case "IPv6addr":
      // `::` occurs in the address itself: all that follows is the address.
      return ipv6Resource(word, word.slice("IPv6addr::".length));
    case "systemd":
      return systemdResource(word, args);
    case "ocf":
      return ocfResource(word, args);
    default:
      return scriptResource(word, head, args);
  }
}

/**
 * A group is named by its first resource. An address is its own name, whatever its mask and its
 * interface: that is what an operator calls the service.
 */
export function nameOf(resource: Resource): string {
  return resource.type === "address" ? resource.ip.address : resource.name;
}

/**
 * The shell pattern of ResourceManager, `[0-9]*.[0-9]*.[0-9]*.[0-9]*`, and what has a number too few
 * or too many, which would be a script of that name.
 */
function isBareIpv4(word: string): boolean {
  const [address = ""] = word.split(/[/:]/, 1);
  return /^\d[^.]*(?:\.\d[^.]*){3}/.test(address) || looksLikeIpv4(address);
}

function ipv4Resource(name: string, argument: string): Result<Resource, Fault> {
  const ip = parseVirtualIpv4(argument);
  return ip.ok ? ok({ type: "address", name, ip: ip.value }) : ip;
}

function ipv6Resource(name: string, argument: string): Result<Resource, Fault> {
  const ip = parseVirtualIpv6(argument);
  return ip.ok ? ok({ type: "address", name, ip: ip.value }) : ip;
}

/** systemd.unit(5): letters, digits and `:-_.\@`. A leading `-` would be an option of systemctl. */
function systemdResource(name: string, args: readonly string[]): Result<Resource, Fault> {
  const [unit, ...rest] = args;
  if (unit === undefined || rest.length > 0)
    return bad(name, "write one unit: systemd::nginx.service");
  if (unit.length <= 255 && /^[\w:.\\@][\w:.\\@-]*$/.test(unit)) {
    return ok({ type: "systemd", name, unit });
  }
  return bad(name, `${quoted(unit)} cannot be the name of a unit`);
}

function ocfResource(name: string, args: readonly string[]): Result<Resource, Fault> {
  const [type = "", ...settings] = args;
  const [provider, agent, ...rest] = type.split(":");
  const named = isFileName(provider) && isFileName(agent) && rest.length === 0;
  if (!named) return bad(name, "write provider and agent: ocf::heartbeat:apache");
  const parameters = new Map<string, string>();
  for (const setting of settings) {
    const [, key, value] = /^([a-z_]\w*)=(.*)$/is.exec(setting) ?? [];
    if (key === undefined || value === undefined)
      return bad(name, `${quoted(setting)} is no key=value`);
    if (parameters.has(key)) return bad(name, `${quoted(key)} is given twice`);
    parameters.set(key, value);
  }
  return ok({ type: "ocf", name, provider, agent, parameters: Object.fromEntries(parameters) });
}

function scriptResource(
  name: string,
  script: string,
  args: readonly string[],
): Result<Resource, Fault> {
  const hint = otherGrammar(name);
  if (hint !== undefined) return bad(name, hint);
  if (isFileName(script)) return ok({ type: "script", name, script, args });
  return bad(name, "a script is named without its path: it is looked for in resource.d and init.d");
}

function isFileName(text: string | undefined): text is string {
  return text !== undefined && /^[^/:]+$/.test(text) && text !== "." && text !== "..";
}

/** What is written like this elsewhere, and would be a script of that name here. */
function otherGrammar(word: string): string | undefined {
  const [head = ""] = word.split("::", 1);
  const [address = ""] = word.split("/", 1);
  // `dead::beef` may well be a script with its argument; `2001:db8::1` is not.
  if (head.includes(":") && parseIpv6(address) !== undefined) return `write IPv6addr::${word}`;
  const [, rest] = /^ocf:(\w.*)$/.exec(word) ?? [];
  return rest === undefined ? undefined : `write ocf::${rest}`;
}

function oneAddress(script: string): string {
  return `write one address: ${script}::10.0.0.100/24/eth0`;
}

function bad(word: string, message: string): Result<never, Fault> {
  return fail({ code: "bad-resource", message: `${quoted(word)} is not a resource: ${message}` });
}
