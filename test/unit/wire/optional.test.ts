import { describe, expect, test } from "vitest";
import type { Message } from "../../../src/core/index.ts";
import { groupName, nodeName } from "../../../src/core/index.ts";
import { ok } from "../../../src/std/result.ts";
import { millis } from "../../../src/std/time.ts";
import { fieldsOf, heartbeatOf, textField } from "../../../src/wire/index.ts";

const bare: Message = {
  from: nodeName("alpha"),
  boot: "00112233445566aa",
  generation: 1,
  sequence: 3,
  changed: 2,
  phase: "away",
  deadtime: millis(1000),
  claims: [],
  stances: [],
  hears: [],
  digest: "fedcba9876543210",
  reach: undefined,
};

const full: Message = {
  ...bare,
  reach: 2,
  lease: millis(750),
  back: millis(15_000),
  maintenance: {
    on: true,
    version: 3,
    by: nodeName("beta"),
    left: millis(1_800_000),
    reason: "kernel update, 50 %",
  },
  macs: ["52:54:00:12:34:56", "02:00:00:00:00:01"],
  doubts: [groupName("10.0.0.100"), groupName("café,2")],
};

test("what a node may leave out is readable as well", () => {
  expect(optional(full)).toEqual([
    "us_reach=2",
    "us_lease=2ee",
    "us_back=3a98",
    "us_maint=on,3,beta,1b7740,kernel%20update%2c%2050%20%25",
    "us_macs=52:54:00:12:34:56 02:00:00:00:00:01",
    "us_doubts=10.0.0.100 caf%c3%a9%2c2",
  ]);
  expect(read(full)).toEqual(ok(full));
});

test("who has nothing of it to say says nothing", () => {
  expect(optional(bare)).toEqual([]);
  expect(optional({ ...bare, macs: [], doubts: [] })).toEqual([]);
  expect(read(bare)).toEqual(ok(bare));
});

test("no lease is said to be shorter than it is", () => {
  expect(optional({ ...bare, lease: millis(20.25), back: millis(0.5) })).toEqual([
    "us_lease=15",
    "us_back=1",
  ]);
});

test("maintenance without an end and without a reason", () => {
  const maintenance = { on: false, version: 0, by: nodeName("beta"), left: undefined, reason: "" };
  expect(optional({ ...bare, maintenance })).toEqual(["us_maint=off,0,beta,,"]);
  expect(read({ ...bare, maintenance })).toEqual(ok({ ...bare, maintenance }));
});

const mac = "02:00:00:00:00:01";

describe("what no node of ours would say is malformed", () => {
  test.each([
    ["us_reach", ""],
    ["us_lease", ""],
    ["us_lease", "-1"],
    ["us_lease", "1.5"],
    ["us_lease", "fffffffffffff"],
    ["us_back", "soon"],
    ["us_back", "fffffffffffff"],
    ["us_maint", ""],
    ["us_maint", "on"],
    ["us_maint", "on,1,beta,"],
    ["us_maint", "on,1,beta,,why,else"],
    ["us_maint", "maybe,1,beta,,"],
    ["us_maint", "on,,beta,,"],
    ["us_maint", "on,1000000000001,beta,,"],
    ["us_maint", "on,1,,,"],
    ["us_maint", "on,1,beta,long,"],
    ["us_maint", "on,1,beta,fffffffffffff,"],
    ["us_maint", "on,1,beta,,two words"],
    ["us_maint", `on,1,beta,,${"x".repeat(201)}`],
    ["us_macs", ""],
    ["us_macs", "02:00:00:00:00"],
    ["us_macs", "02:00:00:00:00:0G"],
    ["us_macs", "02:00:00:00:00:AA"],
    ["us_macs", `${mac} `],
    ["us_macs", Array.from({ length: 65 }, () => mac).join(" ")],
    ["us_doubts", ""],
    ["us_doubts", "a  b"],
    ["us_doubts", "50%"],
  ])("%s=%s", (name, text) => {
    const fields = [...fieldsOf(bare, stamp), textField(name, text)];
    expect(heartbeatOf({ ...envelope, fields })).toEqual({ ok: false, error: "malformed" });
  });

  test.each([
    ["us_macs", Array.from({ length: 64 }, () => mac).join(" ")],
    ["us_maint", `on,1000000000000,beta,,${"x".repeat(200)}`],
  ])("the longest %s is none of it", (name, text) => {
    const fields = [...fieldsOf(bare, stamp), textField(name, text)];
    expect(heartbeatOf({ ...envelope, fields }).ok).toBe(true);
  });
});

const stamp = { seconds: 1, load: "", ttl: 3, uuid: Buffer.alloc(16, 0x11) };
const envelope = { type: "status", from: bare.from, sequence: bare.sequence, generation: 1 };

/** The optional fields that are sent, in their order. */
function optional(message: Message): readonly string[] {
  const fields = fieldsOf(message, stamp).flatMap((field) =>
    field.type === "string" ? [`${field.name}=${field.text}`] : [],
  );
  return fields.slice(fields.indexOf("us_hears=") + 1);
}

function read(message: Message): ReturnType<typeof heartbeatOf> {
  return heartbeatOf({ ...envelope, fields: fieldsOf(message, stamp) });
}
