/**
 * The media of ha.cf: all heartbeat lines of one interface are one wire, so one medium.
 */
import { mediumName } from "../core/index.ts";
import type { MediumConfig, Target } from "./config.ts";
import type { Findings } from "./diagnostic.ts";
import { addError, addWarning, wholeFile } from "./diagnostic.ts";
import { looksLikeIpv4 } from "./ipv4.ts";
import type { Leg } from "./media-line.ts";
import { readMcast, readUcast } from "./media-line.ts";
import { serialMediaOf } from "./serial.ts";
import type { Statement } from "./statements.ts";
import type { Word } from "./tokens.ts";
import { quoted } from "./tokens.ts";
import { parseInteger } from "./values.ts";

/** Of heartbeat, MAXMEDIA: each interface of a `bcast` line counts, and each ping node. */
export const mostMedia = 64;

/** In the order in which their interfaces are first named, serial lines behind them. */
export function mediaOf(
  statements: readonly Statement[],
  findings: Findings,
): readonly MediumConfig[] {
  const lines = statements.filter(({ directive }) => mediumDirectives.has(directive.name));
  checkCount(lines, findings);
  const legs = legsOf(statements, findings).slice(0, mostMedia);
  const devices = new Map<string, Target[]>();
  for (const { device, target, at } of legs) {
    const targets = devices.get(device) ?? [];
    if (targets.some((each) => isSame(each, target))) sayDuplicate(at, findings);
    else targets.push(target);
    devices.set(device, targets);
  }
  const serial = serialMediaOf(statements, findings);
  checkLinks([...devices.keys(), ...serial.map(({ device }) => device)], lines, findings);
  const interfaces: readonly MediumConfig[] = [...devices].map(([device, targets]) => {
    return { type: "interface", name: mediumName(device), device, targets };
  });
  return [...interfaces, ...serial].slice(0, mostMedia);
}

interface PlacedLeg extends Leg {
  readonly at: Word;
}

const mediumDirectives: ReadonlySet<string> = new Set([
  "ucast",
  "bcast",
  "udp",
  "mcast",
  "ucast6",
  "mcast6",
  "serial",
  "ping",
  "ping6",
  "ping_group",
]);

/** `udpport` holds for the lines below it, as in heartbeat. */
function legsOf(statements: readonly Statement[], findings: Findings): readonly PlacedLeg[] {
  const legs: PlacedLeg[] = [];
  let port = 694;
  for (const statement of statements) {
    if (statement.directive.name === "udpport") {
      port = portIn(statement, port);
      if (legs.some((leg) => leg.target.type !== "mcast")) sayLate(statement, findings);
    }
    if (legs.length < mostMedia) legs.push(...legsIn(statement, port));
    sayLookup(statement, findings);
    saySurplus(statement, findings);
  }
  return legs;
}

function portIn({ words }: Statement, current: number): number {
  const last = words.at(-1);
  const port = last && parseInteger(last.text, { low: 1, high: 65_535 });
  return port?.ok === true ? port.value : current;
}

function legsIn({ directive, at, words }: Statement, port: number): readonly PlacedLeg[] {
  const texts = words.map((word) => word.text);
  switch (directive.name) {
    case "bcast":
    case "udp":
      return words.map((word) => ({
        device: word.text,
        target: { type: "bcast", port },
        at: word,
      }));
    case "ucast": {
      const leg = readUcast(texts, port);
      return leg.ok ? [{ ...leg.value, at }] : [];
    }
    case "mcast": {
      const leg = readMcast(texts);
      return leg.ok ? [{ ...leg.value, at }] : [];
    }
    default:
      return [];
  }
}

function sayLate({ at }: Statement, findings: Findings): void {
  const message = "udpport does not affect the media lines above it: put it before them";
  addWarning(findings, at, "udpport-late", message);
}

function sayLookup({ directive, words }: Statement, findings: Findings): void {
  const [, host] = words;
  if (directive.name !== "ucast" || host === undefined || looksLikeIpv4(host.text)) return;
  const message = `${quoted(host.text)} must be looked up: write its address, so that heartbeats do not depend on DNS`;
  addWarning(findings, host, "name-lookup", message);
}

/** Whoever writes two peers in one line believes that both are spoken to. */
function saySurplus({ directive, words }: Statement, findings: Findings): void {
  const count = { ucast: 2, mcast: 5 }[directive.name] ?? Infinity;
  const surplus = words[count];
  if (surplus === undefined) return;
  const message = `${quoted(surplus.text)} is not read: write a line of its own for each target`;
  addWarning(findings, surplus, "extra-argument", message);
}

function isSame(a: Target, b: Target): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function sayDuplicate(at: Word, findings: Findings): void {
  addWarning(
    findings,
    at,
    "duplicate-medium",
    "heartbeats go there already: this is not another path",
  );
}

function checkCount(lines: readonly Statement[], findings: Findings): void {
  let count = 0;
  for (const { directive, at, words } of lines) {
    count += directive.form.type === "list" ? words.length : 1;
    if (count <= mostMedia) continue;
    addError(findings, at, "too-many", `there are more than ${mostMedia} media`);
    return;
  }
}

function checkLinks(
  devices: readonly string[],
  lines: readonly Statement[],
  findings: Findings,
): void {
  const [first] = lines;
  const place = first?.at ?? wholeFile;
  const hadFault = lines.some(({ at }) => findings.error.some(({ line }) => line === at.line));
  if (devices.length === 0 && !hadFault)
    addError(findings, place, "no-media", nothingToOpen(lines));
  if (devices.length !== 1 || hadFault) return;
  const message = `${devices[0] ?? ""} is the only heartbeat link: when it is cut, both nodes think the other dead; add a second one`;
  addWarning(findings, place, "single-link", message);
}

function nothingToOpen(lines: readonly Statement[]): string {
  const hint = "write one or more ucast, bcast or mcast lines";
  return lines.length === 0
    ? `no heartbeat media: ${hint}`
    : `none of the media can carry heartbeats in this version: ${hint}`;
}
