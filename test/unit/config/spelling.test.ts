import { expect, test } from "vitest";
import { nearest } from "../../../src/config/spelling.ts";

const words = ["node", "keepalive", "deadtime", "deadping", "bcast", "ucast", "web1.example.com"];

test.each([
  ["NODE", "node"],
  ["nod", "node"],
  ["ndoe", "node"],
  ["keep_alive", "keepalive"],
  ["keepalvei", "keepalive"],
  ["dedtime", "deadtime"],
  ["dead-ping", "deadping"],
  ["web1", "web1.example.com"],
  ["web1.example.org", "web1.example.com"],
])("%s was meant to be %s", (word, expected) => {
  expect(nearest(word, words)).toBe(expected);
});

test.each(["", "x", "nose-dive", "deadline-time", "web2.test"])("nothing is near to %j", (word) => {
  expect(nearest(word, words)).toBeUndefined();
});
