/**
 * The witness with a real etcd, on the loopback interface: who gets the vote, for how long, and what is
 * said when it cannot be asked.
 *
 * deadtime 1 s, so etcd's lease is the shortest there is, 5 s.
 */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { Config } from "../../src/config/index.ts";
import { readConfig } from "../../src/config/index.ts";
import type { Input } from "../../src/core/index.ts";
import { openWitness } from "../../src/daemon/witness.ts";
import { now } from "../../src/linux/index.ts";
import type { Etcd } from "./lab/etcd.ts";
import { makeCertificates, missingEtcd, startEtcd } from "./lab/etcd.ts";
import { until } from "./lab/until.ts";

const missing = missingEtcd();
if (missing !== undefined) {
  if (process.env["CI"] !== undefined) throw new Error(missing);
  console.warn(`the tests of the witness are skipped: ${missing}`);
}

type Verdict = Extract<Input, { readonly type: "witness" }>;
/** With the moment at which it was told. */
type Told = Verdict & { readonly at: number };

const LEASE_MS = 5000;

function configOf(self: string, nodes: string, lines: readonly string[]): Config {
  const haCf = `node ${nodes}\nkeepalive 100ms\ndeadtime 1\nbcast lo\n${lines.join("\n")}\n`;
  const { value, diagnostics } = readConfig({
    haCf: { file: "ha.cf", text: haCf },
    haresources: { file: "haresources", text: `${self} 10.0.0.100/24/lo\n` },
    authkeys: { file: "authkeys", text: "auth 1\n1 sha256 correct-horse\n", mode: 0o600 },
    hostname: self,
  });
  if (value === undefined) throw new Error(JSON.stringify(diagnostics));
  return value;
}

/** One node of a pair. Each test has a pair of its own, and so a key of its own. */
function voter(self: string, nodes: string, lines: readonly string[]) {
  const told: Told[] = [];
  const config = configOf(self, nodes, lines);
  const witness = openWitness(config, (input) => {
    if (input.type === "witness") told.push({ ...input, at: now() });
  });
  onTestFinished(() => witness.close());
  return {
    ...witness,
    told,
    key: config.witness?.key ?? "",
    last: () => told.at(-1),
    hasVote: () => (told.at(-1)?.until ?? 0) > now(),
    fault: () => told.at(-1)?.fault,
  };
}

function pairAt(etcd: Etcd, name: string) {
  const nodes = `${name}1 ${name}2`;
  const lines = [`witness etcd ${etcd.url}`];
  return [voter(`${name}1`, nodes, lines), voter(`${name}2`, nodes, lines)] as const;
}

async function ownEtcd(...args: Parameters<typeof startEtcd>): Promise<Etcd> {
  const etcd = await startEtcd(...args);
  onTestFinished(() => etcd[Symbol.asyncDispose]());
  return etcd;
}

describe.skipIf(missing !== undefined)("of a pair that wants the vote", () => {
  let etcd: Etcd;
  beforeAll(async () => {
    etcd = await startEtcd();
  });
  afterAll(() => etcd[Symbol.asyncDispose]());

  test("one has it, for less than etcd's lease, and both know which", async () => {
    const [one, other] = pairAt(etcd, "both");
    const before = now();
    one.vote(true);
    other.vote(true);
    await until("both to know", () => one.last()?.owner && other.last()?.owner);
    expect([one.hasVote(), other.hasVote()].filter(Boolean)).toHaveLength(1);
    const [winner, loser] = one.hasVote() ? [one, other] : [other, one];
    expect(loser.last()).toMatchObject({ until: undefined, owner: winner.last()?.owner });
    const first = winner.last()?.until ?? 0;
    expect(first).toBeGreaterThan(before + 0.9 * LEASE_MS);
    expect(first).toBeLessThanOrEqual(now() + 0.99 * LEASE_MS - 50);
  });

  test("the one that has it keeps it, and the other gets it as soon as it is given back", async () => {
    const [one, other] = pairAt(etcd, "back");
    one.vote(true);
    await until("the vote", one.hasVote);
    other.vote(true);
    const first = one.last()?.until ?? 0;
    await until("a renewal", () => (one.last()?.until ?? 0) > first);
    expect(other.told.every((each) => each.until === undefined)).toBe(true);
    one.vote(false);
    expect(one.last()).toMatchObject({ until: undefined, owner: undefined });
    const given = now();
    await until("the other to have it", other.hasVote);
    // Long before the lease would have ended.
    expect(now() - given).toBeLessThan(LEASE_MS / 2);
  });

  test("the other gets it when the one that had it is dead, and not before its time is over", async () => {
    const [one, other] = pairAt(etcd, "dead");
    one.vote(true);
    await until("the vote", one.hasVote);
    other.vote(true);
    await until("the other to know", () => other.last()?.owner === "dead1");
    one.close();
    await until("the other to have it", other.hasVote);
    expect(other.last()?.at).toBeGreaterThan(one.last()?.until ?? Infinity);
  });

  test("a node that has come back finds its former life's vote to be another's", async () => {
    const [one] = pairAt(etcd, "life");
    one.vote(true);
    await until("the vote", one.hasVote);
    one.close();
    const [next] = pairAt(etcd, "life");
    next.vote(true);
    await until("it to know", () => next.last()?.owner === "life1");
    expect(next.hasVote()).toBe(false);
    await until("it to have it", next.hasVote);
    expect(next.last()?.at).toBeGreaterThan(one.last()?.until ?? Infinity);
  });

  test("who has had the key taken away says so at the next renewal", async () => {
    const [one] = pairAt(etcd, "robbed");
    one.vote(true);
    await until("the vote", one.hasVote);
    const renewals = one.told.length;
    etcd.ctl("put", one.key, "somebody else");
    await until("it to notice", () => one.told.length > renewals);
    expect(one.told[renewals]).toMatchObject({ until: undefined, owner: "somebody" });
  });

  test("a member that is not there is passed over", async () => {
    const one = voter("over1", "over1 over2", [`witness etcd http://127.0.0.1:1 ${etcd.url}`]);
    one.vote(true);
    await until("the vote", one.hasVote);
    expect(one.fault()).toBeUndefined();
  });

  test("after a reload with another deadtime it is asked anew", async () => {
    const [one] = pairAt(etcd, "anew");
    one.vote(true);
    await until("the vote", one.hasVote);
    const lines = [`witness etcd ${etcd.url}`, "deadtime 10"];
    one.reconfigure(configOf("anew1", "anew1 anew2", lines));
    expect(one.hasVote()).toBe(false);
    await until("a longer one", () => (one.last()?.until ?? 0) > now() + 3 * LEASE_MS);
  });
});

describe.skipIf(missing !== undefined)("a witness that cannot be asked", () => {
  test("is told in peace; once it can be, the vote is to be had", async () => {
    const etcd = await ownEtcd();
    await etcd.kill();
    const [one] = pairAt(etcd, "late");
    await until("the fault", one.fault);
    expect(one.fault()).toBe(`${etcd.url} refuses the connection`);
    one.vote(true);
    await etcd.restart();
    await until("the vote", one.hasVote);
    expect(one.fault()).toBeUndefined();
  });

  test("promises nothing more: the vote ends when it was to end", async () => {
    const etcd = await ownEtcd();
    const [one] = pairAt(etcd, "ends");
    one.vote(true);
    await until("the vote", one.hasVote);
    await etcd.kill();
    const given = one.last()?.until ?? Infinity;
    await until("the fault", one.fault);
    expect(one.last()).toMatchObject({ until: given, owner: "ends1" });
    await until("the end", () => one.last()?.until === undefined);
    expect(one.last()?.at).toBeGreaterThanOrEqual(given);
    // Told when it changed, and no more often: broken off, then refused, then over.
    expect(one.told.filter(({ fault }) => fault !== undefined).length).toBeLessThanOrEqual(3);
    expect(one.last()?.fault).toBe(`${etcd.url} refuses the connection`);
    // Etcd kept the lease longer than promised: it is this node's still.
    await etcd.restart();
    await until("the vote", one.hasVote);
  });

  test("may be slow: what it grants counts from when it was asked", async () => {
    const etcd = await ownEtcd();
    const [one] = pairAt(etcd, "counts");
    one.vote(true);
    await until("it to be connected", one.hasVote);
    one.vote(false);
    await until("it to be given back", () => etcd.ctl("get", one.key) === "");
    etcd.signal("SIGSTOP");
    const asked = now();
    one.vote(true);
    await until("some time to pass", () => now() > asked + 400);
    etcd.signal("SIGCONT");
    await until("the vote", one.hasVote);
    expect(one.last()?.until).toBeLessThan(asked + LEASE_MS);
  });

  test("may be slow: what it answers after the wish is undone", async () => {
    const etcd = await ownEtcd();
    const [one, other] = pairAt(etcd, "slow");
    await until("both to be connected", () => etcd.ctl("get", one.key) === "");
    etcd.signal("SIGSTOP");
    one.vote(true);
    await until("the fault", one.fault);
    expect(one.fault()).toBe(`${etcd.url} did not answer within 833 ms`);
    one.vote(false);
    etcd.signal("SIGCONT");
    other.vote(true);
    const wanted = now();
    await until("the other to have it", other.hasVote);
    expect(now() - wanted).toBeLessThan(LEASE_MS / 2);
    expect(one.told.every((each) => each.until === undefined)).toBe(true);
  });
});

describe.skipIf(missing !== undefined)("a witness that does not trust everybody", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "us-witness-"));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test("is asked over TLS with an authority of one's own, and with no other", async () => {
    const etcd = await ownEtcd(makeCertificates(folder, "ours"));
    const line = `witness etcd ${etcd.url}`;
    const other = makeCertificates(folder, "theirs");
    const trusting = voter("tls1", "tls1 tls2", [
      line,
      `witness_ca ${join(folder, "ours-ca.pem")}`,
    ]);
    const doubting = voter("tls2", "tls1 tls2", [line, `witness_ca ${other.ca}`]);
    trusting.vote(true);
    doubting.vote(true);
    await until("the vote", trusting.hasVote);
    await until("the fault", doubting.fault);
    expect(doubting.fault()).toMatch(/has a bad certificate: /);
    const lost = voter("tls1", "tls1 tls3", [line, "witness_ca /nonexistent"]);
    await until("the fault", lost.fault);
    expect(lost.fault()).toMatch(/cannot be asked: ENOENT.*\/nonexistent/);
    const plain = voter("tls1", "tls1 tls4", [line.replace("https", "http")]);
    await until("the fault", plain.fault);
  });

  test("must be the host that it is asked at", async () => {
    const files = makeCertificates(folder, "elsewhere", "IP:127.0.0.9,DNS:localhost");
    const etcd = await ownEtcd(files);
    const line = `witness etcd ${etcd.url}`;
    const ca = `witness_ca ${files.ca}`;
    const byAddress = voter("h1", "h1 h2", [line, ca]);
    await until("the fault", byAddress.fault);
    expect(byAddress.fault()).toMatch(/has a bad certificate: .*127\.0\.0\.1/);
    const byName = voter("h2", "h1 h2", [line.replace("127.0.0.1", "localhost"), ca]);
    byName.vote(true);
    await until("the vote", byName.hasVote);
  });

  test("is shown a certificate", async () => {
    const files = makeCertificates(folder, "clients");
    const etcd = await ownEtcd({ ...files, wantsClients: true });
    const lines = [`witness etcd ${etcd.url}`, `witness_ca ${files.ca}`];
    const shown = voter("c1", "c1 c2", [...lines, `witness_cert ${files.file} ${files.key}`]);
    const hidden = voter("c2", "c1 c2", lines);
    shown.vote(true);
    await until("the vote", shown.hasVote);
    await until("the fault", hidden.fault);
    expect(hidden.fault()).toContain("wants a certificate of this node: write witness_cert");
  });

  test("is told a password, that nobody else can read", async () => {
    const etcd = await ownEtcd();
    const file = join(folder, "password");
    writeFileSync(file, "hunter2\n", { mode: 0o600 });
    for (const words of [
      ["user", "add", "root:secret"],
      ["user", "grant-role", "root", "root"],
      ["user", "add", "understudy:hunter2"],
      ["role", "add", "vote"],
      ["role", "grant-permission", "vote", "--prefix=true", "readwrite", "understudy/vote/"],
      ["user", "grant-role", "understudy", "vote"],
      ["user", "add", "nobody:hunter2"],
      ["auth", "enable"],
    ])
      etcd.ctl(...words);
    const line = `witness etcd ${etcd.url}`;
    const asked = (user: string) =>
      voter("a1", "a1 a2", [line, ...(user === "" ? [] : [`witness_auth ${user} ${file}`])]);
    const known = asked("understudy");
    known.vote(true);
    await until("the vote", known.hasVote);
    const first = known.last()?.until ?? 0;
    await until("a renewal", () => (known.last()?.until ?? 0) > first);
    for (const [user, says] of [
      ["", "wants a login: write witness_auth"],
      ["nobody", "denies nobody the key: grant it the prefix understudy/vote/"],
      ["stranger", "does not accept the user stranger with this password"],
    ] as const) {
      const refused = asked(user);
      await until("the fault", refused.fault);
      expect(refused.fault()).toBe(`${etcd.url} ${says}`);
    }
    chmodSync(file, 0o640);
    const careless = asked("understudy");
    await until("the fault", careless.fault);
    expect(careless.fault()).toBe(`the password in ${file} is not secret: chmod 600 ${file}`);
    expect(JSON.stringify(known.told)).not.toContain("hunter2");
  });
});
