/**
 * `cl_status`: the original's program on one node and ours on the other say the same of a pair.
 */
import { describe, expect, test } from "vitest";
import type { Ran } from "../netns/lab/node.ts";
import type { PairNode } from "./lab/pair-node.ts";
import { cannotRun, mixedRoles, newPair, runningPair } from "./lab/pair-test.ts";

/** Of parameters that the pair's ha.cf sets, and of some that it leaves as they are. */
const parameters = "keepalive deadtime initdead warntime udpport auto_failback baud hopfudge debug \
msgfmt crm cluster autojoin uuidfrom compression memreserve node rtprio nosuch"
  .split(/\s+/)
  .map((name) => ["hbparameter", "-p", name]);

const alone = [
  [],
  ["-h"],
  ["nosuch"],
  ["hbstatus"],
  ["hbstatus", "-m"],
  ["rscstatus"],
  ["rscstatus", "-m"],
  ["rscstatus", "-z"],
  ["hbparameter"],
  ["hbparameter", "-p"],
  ["nodestatus"],
  ["nodestatus", "nosuch"],
  ["nodeweight", "nosuch"],
  ["nodetype"],
  ["listhblinks", "nosuch"],
  ["hblinkstatus", "nosuch", "nosuch"],
];

describe.skipIf(cannotRun)("cl_status", () => {
  test.each(mixedRoles)("alpha $alpha, beta $beta", async (roles) => {
    const { alpha, beta } = await runningPair({ roles });
    const nodes = [alpha, beta];
    const questions = [...alone, ...parameters, ...["alpha", "beta"].flatMap(aboutNode)];
    for (const words of questions) {
      const [one, other] = await Promise.all(nodes.map((node) => asked(node, words)));
      expect(one, words.join(" ")).toEqual(other);
    }
    const lists = await Promise.all(nodes.map((node) => asked(node, ["listnodes"])));
    expect(lists.map(({ stdout }) => stdout.split("\n").toSorted().join())).toEqual([
      ",alpha,beta",
      ",alpha,beta",
    ]);
    // What each says of the other's links; of its own the original says by its kind of medium.
    const links = await Promise.all([
      asked(alpha, ["listhblinks", "beta", "-v"]),
      asked(beta, ["listhblinks", "alpha", "-v"]),
    ]);
    expect(sorted(links[0])).toEqual(sorted(links[1]));
  });

  test("without a daemon both say that heartbeat is stopped", async () => {
    const { alpha, beta } = await newPair({ roles: { alpha: "original", beta: "understudy" } });
    for (const words of [["hbstatus"], ["rscstatus"], ["listnodes"], ["hbparameter", "-p", "node"]])
      expect(await asked(alpha, words), words.join(" ")).toEqual(await asked(beta, words));
  });
});

function aboutNode(node: string): readonly (readonly string[])[] {
  const single = ["nodestatus", "nodetype", "nodeweight", "nodesite"];
  return single.flatMap((word) => [
    [word, node],
    [word, "-m", node],
    [word, node.toUpperCase(), "-m"],
  ]);
}

interface Said extends Pick<Ran, "code" | "stdout"> {
  readonly complains: boolean;
}

/** Its answer; of a complaint, which has a date and a process in the original, only that it is one. */
async function asked(
  { role, sandbox, understudy }: PairNode,
  words: readonly string[],
): Promise<Said> {
  const { code, stdout, stderr } =
    role === "original"
      ? await sandbox.exec("/usr/bin/cl_status", ...words)
      : await understudy.cli("cl_status", ...words);
  return { code, stdout, complains: stderr !== "" };
}

function sorted(said: Said | undefined): readonly string[] {
  return (said?.stdout ?? "").split("\n").toSorted();
}
