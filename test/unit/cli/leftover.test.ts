import { expect, test } from "vitest";
import { leftoverText } from "../../../src/cli/leftover.ts";

const addresses = [
  { address: "10.0.0.100", prefix: 24, validSeconds: undefined },
  { address: "fd00::100", prefix: 128, validSeconds: 7 },
];

test.each([
  [640, "this node answers for it for 640 ms more, unless its lease is renewed"],
  [0, "its lease has run out, so this node does not answer for it"],
  [undefined, "this node may answer for it until it is removed"],
])(
  "what a daemon that does not answer has left is told, with its lease: %s ms",
  (leaseMs, words) => {
    expect(leftoverText({ addresses, leaseMs })).toBe(
      `10.0.0.100/24 is configured here: ${words}\n` +
        `fd00::100/128 is configured here: ${words}; removed by the kernel in 7 s\n`,
    );
  },
);

test("where nothing is left nothing is told", () => {
  expect(leftoverText({ addresses: [], leaseMs: 100 })).toBe("");
});
