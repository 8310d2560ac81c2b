import { expect, test } from "vitest";
import { directives } from "../../../src/config/directives.ts";
import { differences, directiveNotes, lineNotes } from "../../../src/config/index.ts";

function notes(text: string): readonly string[] {
  return directiveNotes({ file: "ha.cf", text }).map(
    ({ line, subject, effect }) => `${line} ${subject} ${effect}`,
  );
}

test("every difference is of a directive that is used", () => {
  const names = [...differences.keys()].map((key) => key.split(" ")[0] ?? "");
  expect(names.filter((name) => directives.get(name)?.use !== "used")).toEqual([]);
});

test("a directive is told once, where it first stands, with what becomes of it", () => {
  const text = "# old\nnode a\nnode b\ncoreroot /var\nauto_failback on\nping 10.0.0.1\n";
  expect(notes(text)).toEqual([
    "2 node same",
    "4 coreroot no-effect",
    "5 auto_failback differs",
    "6 ping differs",
  ]);
});

test("what has no effect says so with the directive's own sentence", () => {
  const [note] = directiveNotes({ file: "ha.cf", text: "coreroot /var\n" });
  expect(note?.says).toBe(directives.get("coreroot")?.says);
});

test("a directive that asks for nothing, or whose value means the same, is the same", () => {
  expect(notes("debug 0\nauto_failback off\ncoredumps false\n")).toEqual([
    "1 debug same",
    "2 auto_failback same",
    "3 coredumps same",
  ]);
});

test("what legacy means with a peer that runs heartbeat is told", () => {
  const [note] = directiveNotes({ file: "ha.cf", text: "auto_failback legacy\n" });
  expect(note?.says).toContain("nothing can be moved by hand");
});

test("a comment on a continuation line is told, and no other", () => {
  const text = "a 10.0.0.1 \\\n  web # one\n# two\nb 10.0.0.2 # three \\\nb 10.0.0.3 \\\n  db\n";
  expect(lineNotes({ file: "haresources", text }).map(({ line }) => line)).toEqual([2]);
});

test("nothing of a parameter is told: it may be a password", () => {
  const text = "stonith_host * external/ipmi node1 10.0.0.9 admin secret\n";
  expect(JSON.stringify(directiveNotes({ file: "ha.cf", text }))).not.toContain("secret");
});
