import { expect, test } from "vitest";
import { fnv1a } from "../../../src/config/digest.ts";
import { readConfig } from "../../../src/config/index.ts";
import { soundHaCf, soundHaresources, sources } from "./support.ts";

function digest(change: Parameters<typeof sources>[0]) {
  return readConfig(sources(change)).value?.core.digest;
}

/** The vectors of the algorithm's authors: FNV-1a, 64 bits. */
test.each([
  ["", "cbf29ce484222325"],
  ["a", "af63dc4c8601ec8c"],
  ["foobar", "85944171f73967e8"],
])("the hash of %j is %s", (text, expected) => {
  expect(fnv1a(text)).toBe(expected);
});

test("both nodes of a pair compute the same digest", () => {
  expect(digest({ hostname: "beta" })).toBe(digest({}));
});

test("the order of ping nodes may differ, and what a group of them is made of may not", () => {
  const group = "ping_group ways 10.0.0.253 10.0.0.252\n";
  const [one, other] = [`ping 10.0.0.254\n${group}`, `${group}ping 10.0.0.254\n`];
  expect(digest({ haCf: soundHaCf + one })).toBe(digest({ haCf: soundHaCf + other }));
  const changed = other.replace("252", "251");
  expect(digest({ haCf: soundHaCf + one })).not.toBe(digest({ haCf: soundHaCf + changed }));
});

test("on_isolated may not differ", () => {
  const ping = `${soundHaCf}ping 10.0.0.254\n`;
  const released = digest({ haCf: `${ping}on_isolated release\n` });
  expect(released).not.toBe(digest({ haCf: ping }));
  expect(digest({ haCf: `${ping}on_isolated keep\n` })).toBe(digest({ haCf: ping }));
});

function asked(lines: string) {
  return digest({ haCf: `${soundHaCf}${lines}\n` });
}

test("the witness may not be another one; how it is reached may differ", () => {
  const one = asked("witness etcd https://a:2379 https://b:2379");
  expect(asked("witness etcd https://b:2379 https://A:2379/\nwitness_ca /ca.pem")).toBe(one);
  expect(asked("witness etcd https://a:2379 https://c:2379")).not.toBe(one);
});

const twoGroups = `${soundHaresources}beta 10.0.0.101\n`;

test.each([
  ["media", { haCf: soundHaCf.replace("bcast eth0 eth1", "bcast eth2 eth3") }],
  ["the order of nodes", { haCf: soundHaCf.replace("alpha beta", "beta alpha") }],
  ["a lease that is said and is the usual", { haCf: `${soundHaCf}lease 9800ms\n` }],
  ["comments", { haresources: `# web\n${soundHaresources}` }],
])("%s may differ", (_, change) => {
  expect(digest(change)).toBe(digest({}));
});

test("the order of groups may differ", () => {
  const reversed = twoGroups.split("\n").toReversed().join("\n");
  expect(digest({ haresources: `${reversed}\n` })).toBe(digest({ haresources: twoGroups }));
});

test.each([
  ["a node", { haCf: soundHaCf.replace("alpha beta", "alpha beta gamma") }],
  ["keepalive", { haCf: soundHaCf.replace("keepalive 1", "keepalive 2") }],
  ["warntime", { haCf: `${soundHaCf}warntime 4\n` }],
  ["deadtime", { haCf: soundHaCf.replace("deadtime 10", "deadtime 11") }],
  ["initdead", { haCf: soundHaCf.replace("initdead 30", "initdead 31") }],
  ["auto_failback", { haCf: soundHaCf.replace("auto_failback on", "auto_failback off") }],
  ["the node of a group", { haresources: soundHaresources.replace("alpha", "beta") }],
  ["a resource", { haresources: soundHaresources.replace("nginx", "apache2") }],
  ["the order of resources", { haresources: "alpha 10.0.0.100/24/eth0 b a\n" }],
  ["a group", { haresources: twoGroups }],
  ["a ping node", { haCf: `${soundHaCf}ping 10.0.0.254\n` }],
  ["whether there is a lease", { haCf: `${soundHaCf}lease off\n` }],
  ["the length of the lease", { haCf: `${soundHaCf}lease 9\n` }],
  ["a witness", { haCf: `${soundHaCf}witness etcd http://10.0.0.9:2379\n` }],
])("%s may not differ", (_, change) => {
  const other = digest(change);
  expect(other).toBeDefined();
  expect(other).not.toBe(digest({}));
});
