import { describe, expect, test } from "vitest";
import {
  addError,
  addWarning,
  diagnosticsOf,
  newFindings,
  wholeFile,
} from "../../../src/config/diagnostic.ts";
import { parseHaCf, render } from "../../../src/config/index.ts";

/** The errors of `text` as they are shown. */
function rendered(text: string): string {
  const { diagnostics } = parseHaCf({ file: "ha.cf", text });
  return diagnostics
    .filter(({ severity, line }) => severity === "error" && line > 0)
    .map((each) => render(each, text))
    .join("\n");
}

describe("a diagnostic is shown", () => {
  test("with its line and a caret", () => {
    expect(rendered("bcast eth0\nkeepalive 10s # often\n")).toMatchInlineSnapshot(`
      "ha.cf:2:11: error: "10s" is not a time: write 10 or 10000ms
          keepalive 10s # often
                    ^~~"
    `);
  });

  test("with the caret in its place, whatever blanks and controls stand before it", () => {
    expect(rendered("bcast eth0\n\tkeepalive\t \t10s\u00a0\r\n")).toMatchInlineSnapshot(`
      "ha.cf:2:14: error: "10s\u00a0" has characters that cannot be seen
           keepalive   10s 
                       ^~~~"
    `);
    expect(rendered("bcast eth0\n\u001b[2Jnode x\n")).toMatchInlineSnapshot(`
      "ha.cf:2:1: error: "\\u{1b}[2Jnode" has characters that cannot be seen
          \uFFFD[2Jnode x
          ^~~~~~~~"
    `);
  });

  test("with what surrounds the caret, if the line is long", () => {
    const names = Array.from({ length: 30 }, (_, index) => `eth${index}`).join(" ");
    expect(rendered(`bcast ${names} eth:0 ${names}\n`)).toMatchInlineSnapshot(`
      "ha.cf:1:177: error: "eth:0" is an alias, not an interface: write eth
          ...eth25 eth26 eth27 eth28 eth29 eth:0 eth0 eth1 eth2 eth3 eth4 eth5 et...
                                           ^~~~~"
    `);
  });

  test("with a mark that ends where the window ends", () => {
    expect(rendered(`bcast eth0 ${"x".repeat(200)}\n`)).toMatchInlineSnapshot(`
      "ha.cf:1:12: error: "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx..." cannot be an interface: names have 1 to 15 letters, without "/"
          bcast eth0 xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...
                     ^~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~"
    `);
  });

  test("without a line, if it is about the file as a whole", () => {
    const { diagnostics } = parseHaCf({
      file: "ha.cf",
      text: "auto_failback on\nbcast eth0 eth1\n",
    });
    expect(diagnostics.map((each) => render(each, "x"))).toEqual([
      "ha.cf: error: no node is named: write `node` and what `uname -n` prints on each of them",
    ]);
  });
});

function at(line: number) {
  return { line, column: 1, length: 1 };
}

describe("of many diagnostics", () => {
  test("a hundred are shown in the order of the file, and the number of the others", () => {
    const findings = newFindings({ file: "ha.cf" });
    for (let line = 150; line > 0; line--) addWarning(findings, at(line), "no-effect", "");
    const shown = diagnosticsOf(findings);
    expect(shown.map(({ line }) => line)).toEqual([
      ...Array.from({ length: 100 }, (_, index) => index + 51),
      0,
    ]);
    expect(shown.at(-1)).toMatchObject({
      severity: "warning",
      code: "more",
      message: "and 50 more",
    });
  });

  test("errors are shown rather than warnings", () => {
    const findings = newFindings({ file: "ha.cf" });
    for (let line = 1; line <= 100; line++) addWarning(findings, at(line), "no-effect", "");
    addError(findings, at(101), "bad-time", "");
    const shown = diagnosticsOf(findings);
    expect(shown.slice(-2)).toMatchObject([
      { code: "bad-time" },
      { severity: "warning", message: "and 1 more" },
    ]);
  });

  test("a hidden error is an error", () => {
    const findings = newFindings({ file: "ha.cf" });
    for (let line = 0; line < 101; line++) addError(findings, wholeFile, "bad-time", "");
    expect(diagnosticsOf(findings).at(-1)).toMatchObject({
      severity: "error",
      message: "and 1 more",
    });
  });
});
