import { setImmediate } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { KernelWatch } from "../../../src/linux/events.ts";
import { watchKernel } from "../../../src/linux/events.ts";
import { openRtnetlink } from "../../../src/linux/rtnetlink.ts";
import type { Namespace } from "./namespace.ts";
import { createNamespace, patience, valueOf } from "./namespace.ts";

let host: Namespace;
let changes: number;
let watch: KernelWatch | undefined;

beforeAll(() => {
  host = createNamespace("host");
  host.ip("link add eth0 type veth peer name eth1");
});

afterAll(() => host.remove());

function watched() {
  changes = 0;
  watch = valueOf(host.inside(() => watchKernel(() => changes++)));
}

afterEach(() => {
  watch?.close();
  watch = undefined;
});

test.each([
  ["an IPv4 address is added", "addr add 10.0.0.1/24 dev eth0"],
  ["an IPv4 address is deleted by hand", "addr del 10.0.0.1/24 dev eth0"],
  ["an IPv6 address is added", "addr add 2001:db8::1/64 dev eth0 nodad"],
  ["an IPv6 address is deleted by hand", "addr del 2001:db8::1/64 dev eth0"],
  ["an interface goes up", "link set eth0 up"],
  ["an interface is added", "link add eth2 type veth peer name eth3"],
  ["an interface is deleted", "link del eth2"],
])("a change is told when %s", async (_, change) => {
  watched();
  host.ip(change);
  await expect.poll(() => changes, patience).toBeGreaterThan(0);
});

test("what bears our mark is not told when it is added or renewed, and is when it goes", async () => {
  const kernel = valueOf(host.inside(openRtnetlink));
  const ifindex = valueOf(kernel.links()).find((link) => link.name === "eth0")!.index;
  const common = { ifindex, device: "eth0", label: undefined, broadcast: undefined };
  const both = [
    { ...common, family: 4 as const, address: "10.2.0.1", prefix: 24 },
    { ...common, family: 6 as const, address: "2001:db8:2::1", prefix: 64, hasNeighbour: true },
  ];
  watched();
  kernel.addAddresses(both, 100);
  kernel.addAddresses(both, 200);
  // What the kernel has to tell lies ready when it has done it.
  for (let round = 0; round < 5; round++) await setImmediate();
  expect(changes).toBe(0);
  host.ip("addr add 10.3.0.1/24 dev eth0");
  await expect.poll(() => changes, patience).toBe(1);
  host.ip("addr change 10.2.0.1/24 dev eth0 valid_lft 300 preferred_lft 300");
  await expect.poll(() => changes, patience).toBe(2);
  kernel.removeAddresses(both.slice(1));
  await expect.poll(() => changes, patience).toBeGreaterThan(2);
  kernel.removeAddresses(both);
  kernel.close();
});

test("a storm that overflows the queue is told in few calls, and the next change is told too", async () => {
  const kernel = valueOf(host.inside(openRtnetlink));
  const ifindex = valueOf(kernel.links()).find((link) => link.name === "eth0")!.index;
  const place = { prefix: 32, ifindex, device: "eth0", label: undefined, broadcast: undefined };
  const many = Array.from({ length: 2000 }, (__, n) => ({
    family: 4 as const,
    address: `10.1.${n >> 8}.${n & 255}`,
    ...place,
  }));
  kernel.addAddresses(many);
  watched();
  kernel.removeAddresses(many);
  kernel.close();
  for (let turn = 0; turn < 50; turn++) await setImmediate();
  expect(changes).toBeGreaterThan(0);
  expect(changes).toBeLessThan(10);
  const before = changes;
  host.ip("addr add 10.4.0.1/24 dev eth0");
  await expect.poll(() => changes, patience).toBeGreaterThan(before);
});

test("a process that watches can end at once", () => {
  const events = new URL("../../../src/linux/events.ts", import.meta.url).href;
  const script = `
    import { watchKernel } from ${JSON.stringify(events)};
    console.log(watchKernel(() => {}).ok);
    setImmediate(() => process.exit(0));`;
  const options = ["--input-type=module", "--eval", script];
  expect(host.run(process.execPath, options)).toBe("true\n");
});
