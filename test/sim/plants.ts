/**
 * Bugs that are planted one by one, to see that something finds each: `node test/sim/plants.ts`.
 * A plant that nothing finds is a missing checker.
 */
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

interface Plant {
  readonly name: string;
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/** With words: only the plants whose names contain the second argument. */
const only = process.argv[3] ?? "";

const all: readonly Plant[] = [
  {
    name: "take though another claims it",
    file: "src/core/settle.ts",
    from: "if (group.next !== undefined || claimantOf(turn, group) !== undefined) return;",
    to: "if (group.next !== undefined) return;",
  },
  {
    name: "take without agreement",
    file: "src/core/settle.ts",
    from: " || !isAgreed(state, group)) return;",
    to: ") return;",
  },
  {
    name: "trust an acknowledgement of any age",
    file: "src/core/agreement.ts",
    from: "peer.acked !== undefined && state.now < peer.acked.until;",
    to: "peer.acked !== undefined;",
  },
  {
    name: "trust a peer that knows an older word of ours",
    file: "src/core/agreement.ts",
    from: " && peer.acked.sequence >= since;",
    to: " && peer.acked.sequence >= 0 * since;",
  },
  {
    name: "trust peers that do not know of each other",
    file: "src/core/agreement.ts",
    from: " || !knowsOthers(peer, state)) return false;",
    to: ") return false;",
  },
  {
    name: "believe copies and old heartbeats",
    file: "src/core/peer.ts",
    from: 'if (!isLater && !(isOther && proven)) return { type: "old" };',
    to: 'if (peer.name === "" && !isLater && !isOther && !proven) return { type: "old" };',
  },
  {
    name: "no forgiveness after a stall",
    file: "src/core/hearing.ts",
    from: "if (lost < state.config.timing.warntime) return;",
    to: "if (lost < 1e9) return;",
  },
  {
    name: "both keep it when two hold it",
    file: "src/core/settle.ts",
    from: "if (rivalry !== undefined && rivalry.winner !== state.config.self) {",
    to: 'if (rivalry !== undefined && rivalry.winner === "") {',
  },
  {
    name: "both give up when two hold it",
    file: "src/core/settle.ts",
    from: "if (rivalry !== undefined && rivalry.winner !== state.config.self) {",
    to: "if (rivalry !== undefined) {",
  },
  {
    name: "a failed stop gives the group away",
    file: "src/core/transition.ts",
    from: "else stopFailed(turn, group, reasonOf(outcome));",
    to: "else stopped(turn, group);",
  },
  {
    name: "a failed start is held all the same",
    file: "src/core/transition.ts",
    from: "else startFailed(turn, group, reasonOf(outcome));",
    to: "else started(turn, group);",
  },
  {
    name: "stop left to right",
    file: "src/core/transition.ts",
    from: "stepsOf(group.config).length - 1);",
    to: "0);",
  },
  {
    name: "never fail back",
    file: "src/core/settle.ts",
    from: 'return able ? { why: "failback", to: home } : undefined;',
    to: "return able ? undefined : undefined;",
  },
  {
    name: "fail back what the operator moved",
    file: "src/core/settle.ts",
    from: 'if (local.at !== "held" || local.taking.pinned) return undefined;',
    to: 'if (local.at !== "held") return undefined;',
  },
  {
    name: "a dead peer never returns",
    file: "src/core/peer.ts",
    from: "const before = peer.liveness;",
    to: 'const before = peer.liveness;\n  if (before === "dead") return { type: "old" };',
  },
  {
    name: "leave an address that was deleted",
    file: "src/core/hosts.ts",
    from: 'if (group.local.at === "held") putBack(turn, group);',
    to: 'if (group.local.at === "held" && group.term < 0) putBack(turn, group);',
  },
  {
    name: "leave an address that is not ours to hold",
    file: "src/core/hosts.ts",
    from: "else if (!isClaimed(group)) clearAway(turn, group);",
    to: "else if (!isClaimed(group) && group.term < 0) clearAway(turn, group);",
  },
  {
    name: "a hanging script is never cancelled",
    file: "src/core/step.ts",
    from: "if (now < job.due) continue;",
    to: "if (now < job.due || job.limit > 0) continue;",
  },
  {
    name: "go without a goodbye",
    file: "src/core/step.ts",
    from: "sayGoodbye(turn);",
    to: "if (state.sequence < 0) sayGoodbye(turn);",
  },
  {
    name: "announce once only",
    file: "src/core/announce.ts",
    from: "const repeat = REPEATS[count - 1];",
    to: "const repeat = REPEATS[count + 9];",
  },
  {
    name: "take from the dead without fencing",
    file: "src/core/fence.ts",
    from: "return suspects.length === 0;",
    to: "return suspects.length >= 0;",
  },
  {
    name: "spare whoever claimed nothing when it was heard last",
    file: "src/core/fence.ts",
    from: ".filter((group) => isClaimed(group) && !claimed.has(group.config.name))",
    to: ".filter((group) => claimed.size === 0 || (isClaimed(group) && !claimed.has(group.config.name)))",
  },
  {
    name: "spare whoever was never heard",
    file: "src/core/fence.ts",
    from: "if (!peer.everHeard) return [];",
    to: "if (!peer.everHeard) return [...state.groups.keys()];",
  },
  {
    name: "go on fencing what is heard again",
    file: "src/core/fence.ts",
    from: "if (!isWanted) state.fences.delete(name);",
    to: "if (!isWanted && state.now < 0) state.fences.delete(name);",
  },
];

const plants = all.filter(({ name }) => name.includes(only));

interface Check {
  readonly name: string;
  readonly command: readonly string[];
}

const checks: readonly Check[] = [
  { name: "sim", command: ["node", "test/sim/run.ts", "--seeds", process.argv[2] ?? "1000"] },
  { name: "trace", command: vitest("trace") },
  { name: "unit", command: vitest("unit", "test/unit/core") },
];

function vitest(...args: readonly string[]): readonly string[] {
  const [project = "", ...filters] = args;
  return ["vitest", "run", "--config", "test/vitest.config.ts", "--project", project, ...filters];
}

const folder = mkdtempSync(join(tmpdir(), "understudy-plants-"));
try {
  if (isFound({ name: "nothing", file: "package.json", from: "{", to: "{" })) {
    throw new Error("the checks fail without any plant");
  }
  const missed = plants.filter((plant) => !isFound(plant));
  console.log(`plants: ${plants.length} planted, ${missed.length} missed`);
  process.exitCode = missed.length === 0 ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true });
}

function isFound(plant: Plant): boolean {
  const tree = join(folder, "tree");
  rmSync(tree, { recursive: true, force: true });
  for (const part of ["src", "test", "ha.d", "package.json", "tsconfig.json"]) {
    cpSync(part, join(tree, part), { recursive: true });
  }
  symlinkSync(join(process.cwd(), "node_modules"), join(tree, "node_modules"));
  const path = join(tree, plant.file);
  const text = readFileSync(path, "utf8");
  if (!text.includes(plant.from)) throw new Error(`"${plant.name}" no longer fits ${plant.file}`);
  writeFileSync(path, text.replace(plant.from, plant.to));
  const found = checks.filter(({ command: [program = "", ...args] }) => {
    const { status } = spawnSync(program, args, { cwd: tree, stdio: "ignore", timeout: 300_000 });
    return status !== 0;
  });
  console.log(`${plant.name}: ${found.map(({ name }) => name).join(", ") || "MISSED"}`);
  return found.length > 0;
}
