import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { NodeName, OriginalMessage, Saying } from "../../../src/core/index.ts";
import { nodeName } from "../../../src/core/index.ts";
import type { Result } from "../../../src/std/result.ts";
import { ok } from "../../../src/std/result.ts";
import { millis } from "../../../src/std/time.ts";
import type { Envelope, Field, Stamp } from "../../../src/wire/index.ts";
import { decode, encodeOriginal, originalOf, textOf } from "../../../src/wire/index.ts";
import { arbitraryKey, arbitraryOriginal, arbitraryStamp } from "./arbitraries.ts";
import { capture, captureKey, captures } from "./captures.ts";
import { classic, key, netstring } from "./frames.ts";

const [a, b] = [nodeName("spec-a"), nodeName("spec-b")];
const address = "10.78.0.100/24/eth0";
const report = { type: "resource", isFull: true, info: "" } as const;
const ownAnswer: Saying = { type: "ip-request-resp", key: address, isOwner: true };

const expected: ReadonlyMap<string, OriginalMessage> = new Map([
  ["the first status of an incarnation", said(a, 1, status("init", 10_000))],
  ["a steady heartbeat", said(a, 0xe, status("active", 8000))],
  ["an acknowledgement", said(b, undefined, { type: "NS_ackmsg", sequence: 1 }, { dest: a })],
  ["a request for the nodes", said(b, 4, { type: "reqnodes" }, { dest: a })],
  ["an answer with the nodes", said(a, 6, { type: "repnodes", nodes: [a, b] }, { dest: b })],
  ["a start", said(b, 8, { type: "starting" })],
  ["an answer to a start", said(a, 9, { ...report, holds: "none", isStable: false })],
  ["a final report of resources", said(a, 0x15, { ...report, holds: "local", isStable: true })],
  [
    "a report from a script",
    said(b, 0x17, { ...report, holds: "local", isStable: true, info: "req_our_resources()" }),
  ],
  ["an answer that a node gives to itself", said(a, 0x16, ownAnswer, { dest: a })],
  ["a standby: me", said(a, 0x6c, { type: "ask_resources", holds: "all", step: "me" })],
  ["a standby: other", said(b, 0x6b, { type: "ask_resources", holds: "all", step: "other" })],
  [
    "a standby: the report",
    said(a, 0x6e, { ...report, holds: "none", isStable: false, info: "standby" }),
  ],
  ["a standby: done", said(a, 0x6f, { type: "ask_resources", holds: "all", step: "done" })],
  ["a request for a takeover", said(a, 0x7a, { type: "hb_takeover", holds: "all" })],
  [
    "a shutdown: the last report",
    said(a, 0x128, { ...report, holds: "none", isStable: false, info: "shutdown" }),
  ],
  ["a shutdown: the last word", said(a, 0x129, { type: "shutdone" })],
  [
    "a takeover after a shutdown",
    said(b, 0x127, {
      type: "resource",
      holds: "foreign",
      isFull: false,
      isStable: undefined,
      info: "mach_down",
    }),
  ],
  [
    "a fencing that is not needed",
    said(b, 0x132, { type: "stonith", node: a, result: "unneeded" }),
  ],
  ["a fencing without a device", said(b, 0x184, { type: "stonith", node: a, result: "n_stnth" })],
  [
    "a request for what was lost",
    said(
      a,
      undefined,
      { type: "NS_rexmit", first: 8, last: 8 },
      { dest: b, generation: 0x6b008d61 },
    ),
  ],
  [
    "a refusal of what was lost",
    said(
      a,
      undefined,
      { type: "NS_nak_rexmit", sequence: 10, reason: "seqno not found" },
      { dest: b, generation: 0x6b008d71 },
    ),
  ],
  [
    "a request for an address",
    said(a, 7, { type: "ip-request", key: address }, { generation: 0x6b008d50 }),
  ],
  ["an answer about an address", said(b, 0x1f, ownAnswer, { dest: a, generation: 0x6b008d4c })],
  ["the classic framing", said(b, 6, status("active", 8000), { generation: 0x6b0098f2 })],
  [
    "a ping node",
    {
      from: nodeName("10.78.0.254"),
      dest: undefined,
      generation: 0,
      sequence: undefined,
      saying: { type: "unknown", name: "NS_st" },
    },
  ],
  ["without an inline signature", said(a, 1, status("init", 10_000), { generation: 0x6b008d67 })],
]);

test.each([...captures])("the original's datagram is understood: %s", (title, bytes) => {
  expect(read(bytes)).toEqual(ok(expected.get(title)));
});

const ours = [...captures].filter(([title]) => title !== "a ping node");

/** Without the uuid of whom it is for, which we do not send. */
test.each(ours)("the same is said by us in the same words: %s", (title, bytes) => {
  const message = expected.get(title);
  const envelope = envelopeOf(bytes);
  const lines = envelope.fields.filter(({ name }) => name !== "destuuid").map(lineOf);
  expect(message && encodeOriginal(message, stampOf(envelope), captureKey)).toEqual(
    classic(lines, captureKey),
  );
});

test("the classic datagram is what we send, byte for byte", () => {
  const bytes = capture("the classic framing");
  const message = said(b, 6, status("active", 8000), { generation: 0x6b0098f2 });
  expect(encodeOriginal(message, stampOf(envelopeOf(bytes)), captureKey)).toEqual(bytes);
});

describe("what we say to an original", () => {
  const stamp = { seconds: 3, load: "0.00", ttl: 4, uuid: Buffer.alloc(16, 0x11) };
  const common = "src=spec-a (1)srcuuid=EREREREREREREREREREREQ==";

  test.each<readonly [Saying, NodeName | undefined, string]>([
    [{ type: "starting" }, undefined, "t=starting"],
    [
      { type: "num_ping_nodes", count: 12 },
      b,
      "t=num_ping_nodes num_ping=12 dest=spec-b from_id=ipfail to_id=ipfail client_gen=0",
    ],
    [
      { type: "you_are_dead" },
      b,
      "t=you_are_dead dest=spec-b from_id=ipfail to_id=ipfail client_gen=0",
    ],
    [
      { type: "abort_giveup" },
      b,
      "t=abort_giveup dest=spec-b from_id=ipfail to_id=ipfail client_gen=0",
    ],
    [
      { type: "ip-request-resp", key: "web", isOwner: false },
      b,
      "t=ip-request-resp dest=spec-b ipaddr=web weown=no ok=OK",
    ],
    [
      { ...report, holds: "foreign", isStable: undefined },
      undefined,
      "t=resource rsc_hold=foreign rtype=full",
    ],
    [
      { type: "status", status: "up", deadtime: millis(50.5), acknowledges: false },
      undefined,
      "t=status st=up dt=33",
    ],
    [
      { type: "status", status: "up", deadtime: undefined, acknowledges: true },
      undefined,
      "t=status st=up protocol=1",
    ],
  ])("%o", (saying, dest, own) => {
    const message = said(a, 0x1f, saying, { dest, generation: 2 });
    const lines = `${own} ${common} seq=1f hg=2 ts=3 ld=0.00 ttl=4`.split(" ");
    expect(encodeOriginal(message, stamp, key)).toEqual(classic(lines));
  });

  test("has no sequence and no load outside of the order", () => {
    const saying = { type: "NS_rexmit", first: 9, last: 10 } as const;
    const message = said(a, undefined, saying, { dest: b, generation: 2 });
    const lines = `t=NS_rexmit dest=spec-b firstseq=9 lastseq=10 ${common} hg=2 ts=3 ttl=4`;
    expect(encodeOriginal(message, stamp, key)).toEqual(classic(lines.split(" ")));
  });

  test("knows no nodes with one blank", () => {
    const bytes = encodeOriginal(said(a, 1, { type: "repnodes", nodes: [] }), stamp, key);
    expect(bytes.toString("latin1")).toContain("\nnodelist= \ndelnodelist= \n");
  });

  test("has a uuid of 16 bytes", () => {
    const short = { ...stamp, uuid: new Uint8Array(15) };
    expect(() => encodeOriginal(said(a, 1, { type: "starting" }), short, key)).toThrow("16 bytes");
  });
});

test("what is encoded is decoded, whatever is said", () => {
  fc.assert(
    fc.property(arbitraryOriginal, arbitraryStamp, arbitraryKey, (message, stamp, by) => {
      const bytes = encodeOriginal(message, stamp, by);
      const envelope = decode(bytes, [by], by);
      expect(envelope.ok && originalOf(envelope.value)).toEqual(ok(message));
    }),
  );
});

test("the netstring framing says the same as the classic one", () => {
  fc.assert(
    fc.property(arbitraryOriginal, arbitraryStamp, (message, stamp) => {
      const envelope = envelopeOf(encodeOriginal(message, stamp, captureKey));
      const again = netstring(envelope.fields.map(netstringOf), captureKey);
      expect(read(again)).toEqual(ok(message));
    }),
  );
});

describe("the original may leave away or add", () => {
  const resource: Saying = {
    type: "resource",
    holds: "all",
    isFull: false,
    isStable: undefined,
    info: "",
  };
  test.each<readonly [string, Saying]>([
    ["t=resource rsc_hold=all", resource],
    ["t=resource rsc_hold=all rtype=delta", resource],
    ["t=resource rsc_hold=all info= mood=good", resource],
    ["t=shutdone", { type: "shutdone" }],
    ["t=status st=up", { type: "status", status: "up", deadtime: undefined, acknowledges: false }],
    [
      "t=status st=dead protocol=2 dt=A",
      { type: "status", status: "dead", deadtime: millis(10), acknowledges: true },
    ],
    ["t=hb_takeover", { type: "hb_takeover", holds: "all" }],
    ["t=hb_takeover rsc_hold=local", { type: "hb_takeover", holds: "local" }],
    ["t=hb_takeover rsc_hold=foreign", { type: "hb_takeover", holds: "foreign" }],
    ["t=hb_takeover rsc_hold=failback", { type: "hb_takeover", holds: "all" }],
    ["t=repnodes nodelist=", { type: "repnodes", nodes: [] }],
    ["t=repnodes nodelist=Spec-B", { type: "repnodes", nodes: [b] }],
    ["t=num_ping_nodes num_ping=0", { type: "num_ping_nodes", count: 0 }],
    ["t=NS_rexmit firstseq=10 lastseq=12", { type: "NS_rexmit", first: 10, last: 12 }],
    ["t=NS_nak_rexmit firstseq=10", { type: "NS_nak_rexmit", sequence: 16, reason: "" }],
    ["t=ip-request-resp ipaddr=x ok=OK", { type: "ip-request-resp", key: "x", isOwner: false }],
    ["t=hbapi-clstat", { type: "unknown", name: "hbapi-clstat" }],
  ])("%s", (text, saying) => {
    expect(readText(text)).toMatchObject({ ok: true, value: { saying } });
  });

  test("a node is meant by its name in any case, and nobody is everybody", () => {
    expect(readText("t=starting dest=SPEC-B")).toMatchObject({ value: { dest: b } });
    expect(readText("t=starting")).toMatchObject({ value: { dest: undefined } });
  });
});

describe("the original says no such thing:", () => {
  test.each([
    ["t=status", "missing-field"],
    ["t=status st=", "malformed"],
    ["t=status st=ping", "malformed"],
    ["t=status st=active dt=0", "malformed"],
    ["t=status st=active dt=8s", "malformed"],
    ["t=resource", "missing-field"],
    ["t=resource rsc_hold=failback", "malformed"],
    ["t=resource rsc_hold=ALL", "malformed"],
    ["t=resource rsc_hold=all isstable=2", "malformed"],
    ["t=ask_resources info=me", "missing-field"],
    ["t=ask_resources rsc_hold=all", "missing-field"],
    ["t=ask_resources rsc_hold=some info=me", "malformed"],
    ["t=ask_resources rsc_hold=all info=you", "malformed"],
    ["t=repnodes", "missing-field"],
    ["t=ip-request", "missing-field"],
    ["t=ip-request ipaddr=", "missing-field"],
    ["t=ip-request-resp ok=OK", "missing-field"],
    ["t=ip-request-resp ipaddr=x", "missing-field"],
    ["t=ip-request-resp ipaddr=x ok=no", "malformed"],
    ["t=NS_ackmsg", "missing-field"],
    ["t=NS_ackmsg ackseq=0", "malformed"],
    ["t=NS_ackmsg ackseq=-1", "malformed"],
    ["t=NS_rexmit firstseq=1", "missing-field"],
    ["t=NS_rexmit lastseq=1", "missing-field"],
    ["t=NS_rexmit firstseq=0 lastseq=1", "malformed"],
    ["t=NS_rexmit firstseq=2 lastseq=1", "malformed"],
    ["t=NS_rexmit firstseq=a lastseq=b", "malformed"],
    ["t=NS_rexmit firstseq=1 lastseq=9007199254740992", "malformed"],
    ["t=NS_nak_rexmit info=x", "missing-field"],
    ["t=NS_nak_rexmit firstseq=x", "malformed"],
    ["t=num_ping_nodes", "missing-field"],
    ["t=num_ping_nodes num_ping=-1", "malformed"],
    ["t=stonith node=spec-b", "missing-field"],
    ["t=stonith result=OK", "missing-field"],
  ])("%s: %s", (text, error) => {
    expect(readText(text)).toEqual({ ok: false, error });
  });
});

/** All but a few of the captures are of one incarnation; of the others, what differs is given. */
function said(
  from: NodeName,
  sequence: number | undefined,
  saying: Saying,
  rest: { readonly dest?: NodeName | undefined; readonly generation?: number } = {},
): OriginalMessage {
  const { dest, generation = 0x6b008d48 } = rest;
  return { from, dest, generation, sequence, saying };
}

function status(st: "init" | "active", deadtime: number): Saying {
  return { type: "status", status: st, deadtime: millis(deadtime), acknowledges: true };
}

function read(bytes: Uint8Array): Result<OriginalMessage, string> {
  return originalOf(envelopeOf(bytes));
}

/** @param own - the fields of the message's own, between blanks */
function readText(own: string): Result<OriginalMessage, string> {
  const bytes = classic([...own.split(" "), "src=spec-a", "seq=1", "hg=2", "ts=3"], captureKey);
  return read(bytes);
}

function envelopeOf(bytes: Uint8Array): Envelope {
  const result = decode(bytes, [captureKey], captureKey);
  if (!result.ok) throw new Error(result.error);
  return result.value;
}

function stampOf({ fields }: Envelope): Stamp {
  const uuid = fields.find((field) => field.name === "srcuuid");
  if (uuid?.type !== "binary") throw new Error("no srcuuid");
  return {
    seconds: Number.parseInt(textOf(fields, "ts") ?? "", 16),
    load: textOf(fields, "ld") ?? "",
    ttl: Number(textOf(fields, "ttl")),
    uuid: uuid.bytes,
  };
}

function lineOf(field: Field): string {
  if (field.type === "string") return `${field.name}=${field.text}`;
  if (field.type !== "binary") throw new Error(`a field that nobody sends: ${field.name}`);
  return `(1)${field.name}=${Buffer.from(field.bytes).toString("base64")}`;
}

function netstringOf(field: Field): string {
  if (field.type === "string") return `(0)${field.name}=${field.text}`;
  if (field.type !== "binary") throw new Error(`a field that nobody sends: ${field.name}`);
  return `(1)${field.name}=${Buffer.from(field.bytes).toString("latin1")}`;
}
