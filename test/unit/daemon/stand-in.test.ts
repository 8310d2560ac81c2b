import { beforeEach, expect, test } from "vitest";
import type { GroupConfig } from "../../../src/core/index.ts";
import { groupName } from "../../../src/core/index.ts";
import type { StandIn } from "../../../src/daemon/stand-in.ts";
import { openStandIn } from "../../../src/daemon/stand-in.ts";
import type { KernelAddress } from "../../../src/linux/index.ts";
import { now, nowhere } from "../../../src/linux/index.ts";
import { fail, ok } from "../../../src/std/result.ts";
import { after, millis, never } from "../../../src/std/time.ts";
import { eth0 } from "./kernel-double.ts";

const own: KernelAddress = {
  family: 4,
  address: "10.0.0.1",
  prefix: 16,
  ifindex: eth0.index,
  label: "eth0",
  broadcast: undefined,
  tentative: false,
  dadFailed: false,
  validSeconds: undefined,
  ours: false,
};
const ip = { family: 4, address: "10.0.0.100" } as const;
const group: GroupConfig = {
  name: groupName("group"),
  nodes: [],
  resources: [{ type: "address", name: ip.address, ip }],
};

/** The interface of everything that the kernel was asked for. */
let asked: { readonly what: string; readonly ifindex: number }[];
/** What the host has. */
let present: KernelAddress[];
let standIn: StandIn;

beforeEach(() => {
  asked = [];
  present = [own];
  const note = (what: string, ifindex: number): void => void asked.push({ what, ifindex });
  standIn = openStandIn({
    lease: millis(900),
    deadtime: millis(1000),
    host: { links: () => [eth0], addresses: () => present },
    rtnetlink: {
      addAddresses(placements) {
        for (const { ifindex } of placements) note("address", ifindex);
        return placements.map(() => fail({ call: "RTM_NEWADDR", errno: "ENODEV" }));
      },
      removeAddresses(keys) {
        for (const { ifindex } of keys) note("removal", ifindex);
        return keys.map(() => ok("absent"));
      },
      promote(links) {
        for (const { index } of links) note("promote", index);
        return [];
      },
    },
    packets: {
      sendFrames(ifindex) {
        note("frame", ifindex);
        return ok(1);
      },
    },
    netfilter: fail({ call: "nftables", errno: "EPROTONOSUPPORT" }),
  });
  standIn.host.look([group]);
});

function take(): string {
  standIn.leases.grant(after(now(), millis(900)));
  standIn.host.announcer.allowUntil(never);
  let became = "";
  standIn.host.add([ip], ({ type }) => (became = type));
  return became;
}

test("goes the whole way, and reaches nobody", () => {
  expect(take()).toBe("succeeded");
  expect(asked).toEqual([
    { what: "promote", ifindex: nowhere },
    { what: "address", ifindex: nowhere },
    { what: "frame", ifindex: nowhere },
  ]);
});

test("touches nothing of what the host itself holds", () => {
  present.push({ ...own, address: ip.address, ours: true });
  standIn.host.look([group]);
  take();
  standIn.leases.revoke();
  standIn.host.remove([ip]);
  standIn.host.sweep();
  expect(asked.length).toBeGreaterThan(3);
  expect(new Set(asked.map(({ ifindex }) => ifindex))).toEqual(new Set([nowhere]));
});

test("goes it again after it was left", () => {
  take();
  asked = [];
  standIn.leases.revoke();
  expect(standIn.host.remove([ip])).toEqual({ type: "succeeded" });
  expect(asked).toEqual([{ what: "removal", ifindex: nowhere }]);
  asked = [];
  expect(take()).toBe("succeeded");
  // An address that comes and goes is announced once a second: see announcer.ts.
  expect(asked.map(({ what }) => what)).toEqual(["promote", "address"]);
});
