/**
 * The witness of ha.cf: an etcd that gives its vote to one of two nodes that do not hear each other.
 */
import type { NodeName } from "../core/index.ts";
import type { Fault, Findings } from "./diagnostic.ts";
import { addError, addWarning } from "./diagnostic.ts";
import type { LineCheck } from "./directive.ts";
import { absolutePath, missingArgument } from "./directive.ts";
import { looksLikeIpv4, parseIpv4 } from "./ipv4.ts";
import { parseIpv6 } from "./ipv6.ts";
import { isHostName } from "./names.ts";
import type { Statement } from "./statements.ts";
import { quoted } from "./tokens.ts";

export interface WitnessConfig {
  /** Members of one etcd, in the order in which they are tried. */
  readonly endpoints: readonly WitnessEndpoint[];
  /** What is voted about: the same on every node. */
  readonly key: string;
  /** A file of certificates that are trusted; undefined: those that Node brings along. */
  readonly ca: string | undefined;
  /** Files by which this node shows who it is. */
  readonly certificate: { readonly file: string; readonly key: string } | undefined;
  /** A user of etcd, and the file that has the password. */
  readonly login: { readonly user: string; readonly passwordFile: string } | undefined;
}

export interface WitnessEndpoint {
  /** As written, without a final slash: `https://etcd1:2379`. */
  readonly url: string;
  readonly isTls: boolean;
  /** A name or an address, IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
}

export const checkWitness: LineCheck = ([kind, ...urls]) => {
  if ([kind, ...urls].some((each) => each?.includes("@"))) {
    const message = "a URL must not have a user or a password: write witness_auth USER FILE";
    return { code: "bad-word", message };
  }
  if (kind === undefined || (kind === "etcd" && urls.length === 0)) return missingArgument(shape);
  if (kind !== "etcd") {
    return { code: "bad-word", message: `${quoted(kind)} is no kind of witness: write ${shape}` };
  }
  for (const url of urls) {
    const fault = urlFault(url);
    if (fault !== undefined) return fault;
  }
  return undefined;
};

const shape = "witness etcd https://HOST:2379 ...";

export const checkWitnessCa: LineCheck = (words) => {
  const [file = ""] = words;
  return words.length === 1 ? absolutePath(file) : missingArgument("witness_ca FILE");
};

export const checkWitnessCert: LineCheck = (words) => {
  if (words.length !== 2) return missingArgument("witness_cert CERTIFICATE KEY");
  return words.map(absolutePath).find((fault) => fault !== undefined);
};

export const checkWitnessAuth: LineCheck = ([user, file, ...rest]) => {
  const isMeant = user !== undefined && file?.startsWith("/") === true && rest.length === 0;
  // What stands there instead may be the password itself.
  return isMeant ? undefined : { code: "missing-argument", message: authShape };
};

const authShape =
  "write a user, and the absolute path of a file that has the password, which must not stand here: " +
  "witness_auth understudy /etc/ha.d/witness.password";

/** @returns undefined: there is no witness */
export function witnessOf(
  statements: readonly Statement[],
  nodes: readonly NodeName[],
  findings: Findings,
): WitnessConfig | undefined {
  const given = (name: string): Statement | undefined => only(statements, name, findings);
  const witness = given("witness");
  const [ca, certificate, auth] = ["witness_ca", "witness_cert", "witness_auth"].map(given);
  if (witness === undefined) {
    sayNeedless([ca, certificate, auth], "without a witness: add witness etcd URL...", findings);
    return undefined;
  }
  const endpoints = endpointsOf(witness, findings);
  if (!endpoints.some(({ isTls }) => isTls)) {
    sayNeedless([ca, certificate], "without https: write witness etcd https://...", findings);
  }
  if (auth !== undefined && endpoints.some(({ isTls }) => !isTls)) {
    const message = "the password goes over the network for everybody to read: write https://";
    addWarning(findings, auth.at, "witness", message);
  }
  if (nodes.length > 2) {
    const message =
      `a witness decides between two nodes, and there are ${nodes.length}: the one that has its vote ` +
      "need not be the one that is to take; take the line out, or use stonith_host";
    addError(findings, witness.at, "witness", message);
  }
  const [file = "", key = ""] = texts(certificate);
  const [user = "", passwordFile = ""] = texts(auth);
  return {
    endpoints,
    key: witnessKey(nodes),
    ca: texts(ca)[0],
    certificate: certificate && { file, key },
    login: auth && { user, passwordFile },
  };
}

/** The same on every node, whatever the order of the files. `+` stands in no node's name. */
export function witnessKey(nodes: readonly NodeName[]): string {
  return `understudy/vote/${nodes.toSorted().join("+")}`;
}

/** What must be the same on every node: two that ask different witnesses both win. */
export function witnessFacts(witness: WitnessConfig | undefined): readonly string[] {
  return witness === undefined ? [] : witness.endpoints.map(({ url }) => url).toSorted();
}

function only(
  statements: readonly Statement[],
  name: string,
  findings: Findings,
): Statement | undefined {
  // What was not sound has been told, and has no words left.
  const given = statements.filter((each) => each.directive.name === name && each.words.length > 0);
  for (const { at } of given.slice(1)) {
    const message = `"${name}" stands in line ${given[0]?.at.line ?? 0} already: write one line`;
    addError(findings, at, "repeated", message);
  }
  return given[0];
}

function sayNeedless(
  given: readonly (Statement | undefined)[],
  why: string,
  findings: Findings,
): void {
  for (const each of given) {
    if (each === undefined) continue;
    addWarning(findings, each.at, "no-effect", `"${each.directive.name}" has no effect ${why}`);
  }
}

function texts(statement: Statement | undefined): readonly string[] {
  return statement?.words.map(({ text }) => text) ?? [];
}

function endpointsOf({ words }: Statement, findings: Findings): readonly WitnessEndpoint[] {
  const endpoints = new Map<string, WitnessEndpoint>();
  for (const word of words.slice(1)) {
    const endpoint = endpointFrom(word.text);
    if (endpoint === undefined) continue;
    if (endpoints.has(endpoint.url)) {
      addWarning(findings, word, "repeated", `${endpoint.url} stands here already`);
    }
    endpoints.set(endpoint.url, endpoint);
  }
  return [...endpoints.values()];
}

function endpointFrom(text: string): WitnessEndpoint | undefined {
  const [, scheme, bracketed, name, digits] =
    /^(https?):\/\/(?:\[([\da-f:.]+)\]|([^[\]:/?#@]+)):(\d{1,5})\/?$/i.exec(text) ?? [];
  const host = bracketed ?? name;
  const port = Number(digits);
  if (scheme === undefined || host === undefined || port < 1 || port > 65_535) return undefined;
  const isSound = bracketed === undefined ? isHost(host) : parseIpv6(host) !== undefined;
  if (!isSound) return undefined;
  const url = text.replace(/\/$/, "").toLowerCase();
  return { url, isTls: scheme.toLowerCase() === "https", host: host.toLowerCase(), port };
}

function isHost(name: string): boolean {
  return looksLikeIpv4(name) ? parseIpv4(name) !== undefined : isHostName(name);
}

function urlFault(text: string): Fault | undefined {
  if (endpointFrom(text) !== undefined) return undefined;
  const bare = text.replace(/^[a-z]+:\/\//i, "").replace(/[/?#].*$/, "");
  const [, host = bare] = /^(.*?)(?::\d+)?$/.exec(bare) ?? [];
  const hint = isHost(host) ? `: write https://${host.toLowerCase()}:2379` : `: write ${shape}`;
  return { code: "bad-word", message: `${quoted(text)} is no URL of an etcd${hint}` };
}
