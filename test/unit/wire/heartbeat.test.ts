import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Message } from "../../../src/core/index.ts";
import { groupName, nodeName } from "../../../src/core/index.ts";
import { ok } from "../../../src/std/result.ts";
import { millis } from "../../../src/std/time.ts";
import type { Envelope } from "../../../src/wire/index.ts";
import { decode, encodeHeartbeat, fieldsOf, heartbeatOf, textOf } from "../../../src/wire/index.ts";
import { arbitraryKey, arbitraryMessage, arbitraryStamp } from "./arbitraries.ts";
import { capture, captureKey } from "./captures.ts";

const message: Message = {
  from: nodeName("alpha"),
  boot: "00112233445566aa",
  generation: 0x6b008d48,
  sequence: 0x1f,
  changed: 0x1e,
  phase: "active",
  deadtime: millis(8000),
  claims: [
    {
      group: groupName("10.0.0.100"),
      term: 10,
      at: "held",
      pinned: false,
      reason: "start",
      from: undefined,
      age: millis(11_000),
    },
    {
      group: groupName("db,50%"),
      term: 11,
      at: "starting",
      pinned: true,
      reason: "takeover",
      from: nodeName("beta"),
      age: millis(0),
    },
  ],
  stances: [
    { group: groupName("ftp"), at: "refuses" },
    { group: groupName("mail"), at: "wants" },
    { group: groupName("café"), at: "yields", to: nodeName("beta") },
  ],
  hears: [{ node: nodeName("beta"), generation: 0x6b008d49, sequence: 0xff }],
  digest: "fedcba9876543210",
  reach: 2,
};
const stamp = {
  seconds: 0x6b008d4c,
  load: "0.10 0.13 0.06 2/121 67\n",
  ttl: 3,
  uuid: Buffer.alloc(16, 0x11),
};

test("a heartbeat can be read in tcpdump -A", () => {
  const bytes = encodeHeartbeat(message, stamp, captureKey);
  expect(bytes.toString("latin1").replaceAll("\x13", "^S")).toMatchInlineSnapshot(`
    ">>>
    t=status
    st=active
    dt=1f40
    protocol=1
    src=alpha
    (1)srcuuid=EREREREREREREREREREREQ==
    seq=1f
    hg=6b008d48
    ts=6b008d4c
    ld=0.10 0.13 0.06 2/121 67^S
    ttl=3
    us_v=1
    us_boot=00112233445566aa
    us_phase=active
    us_changed=1e
    us_cfg=fedcba9876543210
    us_claims=a,held,10.0.0.100,start,,2af8 b,starting*,db%2c50%25,takeover,beta,0
    us_stances=refuses,ftp wants,mail yields,caf%c3%a9,beta
    us_hears=beta,6b008d49,ff
    us_reach=2
    auth=1 f54a43c553a7759b8f72d6fb22a88ae3c98284aa
    <<<
    "
  `);
});

test("what is encoded is decoded, whatever a node says", () => {
  fc.assert(
    fc.property(arbitraryMessage, arbitraryStamp, arbitraryKey, (each, eachStamp, key) => {
      const envelope = decode(encodeHeartbeat(each, eachStamp, key), [key], key);
      expect(envelope.ok && heartbeatOf(envelope.value)).toEqual(ok(each));
    }),
  );
});

describe("to an original heartbeat", () => {
  test.each([
    ["init", "status", "init"],
    ["up", "status", "up"],
    ["active", "status", "active"],
    ["leaving", "status", "active"],
    ["away", "status", "active"],
    ["gone", "shutdone", "dead"],
  ] as const)("a node that is %s says t=%s st=%s", (phase, t, st) => {
    const fields = fieldsOf({ ...message, phase }, stamp);
    expect([textOf(fields, "t"), textOf(fields, "st")]).toEqual([t, st]);
  });

  test("its deadtime is in whole milliseconds and never too short", () => {
    const fields = fieldsOf({ ...message, deadtime: millis(50.5) }, stamp);
    expect(textOf(fields, "dt")).toBe("33");
  });

  test.each([0, -1, 0.5])("a clock that says %d is no reason to be dropped", (seconds) => {
    expect(textOf(fieldsOf(message, { ...stamp, seconds }), "ts")).toBe("1");
  });
});

test.each(["a steady heartbeat", "a start", "an acknowledgement", "a shutdown: the last word"])(
  "the original's message is known as such: %s",
  (title) => {
    const envelope = decode(capture(title), [captureKey], captureKey);
    expect(envelope.ok && heartbeatOf(envelope.value)).toEqual({
      ok: false,
      error: "original-heartbeat",
    });
  },
);

describe("our heartbeat", () => {
  const names = [
    "dt",
    "us_boot",
    "us_phase",
    "us_changed",
    "us_cfg",
    "us_claims",
    "us_stances",
    "us_hears",
  ];
  test.each(names)("needs %s", (name) => {
    const fields = fieldsOf(message, stamp).filter((field) => field.name !== name);
    expect(heartbeatOf({ ...ours(), fields })).toEqual({ ok: false, error: "missing-field" });
  });

  test("says nothing of ping nodes if it has none, and never says nonsense", () => {
    const fields = fieldsOf(message, stamp).filter(({ name }) => name !== "us_reach");
    expect(fieldsOf({ ...message, reach: undefined }, stamp)).toEqual(fields);
    expect(heartbeatOf({ ...ours(), fields })).toEqual(ok({ ...message, reach: undefined }));
    for (const text of ["", "-1", "all"]) {
      const odd = [...fields, { type: "string" as const, name: "us_reach", text }];
      expect(heartbeatOf({ ...ours(), fields: odd })).toEqual({ ok: false, error: "malformed" });
    }
  });

  test("may say more than this version reads", () => {
    const fields = [
      ...fieldsOf(message, stamp),
      { type: "string" as const, name: "us_new", text: "x" },
    ];
    expect(heartbeatOf({ ...ours(), fields })).toEqual(ok(message));
  });

  test.each([
    ["us_v", "2"],
    ["us_v", ""],
    ["dt", "0"],
    ["dt", "1s"],
    ["us_boot", "0123"],
    ["us_boot", "00112233445566AA"],
    ["us_cfg", ""],
    ["us_cfg", "fedcba98765432100"],
    ["us_phase", ""],
    ["us_phase", "dead"],
    ["us_phase", "gone"],
    ["us_changed", "0"],
    ["us_changed", "20"],
    ["us_claims", " "],
    ["us_claims", "1,held,a "],
    ["us_claims", "1,held,a  1,held,b"],
    ["us_claims", "1,held"],
    ["us_claims", "1,held,"],
    ["us_claims", "1,held,a,b"],
    ["us_claims", "1,held**,a"],
    ["us_claims", "1,gone,a"],
    ["us_claims", "-1,held,a"],
    ["us_claims", "1,held,50%"],
    ["us_claims", "1,held,%C3%A9"],
    ["us_claims", "1,held,\xe9"],
    ["us_stances", "refuses"],
    ["us_stances", "refuses,a,b"],
    ["us_stances", "yields,a"],
    ["us_stances", "loves,a"],
    ["us_hears", "beta,1"],
    ["us_hears", "beta,1,x"],
    ["us_hears", "beta,,1"],
    ["us_hears", ",1,1"],
  ])("does not say %s=%s", (name, text) => {
    const fields = fieldsOf(message, stamp).map((field) =>
      field.name === name ? { type: "string" as const, name, text } : field,
    );
    expect(heartbeatOf({ ...ours(), fields })).toEqual({ ok: false, error: "malformed" });
  });

  test.each(["resource", "shutdone", "NS_st"])("is not of the type %s", (type) => {
    expect(heartbeatOf({ ...ours(), type })).toEqual({ ok: false, error: "malformed" });
  });

  test("has a place in the order", () => {
    const result = heartbeatOf({ ...ours(), sequence: undefined });
    expect(result).toEqual({ ok: false, error: "malformed" });
  });
});

test("a count that is none is a bug of ours", () => {
  expect(() => fieldsOf({ ...message, sequence: 1.5 }, stamp)).toThrow("expected");
  expect(() => fieldsOf({ ...message, generation: -1 }, stamp)).toThrow("expected");
});

function ours(): Envelope {
  return {
    type: "status",
    from: message.from,
    sequence: message.sequence,
    generation: message.generation,
    fields: fieldsOf(message, stamp),
  };
}
