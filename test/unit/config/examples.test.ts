import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { readConfig } from "../../../src/config/index.ts";
import { soundAuthkeys } from "./support.ts";

const root = new URL("../../../", import.meta.url);

function text(path: string): string {
  return readFileSync(new URL(path, root), "utf8");
}

/** Each diagnostic as `ha.cf:12 warning no-effect`. */
function read(haCf: string, haresources: string, hostname: string, authkeys = soundAuthkeys) {
  const { value, diagnostics } = readConfig({
    haCf: { file: "ha.cf", text: haCf },
    haresources: { file: "haresources", text: haresources },
    authkeys: { file: "authkeys", text: authkeys, mode: 0o600 },
    hostname,
  });
  const said = diagnostics.map((each) => `${each.file}:${each.line} ${each.severity} ${each.code}`);
  return { value, said };
}

function pair(name: string, hostname: string) {
  const path = `test/fixtures/config/${name}`;
  return read(text(`${path}.ha.cf`), text(`${path}.haresources`), hostname);
}

describe("the example in ha.d", () => {
  const example = [text("ha.d/ha.cf"), text("ha.d/haresources")] as const;

  test("is sound on both nodes, but for the key, which must be replaced", () => {
    for (const node of ["node1", "node2"]) {
      const { value, said } = read(...example, node, text("ha.d/authkeys"));
      expect(said).toEqual(["authkeys:13 warning example-secret"]);
      expect(value?.core.groups.map(({ name }) => name)).toEqual([
        "10.0.0.100",
        "Filesystem::/dev/vg0/db::/var/lib/postgresql::ext4",
        "2001:db8::100",
      ]);
    }
  });
});

test("two web directors with a null-modem cable, about 2002", () => {
  const { value, said } = pair("two-directors", "seven.ce.cnu.ac.kr");
  expect(value?.core).toMatchObject({
    peers: ["mazelut.ce.cnu.ac.kr"],
    timing: {
      keepalive: 2000,
      warntime: 2500,
      deadtime: 5000,
      initdead: 12_000,
      deadping: 5000,
    },
    media: ["eth0", "/dev/ttyS0"],
    autoFailback: true,
  });
  expect(said).toEqual([
    "ha.cf:0 warning auto-failback",
    "ha.cf:1 warning no-effect",
    "ha.cf:2 warning no-effect",
    // Of 4.8 s of lease a keepalive of 2 s leaves room for one lost heartbeat only.
    "ha.cf:4 warning lease",
    "ha.cf:6 warning alias",
  ]);
});

test("a file server with a replicated disk, a ping node and ipfail", () => {
  const { value, said } = pair("office-pair", "FILE2.example.com");
  expect(value?.core).toMatchObject({
    self: "file2.example.com",
    peers: ["file1.example.com"],
    media: ["eth0", "eth1", "/dev/ttyS0"],
    pings: [{ name: "192.168.10.254", hosts: ["192.168.10.254"] }],
    groups: [
      { name: "drbddisk::r0", nodes: ["file1.example.com", "file2.example.com"] },
      { name: "192.168.10.21", nodes: ["file2.example.com", "file1.example.com"] },
    ],
  });
  expect(said).toEqual(["ha.cf:2 warning no-effect", "ha.cf:3 warning no-effect"]);
});

test("a database pair with a deadtime of 200 ms and peers by name", () => {
  const { value, said } = pair("fast-ucast", "db2");
  expect(value?.core.timing).toEqual({
    keepalive: 10,
    warntime: 100,
    deadtime: 200,
    initdead: 10_000,
    deadping: 200,
  });
  expect(
    value?.media.flatMap((medium) => (medium.type === "interface" ? medium.targets : [])),
  ).toHaveLength(4);
  expect(said).toEqual([
    "ha.cf:1 warning no-effect",
    "ha.cf:6 warning name-lookup",
    "ha.cf:7 warning name-lookup",
  ]);
});
