import { describe, expect, test } from "vitest";
import type { Envelope, PlainField } from "../../../src/wire/index.ts";
import { decode, encode, textOf } from "../../../src/wire/index.ts";
import { capture, captureKey, captures } from "./captures.ts";

test("there are 27 datagrams of the original, all different", () => {
  expect(new Set([...captures.values()].map((each) => each.toString("latin1"))).size).toBe(27);
});

describe.each([...captures])("the original's datagram: %s", (_, bytes) => {
  test("is believed", () => {
    expect(decode(bytes, [captureKey], captureKey)).toMatchObject({ ok: true });
  });

  test("is not believed with another secret", () => {
    const other = { ...captureKey, secret: "secretkez" };
    expect(decode(bytes, [other], other)).toEqual({ ok: false, error: "bad-signature" });
  });

  test("is not believed when its key is not in authkeys", () => {
    const other = { ...captureKey, index: 2 };
    expect(decode(bytes, [other], other)).toEqual({ ok: false, error: "unknown-key" });
  });

  test("is refused when any part of its end is missing", () => {
    for (let length = 0; length < bytes.length; length++) {
      const cut = decode(bytes.subarray(0, length), [captureKey], captureKey);
      expect(cut.ok, `${length} bytes of ${bytes.length}`).toBe(false);
    }
  });
});

const withInlineSignature = [...captures].filter(
  ([title]) => title !== "without an inline signature",
);

test.each(withInlineSignature)(
  "%s: the signature within, which nobody checks, is what we sign the classic framing with",
  (_, bytes) => {
    const [, inline] = /auth=(1 [0-9a-f]{40})/.exec(bytes.toString("latin1")) ?? [];
    const again = encode(plainFieldsOf(envelopeOf(bytes)), captureKey).toString("latin1");
    expect(again).toContain(`\nauth=${inline}\n<<<\n`);
  },
);

test("the classic datagram is, byte for byte, what we make of its fields", () => {
  const bytes = capture("the classic framing");
  expect(encode(plainFieldsOf(envelopeOf(bytes)), captureKey)).toEqual(bytes);
});

test("a status of the original is read field by field", () => {
  const envelope = envelopeOf(capture("the first status of an incarnation"));
  expect({ ...envelope, fields: envelope.fields.length }).toEqual({
    type: "status",
    from: "spec-a",
    sequence: 1,
    generation: 0x6b008d48,
    fields: 11,
  });
  const names = ["st", "dt", "protocol", "ld", "ttl", "auth"];
  expect(names.map((name) => textOf(envelope.fields, name))).toEqual([
    "init",
    "2710",
    "1",
    "0.11 0.13 0.06 2/131 35",
    "3",
    undefined,
  ]);
  expect(envelope.fields[5]).toEqual({
    type: "binary",
    name: "srcuuid",
    bytes: Buffer.from("42lypCgRTuSz/vTxkC+fWA==", "base64"),
  });
});

test.each([
  "an acknowledgement",
  "a request for what was lost",
  "a refusal of what was lost",
  "a ping node",
])("%s is outside the order of messages", (title) => {
  expect(envelopeOf(capture(title)).sequence).toBeUndefined();
});

test("a ping node has no generation", () => {
  expect(envelopeOf(capture("a ping node")).generation).toBe(0);
});

test("values keep the blanks at their end", () => {
  const { fields } = envelopeOf(capture("an answer with the nodes"));
  expect([textOf(fields, "nodelist"), textOf(fields, "delnodelist")]).toEqual([
    "spec-a spec-b ",
    " ",
  ]);
});

function envelopeOf(bytes: Buffer): Envelope {
  const result = decode(bytes, [captureKey], captureKey);
  if (!result.ok) throw new Error(result.error);
  return result.value;
}

function plainFieldsOf({ fields }: Envelope): PlainField[] {
  return fields.filter((field) => field.type === "string" || field.type === "binary");
}
