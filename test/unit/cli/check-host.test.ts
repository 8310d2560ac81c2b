import { describe, expect, test } from "vitest";
import type { Host } from "../../../src/cli/check-host.ts";
import { judgeHost, kernelFindings, leaseFinding } from "../../../src/cli/check-host.ts";
import type { Config } from "../../../src/config/index.ts";
import { readConfig } from "../../../src/config/index.ts";
import { leaseKind, noLease } from "../../../src/control/index.ts";
import type { KernelAddress, Link } from "../../../src/linux/index.ts";

const eth0: Link = {
  index: 2,
  name: "eth0",
  up: true,
  running: true,
  mac: "02:00:00:00:00:01",
  type: "ethernet",
  partOf: undefined,
  promotes: true,
};
const eth1: Link = { ...eth0, index: 3, name: "eth1" };

const host: Host = { links: [eth0, eth1], addresses: [addressOf("10.0.0.1", 2)] };

test("a host with all interfaces and the address's subnet is fit", () => {
  expect(judged(host)).toEqual([
    "ok: eth0 is up and can carry heartbeats",
    "ok: eth1 is up and can carry heartbeats",
    "ok: 10.0.0.100 has its place: 10.0.0.100/24 on eth0",
  ]);
});

describe("a medium that cannot carry heartbeats is a warning that says why", () => {
  test.each([
    [
      "missing",
      undefined,
      "warning: eth1: there is no such interface on this node: no heartbeats on it",
    ],
    ["down", { ...eth1, up: false }, "warning: eth1 is down: write ip link set eth1 up"],
    ["without a carrier", { ...eth1, running: false }, "warning: eth1 is up and has no carrier"],
  ])("%s", (_, link, warning) => {
    expect(judged({ ...host, links: link === undefined ? [eth0] : [eth0, link] })).toContain(
      warning,
    );
  });

  test("all of them together are an error", () => {
    const down = [eth0, eth1].map((link) => ({ ...link, up: false }));
    expect(judged({ ...host, links: down })).toContain(
      "error: no medium can carry a heartbeat: this node would call every peer dead",
    );
  });
});

describe("the lease", () => {
  const config = configured();

  test.each([
    ["by nftables is well", { hasEgress: true }, "ok", /: never do two answer$/],
    ["by half of nftables is a warning", { hasEgress: false }, "warning", /Linux 5\.16/],
    [
      "by lifetimes is a warning with the bound",
      { fault: "nftables: EPERM" },
      "warning",
      /nftables: EPERM.*two may answer for \d+ ms$/,
    ],
  ] as const)("%s", (_, nftables, severity, message) => {
    const found = leaseFinding(config, leaseKind(nftables));
    expect(found).toMatchObject({ severity, code: "lease" });
    expect(found.message).toMatch(message);
  });

  test("that is switched off is a warning", () => {
    expect(leaseFinding(config, noLease)).toMatchObject({ severity: "warning" });
  });
});

describe("an address", () => {
  test("without a subnet on this host is an error that says what to write", () => {
    expect(judged({ ...host, addresses: [] })).toContain(
      "error: 10.0.0.100: no interface has an address of its subnet: write 10.0.0.100/PREFIX/INTERFACE",
    );
  });

  test("that the system itself has configured is a warning", () => {
    const addresses = [...host.addresses, addressOf("10.0.0.100", 2)];
    expect(judged({ ...host, addresses }).join()).toMatch(
      /warning: 10\.0\.0\.100 is on eth0 already/u,
    );
  });

  test("that understudy holds there is none", () => {
    const addresses = [...host.addresses, { ...addressOf("10.0.0.100", 2), ours: true }];
    expect(judged({ ...host, addresses }).join()).not.toContain("warning");
  });

  test("that nobody can be told of is a warning", () => {
    const links: readonly Link[] = [{ ...eth0, type: "other" }, eth1];
    expect(judged({ ...host, links }).join()).toContain("eth0 is no Ethernet");
  });

  test("of a group that this node may not hold is not asked for", () => {
    const { core, ...config } = configured();
    const groups = core.groups.map((group) => ({ ...group, nodes: core.peers }));
    const texts = judgeHost({ ...config, core: { ...core, groups } }, host).map(({ text }) => text);
    expect(texts.join()).not.toContain("10.0.0.100");
  });
});

describe("a serial line", () => {
  const config = configured("serial /dev/ttyS0\n");
  const texts = (seen: Host) => judgeHost(config, seen).map(({ text }) => text);

  test("whose device is there can carry heartbeats", () => {
    const there = { ...host, ttys: ["/dev/ttyS0"] };
    expect(texts(there)).toContain("ok: /dev/ttyS0 is there and can carry heartbeats");
    // Also if it is the only one that can.
    const down = [eth0, eth1].map((link) => ({ ...link, up: false }));
    expect(texts({ ...there, links: down }).join()).not.toContain("error");
  });

  test("whose device is missing is a warning that says so", () => {
    expect(texts(host)).toContain(
      "warning: /dev/ttyS0: there is no such device on this node: no heartbeats on it",
    );
  });
});

function judged(seen: Host): readonly string[] {
  return judgeHost(configured(), seen).map(({ text }) => text);
}

function configured(more = ""): Config {
  const { value, diagnostics } = readConfig({
    haCf: {
      file: "ha.cf",
      text:
        "keepalive 1\ndeadtime 10\nwarntime 5\ninitdead 20\nbcast eth0 eth1\nnode alpha beta\nauto_failback on\n" +
        more,
    },
    haresources: { file: "haresources", text: "alpha 10.0.0.100\n" },
    authkeys: { file: "authkeys", text: `auth 1\n1 sha256 ${"5e".repeat(32)}\n`, mode: 0o600 },
    hostname: "alpha",
  });
  if (value === undefined) throw new Error(diagnostics.map(({ message }) => message).join("\n"));
  return value;
}

function addressOf(address: string, ifindex: number): KernelAddress {
  return {
    family: 4,
    address,
    prefix: 24,
    ifindex,
    label: undefined,
    broadcast: undefined,
    tentative: false,
    dadFailed: false,
    validSeconds: undefined,
    ours: false,
  };
}

test.each([
  ["6.1.0-32-amd64", 0],
  ["5.18.0", 0],
  ["5.15.0-91-generic", 1],
  ["4.19.0", 1],
])("Linux %s: %d warnings about who added an address", (version, count) => {
  expect(kernelFindings(version)).toHaveLength(count);
});
