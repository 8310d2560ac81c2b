import { describe, expect, test } from "vitest";
import {
  parseBoolean,
  parseInteger,
  parsePositiveTime,
  parseTime,
} from "../../../src/config/values.ts";

describe("a time", () => {
  test.each([
    ["2", 2000],
    ["1.5", 1500],
    ["1.", 1000],
    [".5", 500],
    ["500ms", 500],
    ["500msec", 500],
    ["500MS", 500],
    ["500000us", 500],
    ["1499us", 1],
    ["1500us", 2],
    ["499us", 0],
    ["0", 0],
  ])("%s is %d ms", (text, expected) => {
    expect(parseTime(text)).toEqual({ ok: true, value: expected });
  });

  test.each([
    ["10s", '"10s" is not a time: write 10 or 10000ms'],
    ["1.5sec", '"1.5sec" is not a time: write 1.5 or 1500ms'],
    ["2min", '"2min" is not a time: write 120 or 120000ms'],
    ["1h", '"1h" is not a time: write 3600 or 3600000ms'],
    ["-5", '"-5" is not a time: it cannot be negative'],
    ["ms", '"ms" is not a time: write the unit without a blank, like 500ms'],
    ["10x", '"10x" is not a time: write seconds, like 10 or 1.5, or milliseconds, like 500ms'],
    ["1.2.3", '"1.2.3" is not a time: write seconds, like 10 or 1.5, or milliseconds, like 500ms'],
    [".", '"." is not a time: write seconds, like 10 or 1.5, or milliseconds, like 500ms'],
    ["9999999", '"9999999" is not a time: more than 24 days'],
  ])("%s is refused, saying what to write", (text, message) => {
    expect(parseTime(text)).toEqual({ ok: false, error: { code: "bad-time", message } });
  });

  test("that must be above 0 is not when it is rounded to 0 ms", () => {
    expect(parsePositiveTime("499us").ok).toBe(false);
    expect(parsePositiveTime("500us").ok).toBe(true);
  });
});

describe("a boolean", () => {
  test.each(["true", "on", "yes", "y", "1", "ON", "Yes"])("%s is on", (text) => {
    expect(parseBoolean(text)).toEqual({ ok: true, value: true });
  });

  test.each(["false", "off", "no", "n", "0", "Off"])("%s is off", (text) => {
    expect(parseBoolean(text)).toEqual({ ok: true, value: false });
  });

  test.each(["2", "enable", "t", ""])("%j is refused", (text) => {
    expect(parseBoolean(text).ok).toBe(false);
  });
});

describe("an integer", () => {
  const range = { low: 1, high: 65_535 };

  test.each([
    ["694", 694],
    ["+694", 694],
    ["694x", 694],
  ])("is read as atoi reads %s", (text, expected) => {
    expect(parseInteger(text, range)).toEqual({ ok: true, value: expected });
  });

  test.each(["0", "-1", "65536", "x", ""])("%j is refused where a port is asked for", (text) => {
    expect(parseInteger(text, range).ok).toBe(false);
  });
});
