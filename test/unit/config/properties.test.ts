import * as fc from "fast-check";
import { expect, test } from "vitest";
import { directives } from "../../../src/config/directives.ts";
import type { Diagnostic, Parsed } from "../../../src/config/index.ts";
import {
  hasError,
  parseAuthkeys,
  parseHaCf,
  parseHaresources,
  readConfig,
  render,
} from "../../../src/config/index.ts";

/** Words that parsers look at, between anything else. */
const word = fc.oneof(
  fc.constantFrom(...directives.keys()),
  fc.constantFrom(
    "alpha",
    "10.0.0.1/24/eth0",
    "IPv6addr::fe80::1/64/eth0",
    "ocf::a:b::c=d",
    "::",
    "auth",
    "1",
  ),
  fc.constantFrom(
    "\\",
    "#",
    "\n",
    "\r\n",
    "\r",
    "\t",
    ",",
    "10s",
    "500ms",
    "on",
    "eth0",
    "sha1",
    "239.0.0.1",
  ),
  fc.string({ unit: "grapheme", maxLength: 8 }),
  fc.string({ unit: "binary", maxLength: 8 }),
);
const text = fc
  .array(fc.tuple(word, fc.constantFrom(" ", "\n", "", " \\\n")), { maxLength: 60 })
  .map((parts) => parts.flat().join(""));

function checkPlaces({ diagnostics }: Parsed<unknown>, source: string): void {
  const lines = source.split("\n");
  for (const each of diagnostics) {
    expect(render(each, source)).toContain(each.message);
    if (each.line > 0) checkPlace(each, lines[each.line - 1]);
  }
}

function checkPlace(each: Diagnostic, line: string | undefined): void {
  expect(line).toBeDefined();
  expect(each.column).toBeGreaterThan(0);
  expect(each.column).toBeLessThanOrEqual((line?.length ?? 0) + 1);
  expect(each.column - 1 + each.length).toBeLessThanOrEqual((line?.length ?? 0) + 1);
}

test("no text makes a parser throw, and every diagnostic lies within the text", () => {
  fc.assert(
    fc.property(text, (source) => {
      checkPlaces(parseHaCf({ file: "ha.cf", text: source }), source);
      checkPlaces(parseHaresources({ file: "haresources", text: source }), source);
      checkPlaces(parseAuthkeys({ file: "authkeys", text: source, mode: 0o600 }), source);
    }),
    { numRuns: 500 },
  );
});

test("there is a configuration if and only if there is no error", () => {
  const soundHaCf = fc.constant("node alpha beta\nbcast eth0\nauto_failback on\n");
  const soundHaresources = fc.constant("alpha 10.0.0.1\n");
  const soundAuthkeys = fc.constant("auth 1\n1 sha1 correct-horse\n");
  fc.assert(
    fc.property(
      fc.oneof(soundHaCf, text),
      fc.oneof(soundHaresources, text),
      fc.oneof(soundAuthkeys, text),
      fc.constantFrom("alpha", "gamma"),
      (haCf, haresources, authkeys, hostname) => {
        const { value, diagnostics } = readConfig({
          haCf: { file: "ha.cf", text: haCf },
          haresources: { file: "haresources", text: haresources },
          authkeys: { file: "authkeys", text: authkeys, mode: 0o600 },
          hostname,
        });
        expect(value === undefined).toBe(hasError(diagnostics));
      },
    ),
    { numRuns: 500 },
  );
});
