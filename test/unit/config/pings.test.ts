import { describe, expect, test } from "vitest";
import { codes, haCfWith } from "./support.ts";

test("each host of a ping line is a ping node, and a ping_group line is one", () => {
  const parsed = haCfWith("ping 10.0.0.254 10.0.0.253", "ping_group ways 10.0.1.1 10.0.2.1");
  expect(codes(parsed)).toEqual([]);
  expect(parsed.value.pings).toEqual([
    { name: "10.0.0.254", hosts: ["10.0.0.254"] },
    { name: "10.0.0.253", hosts: ["10.0.0.253"] },
    { name: "ways", hosts: ["10.0.1.1", "10.0.2.1"] },
  ]);
});

test("without such lines there are none", () => {
  expect(haCfWith().value.pings).toEqual([]);
});

test("a ping node that is named twice is asked once", () => {
  const parsed = haCfWith("ping 10.0.0.254", "ping_group 10.0.0.254 10.0.0.253");
  expect(codes(parsed)).toEqual(["warning 8:12 duplicate-ping"]);
  expect(parsed.value.pings).toEqual([{ name: "10.0.0.254", hosts: ["10.0.0.254"] }]);
});

describe("a host of a ping node", () => {
  test.each([
    ["that is a name is warned of", "ping gateway", ["warning 7:6 name-lookup"]],
    ["of a group too", "ping_group ways gateway", ["warning 7:17 name-lookup"]],
    ["must be one", "ping gate/way", ["error 7:6 bad-name"]],
    ["must be an address, if it looks like one", "ping 10.0.0.256", ["error 7:6 bad-address"]],
    ["cannot be IPv6", "ping fe80::1", ["error 7:6 bad-address"]],
    ["cannot be this node", "ping 127.0.0.1", ["error 7:6 bad-address"]],
    ["cannot be many", "ping_group all 224.0.0.1", ["error 7:1 bad-address"]],
    ["must be there", "ping_group ways", ["error 7:1 missing-argument"]],
  ])("%s", (_, line, expected) => {
    expect(codes(haCfWith(line))).toEqual(expected);
  });
});
