/**
 * What the tables mean, and what went wrong: measured facts, and nothing else.
 */
import type { Contender } from "./contender.ts";
import type { Fault } from "./faults.ts";
import type { Of, Result } from "./result.ts";
import { isSame, ofType } from "./result.ts";
import type { Asked } from "./table.ts";

export function notesOf(results: readonly Result[], { contenders, faults }: Asked): string {
  const trials = ofType(results, "trial");
  const seen = faults.filter(({ name }) => trials.some(({ fault }) => fault === name));
  const happened = contenders.flatMap((contender) => [
    ...seen.flatMap((fault) => happenedOf(trials, contender, fault)),
    ...unasked(results, contender),
  ]);
  const blind = Math.max(0, ...trials.map(({ blindMs }) => blindMs));
  const again = trials.filter(({ tries }) => tries > 1).length;
  return [
    "### What the columns mean",
    list([
      ...meanings,
      ...seen.map(({ name, says }) => `*${name}*: ${says}.`),
      ...movesOf(asMoved(seen, contenders)),
    ]),
    "### What happened besides",
    list([
      ...happened,
      `The client never stood still for longer than ${blind.toFixed(1)} ms; ${again} of ${trials.length} runs were begun anew, for the pair was not calm before the fault.`,
    ]),
  ].join("\n\n");
}

const meanings = [
  "*detection*: the silence after which the standby takes over, as configured: deadtime; for keepalived, three times advert_int and the skew of the standby (RFC 5798 §6.1).",
  "*outage*: the longest time between two answers to the ordinary ping of a client, which asks once a millisecond and sends where its own ARP cache says.",
  "*beyond detection*: from the last heartbeat that the switch handed to the standby, to the first answer of the new holder to that ping, less the detection.",
  "*two answered*: for how long both nodes answered the client, which asks each by its hardware address, and all by ARP. `>`: they still did when the measurement ended.",
  "*memory*: of all processes of a node, a page that several of them have once, as if nothing else ran on the machine. *PSS here* is less where the other node and the benchmark run the same program.",
  "Each run is a new pair. The programs take turns, so that what else the machine does meets all of them alike.",
];

function asMoved(faults: readonly Fault[], contenders: readonly Contender[]): readonly Contender[] {
  return faults.some(({ isSilent }) => !isSilent) ? contenders : [];
}

function movesOf(contenders: readonly Contender[]): readonly string[] {
  const moves = new Map(contenders.map(({ program, moveBy }) => [program, moveBy]));
  return [...moves].map(([program, moveBy]) => `${program} is moved by ${moveBy}.`);
}

function happenedOf(
  trials: readonly Of<"trial">[],
  contender: Contender,
  fault: Fault,
): readonly string[] {
  const own = trials.filter((trial) => trial.fault === fault.name && isSame(trial, contender));
  const two = own.filter(({ bothMs }) => bothMs > 0);
  const open = own.filter(({ isOutageOpen }) => isOutageOpen);
  const where = `${nameOf(contender)}, ${fault.name}`;
  const notes: string[] = [];
  if (two.length > 0) {
    const longest = Math.max(...two.map(({ bothMs }) => bothMs)).toFixed(0);
    const end = two.some(({ isBothOpen }) => isBothOpen) ? ", until the measurement ended" : "";
    notes.push(
      `${where}: two nodes answered in ${two.length} of ${own.length} runs, for up to ${longest} ms${end}.`,
    );
  }
  if (open.length > 0)
    notes.push(`${where}: nobody answered at the end of ${open.length} of ${own.length} runs.`);
  return notes;
}

function unasked(results: readonly Result[], contender: Contender): readonly string[] {
  const moved = ofType(results, "idle").filter((idle) => idle.hasMoved && isSame(idle, contender));
  const failed = ofType(results, "failed").filter((each) => isSame(each, contender));
  return [
    ...moved.map(
      ({ seconds }) =>
        `${nameOf(contender)}: the address moved within ${seconds} s in which nothing happened.`,
    ),
    ...failed.map(
      ({ what, reason }) =>
        `${nameOf(contender)}, ${what}: not measured: ${reason.split("\n", 1)[0]}.`,
    ),
  ];
}

function nameOf({ program, setting }: Contender): string {
  return `${program} (${setting})`;
}

function list(lines: readonly string[]): string {
  return lines.map((line) => `- ${line}`).join("\n");
}
