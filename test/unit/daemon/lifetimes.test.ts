import { beforeEach, describe, expect, test } from "vitest";
import type { Leases } from "../../../src/daemon/leases.ts";
import { after, millis } from "../../../src/std/time.ts";
import { eth0, KernelDouble, placement } from "./kernel-double.ts";

let kernel: KernelDouble;
let leases: Leases;

const vip = placement("10.0.0.100");

beforeEach(() => {
  kernel = new KernelDouble();
  leases = kernel.leases();
});

function soon(ms = 900) {
  return after(kernel.now, millis(ms));
}

describe("the second fence behind it", () => {
  test("is renewed before it is but a second longer than the lease, and not each time", () => {
    leases.grant(soon());
    leases.add([vip]);
    for (let turn = 0; turn < 30; turn++) {
      kernel.pass(100);
      leases.renew(soon());
    }
    // At the start, and every 1.2 s.
    expect(kernel.renewals).toEqual([1, 1, 1]);
    leases.renew(soon(15_000));
    expect(kernel.expiring.get(vip.address)).toBe(17);
  });

  test("does not outlive the lease by more than three seconds", () => {
    for (const ms of [200, 900, 1000, 4500]) {
      leases.grant(soon(ms));
      leases.add([vip]);
      expect(kernel.expiring.get(vip.address)! * 1000 - ms).toBeLessThan(3000);
      expect(kernel.expiring.get(vip.address)! * 1000 - ms).toBeGreaterThanOrEqual(2000);
    }
  });

  test.each([
    ["10.0.%d.%d", 1000, 3],
    ["2001:db8::%d:%d", 100, 3],
    ["2001:db8::%d:%d", 1000, 32],
  ])(
    "of addresses like %s, %d of them, lasts %d s: renewals are to cost little",
    (text, count, length) => {
      leases.grant(soon());
      const all = Array.from({ length: count }, (_, n) =>
        placement(text.replace("%d", `${n >> 8}`).replace("%d", `${n & 255}`)),
      );
      leases.add(all);
      kernel.slowness = 0.01;
      for (let turn = 0; turn < length * 10; turn++) {
        kernel.pass(100);
        leases.renew(soon());
      }
      expect(Math.max(...Array.from(kernel.expiring.values(), (each) => each ?? 0))).toBe(length);
      // None is renewed before it has to be.
      const renewed = kernel.renewals.slice(1).reduce((sum, each) => sum + each, 0);
      expect(renewed / count).toBeLessThan(length);
    },
  );

  test("of a thousand addresses is renewed without any of them coming near its end", () => {
    leases.grant(soon());
    leases.add(Array.from({ length: 1000 }, (_, n) => placement(`10.0.${n >> 8}.${n & 255}`)));
    kernel.renewals.length = 0;
    kernel.slowness = 0.01;
    for (let turn = 0; turn < 100; turn++) {
      kernel.pass(100);
      leases.renew(soon());
    }
    // More at once were renewed because they could not wait.
    expect(Math.max(...kernel.renewals)).toBe(10);
  });

  test("is not begun by an address that comes when the lease has run out", () => {
    leases.grant(soon());
    kernel.pass(900);
    leases.add([vip]);
    expect([...kernel.expiring]).toEqual([[vip.address, undefined]]);
    leases.grant(soon());
    expect(kernel.expiring.get(vip.address)).toBe(3);
  });

  test("does not hold up a renewal, but where it is about to end", () => {
    leases.grant(soon());
    leases.add(Array.from({ length: 170 }, (_, index) => placement(`2001:db8::${index + 1}`)));
    kernel.renewals.length = 0;
    kernel.slowness = 0.1;
    for (let turn = 0; turn < 12; turn++) {
      kernel.pass(100);
      leases.renew(soon());
    }
    expect(kernel.renewals).toEqual([10, 10]);
    for (let turn = 0; turn < 10; turn++) {
      kernel.pass(100);
      leases.renew(soon());
    }
    expect(kernel.renewals.length).toBeGreaterThan(15);
    expect(Math.max(...kernel.renewals)).toBe(10);
    kernel.pass(1500);
    leases.grant(soon());
    expect(Math.max(...kernel.renewals)).toBeGreaterThan(50);
  });

  test("has an interface keep the addresses that are secondary to ours, as long as we have any", () => {
    leases.grant(soon());
    leases.add([vip]);
    expect(kernel.promoted).toEqual([2]);
    leases.add([placement("10.0.0.101")]);
    leases.remove([vip.address], [vip]);
    expect(kernel.promoted).toEqual([2]);
    leases.remove(["10.0.0.101"], []);
    expect(kernel.promoted).toEqual([]);
  });

  test("changes nothing on an interface that does so by itself", () => {
    leases = kernel.leases({ links: [{ ...eth0, promotes: true }] });
    leases.grant(soon());
    leases.add([vip]);
    expect(kernel.promoted).toEqual([]);
  });
});

describe("a lease by lifetimes alone", () => {
  beforeEach(() => {
    leases = kernel.leases({ hasNft: false });
  });

  test("says so, and why", () => {
    expect(leases.kind).toMatchObject({
      mechanism: "lifetime",
      fault: "not by nftables: nftables: EPROTONOSUPPORT",
    });
  });

  test("has addresses only while it lasts", () => {
    leases.add([vip]);
    expect(kernel.expiring.size).toBe(0);
    leases.grant(soon());
    expect([...kernel.expiring]).toEqual([[vip.address, 1]]);
    leases.revoke();
    expect(kernel.expiring.size).toBe(0);
    leases.remove([vip.address], []);
    leases.grant(soon());
    expect(kernel.expiring.size).toBe(0);
  });

  test("is renewed as soon as it would end too early, and not more often", () => {
    leases.grant(soon());
    leases.add([vip]);
    kernel.pass(100);
    leases.renew(soon());
    expect(kernel.renewals).toEqual([1]);
    kernel.pass(1);
    leases.renew(soon());
    expect(kernel.renewals).toEqual([1, 1]);
  });

  test("that is renewed by a process that froze before the call is ended at once", () => {
    leases.grant(soon());
    leases.add([vip]);
    kernel.pass(200);
    kernel.slowness = 5000;
    expect(leases.renew(soon())).toBe("the kernel was told 5.00 s late");
    expect(kernel.expiring.size).toBe(0);
  });

  test("that ran out is not renewed", () => {
    leases.grant(soon());
    leases.add([vip]);
    kernel.pass(900);
    expect(leases.renew(soon())).toBe("the lease had run out");
    expect(kernel.renewals).toEqual([1]);
  });

  test("that ran out has no address that is added then: it comes with the next one", () => {
    leases.grant(soon());
    kernel.pass(900);
    expect(leases.add([vip])).toEqual([{ ok: true, value: "added" }]);
    expect(kernel.expiring.size).toBe(0);
    leases.grant(soon());
    expect(kernel.expiring.get(vip.address)).toBe(1);
  });
});
