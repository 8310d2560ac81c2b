import { describe, expect, test } from "vitest";
import { headline, readConfig } from "../../../src/config/index.ts";
import { codes, errors, soundAuthkeys, soundHaCf, soundHaresources, sources } from "./support.ts";

function read(change: Parameters<typeof sources>[0]) {
  return readConfig(sources(change));
}

test("sound files are met in silence, and are a configuration", () => {
  const { value, diagnostics } = read({});
  expect(diagnostics).toEqual([]);
  expect(value).toMatchObject({
    core: {
      self: "alpha",
      peers: ["beta"],
      timing: { keepalive: 1000, warntime: 5000, deadtime: 10_000, initdead: 30_000 },
      media: ["eth0", "eth1"],
      groups: [
        {
          name: "10.0.0.100",
          nodes: ["alpha", "beta"],
          resources: [
            {
              type: "address",
              name: "10.0.0.100/24/eth0",
              ip: { family: 4, address: "10.0.0.100", prefix: 24, device: "eth0" },
            },
            { type: "script", name: "nginx", script: "nginx", args: [] },
          ],
        },
      ],
      autoFailback: true,
      startTimeout: 60_000,
      stopTimeout: 60_000,
    },
    media: [
      { type: "interface", name: "eth0", device: "eth0", targets: [{ type: "bcast", port: 694 }] },
      { type: "interface", name: "eth1", device: "eth1", targets: [{ type: "bcast", port: 694 }] },
    ],
    keys: {
      active: { index: 1, method: "sha256", secret: "correct-horse-battery" },
      all: [{ index: 1, method: "sha256", secret: "correct-horse-battery" }],
    },
    settings: { keepalive: "1" },
  });
  expect(value?.core.digest).toMatch(/^[0-9a-f]{16}$/);
});

test("a group may be held by its node first, then by the others in the order of ha.cf", () => {
  const haCf = soundHaCf.replace("alpha beta", "alpha beta gamma");
  const { value } = read({ haCf, haresources: "beta 10.0.0.1\n" });
  expect(value?.core.groups[0]?.nodes).toEqual(["beta", "alpha", "gamma"]);
});

describe("the local node", () => {
  test("that no node line names is refused, with what may have been meant", () => {
    const { value, diagnostics } = read({ hostname: "alhpa" });
    expect(value).toBeUndefined();
    expect(diagnostics.map(headline)).toEqual([
      'ha.cf: error: no node line names this node, "alhpa"; did you mean "alpha"?',
    ]);
  });

  test("that is named with its domain here and without it there is recognised as a mistake", () => {
    const { diagnostics } = read({ hostname: "alpha.example.com" });
    expect(diagnostics.map(headline)).toEqual([
      'ha.cf: error: no node line names this node, "alpha.example.com"; did you mean "alpha"?',
    ]);
  });

  test("is told what to add when nothing is near", () => {
    expect(read({ hostname: "omega" }).diagnostics.map(headline)).toEqual([
      'ha.cf: error: no node line names this node, "omega": add "node omega"',
    ]);
  });

  test("is compared in lower case", () => {
    expect(read({ hostname: "ALPHA" }).value?.core.self).toBe("alpha");
  });

  test("is what nodeinfo says, whatever uname says", () => {
    expect(read({ nodeinfo: "Beta\n", hostname: "omega" }).value?.core.self).toBe("beta");
  });

  test.each(["", "\n", "beta", "\nbeta\n"])("is what uname says if nodeinfo is %j", (nodeinfo) => {
    const parsed = read({ nodeinfo });
    expect(parsed.value?.core.self).toBe("alpha");
    expect(codes(parsed)).toEqual(["warning 0:0 nodeinfo"]);
  });
});

describe("refused is", () => {
  test.each([
    ["no ha.cf", { haCf: undefined }, "missing-file"],
    ["no haresources", { haresources: undefined }, "missing-file"],
    ["no authkeys", { authkeys: undefined }, "missing-file"],
    ["authkeys of mode 0640", { mode: 0o640 }, "file-mode"],
    ["no media", { haCf: soundHaCf.replace("bcast eth0 eth1", "") }, "no-media"],
    ["no nodes", { haCf: soundHaCf.replace("node alpha beta", "") }, "no-nodes"],
    ["a group on an unknown node", { haresources: "gamma 10.0.0.1\n" }, "unknown-node"],
    ["an unknown directive", { haCf: `${soundHaCf}nodes gamma\n` }, "unknown-directive"],
    ["a bad key", { authkeys: `${soundAuthkeys}2 sha3 x\n` }, "bad-word"],
    ["more groups than fit into a heartbeat", { haresources: manyGroups(900) }, "too-many"],
    ["a bad resource", { haresources: "alpha 10.0.0.300\n" }, "bad-address"],
  ])("%s", (_, change, code) => {
    const parsed = read(change);
    expect(parsed.value).toBeUndefined();
    expect(errors(parsed)).toEqual([code]);
  });
});

test("all mistakes of all files are told, file by file and line by line", () => {
  const parsed = read({
    haCf: `${soundHaCf}keepalive 10s\nwatchdgo\n`,
    haresources: `${soundHaresources}alhpa 10.0.0.101\nbeta 10.0.0.300\n`,
    authkeys: "1 sha1 HI!\n",
  });
  expect(parsed.diagnostics.map((each) => `${each.file}:${each.line} ${each.code}`)).toEqual([
    "ha.cf:7 bad-time",
    "ha.cf:8 unknown-directive",
    "haresources:2 unknown-node",
    "haresources:3 bad-address",
    "authkeys:0 no-active-key",
    "authkeys:1 weak-secret",
  ]);
});

test("no file of any length has more than a hundred mistakes shown", () => {
  const parsed = read({ haresources: "omega 10.0.0.300\n".repeat(50_000) });
  expect(parsed.value).toBeUndefined();
  expect(parsed.diagnostics.length).toBeLessThanOrEqual(202);
});

test("as many groups as fit into a heartbeat are accepted", () => {
  expect(read({ haresources: manyGroups(600) }).value?.core.groups).toHaveLength(600);
});

function manyGroups(count: number): string {
  return Array.from({ length: count }, (_, n) => `alpha 10.1.${n >> 8}.${n & 255}/16\n`)
    .join("")
    .replace("10.1.0.0/16", "10.1.100.100/16");
}
