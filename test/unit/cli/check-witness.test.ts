import { expect, test } from "vitest";
import { witnessFindings } from "../../../src/cli/check-witness.ts";
import type { WitnessAnswer } from "../../../src/cli/parts.ts";
import { readConfig } from "../../../src/config/index.ts";
import { soundHaCf, sources } from "../config/support.ts";

const good = { url: "http://a:2379", fault: undefined, tookMs: 3.2, owner: undefined };
const bad = { url: "http://b:2379", fault: "http://b:2379 refuses", tookMs: 1, owner: undefined };

async function found(lines: string, answers: readonly WitnessAnswer[]) {
  const { value } = readConfig(sources({ haCf: `${soundHaCf}${lines}` }));
  const findings = await witnessFindings(value!, () => Promise.resolve(answers));
  return findings.map(({ text }) => text);
}

const line = "witness etcd http://a:2379 http://b:2379\n";

test("without a witness nobody is asked", async () => {
  expect(await found("", [bad])).toEqual([]);
});

test("a member that answers says in what time, and who has the vote", async () => {
  expect(await found(line, [good, { ...good, owner: "alpha" }])).toEqual([
    "ok: the witness at http://a:2379 answers in 4 ms: nobody has its vote",
    "ok: the witness at http://a:2379 answers in 4 ms: alpha has its vote",
  ]);
});

test("a member that is missing is doubtful; if all are, that is an error", async () => {
  const says = "the witness cannot be asked: http://b:2379 refuses";
  expect(await found(line, [good, bad])).toContain(`warning: ${says}`);
  expect(await found(line, [bad, bad])).toEqual([`error: ${says}`, `error: ${says}`]);
});
