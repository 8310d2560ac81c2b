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

describe("a lease by nftables", () => {
  test("has a table from the start, silent until it is granted", () => {
    expect(leases.kind).toMatchObject({ mechanism: "nftables", fault: undefined });
    leases.add([vip]);
    expect(kernel.table?.addresses).toEqual(new Set(["10.0.0.100"]));
    expect(kernel.isSilent()).toBe(true);
    expect(leases.grant(soon())).toBeUndefined();
    expect(kernel.table?.until).toBe(soon());
  });

  test("ends at a moment, however late the kernel is told of it", () => {
    leases.grant(soon());
    const until = soon();
    kernel.pass(40);
    expect(leases.renew(until)).toBeUndefined();
    expect(kernel.table?.until).toBe(until);
  });

  test("that ran out is not renewed, by our own clock and by the kernel's", () => {
    leases.grant(soon());
    kernel.pass(900);
    expect(leases.renew(soon())).toBe("the lease had run out");
    leases.grant(soon());
    kernel.table!.until = kernel.now;
    expect(leases.renew(soon())).toBe("the lease had run out");
    expect(kernel.isSilent()).toBe(true);
  });

  test("whose end has come before the kernel is told is neither granted nor renewed", () => {
    expect(leases.grant(kernel.now)).toBe("the lease had run out");
    leases.grant(soon(50));
    expect(leases.renew(kernel.now)).toBe("the lease had run out");
  });

  test("that is renewed by a process that froze before the call does not come back", () => {
    leases.grant(soon());
    const until = soon();
    kernel.beforeCall = () => kernel.pass(5000);
    expect(leases.renew(until)).toBe("the lease had run out");
    expect(kernel.isSilent()).toBe(true);
  });

  test("that is granted by a process that froze before the call is ended at once", () => {
    let frozen = false;
    kernel.beforeCall = () => {
      if (!frozen) kernel.pass(5000);
      frozen = true;
    };
    expect(leases.grant(soon())).toBe("the kernel was told 5.00 s late");
    expect(kernel.isSilent()).toBe(true);
    expect(leases.renew(soon())).toBe("the lease had run out");
  });

  test.each([
    [50, undefined],
    [51, "the kernel was told"],
  ])(
    "may always come %d ms late, of the 100 ms before deadtime half is for that",
    (late, fault) => {
      leases.grant(soon());
      let isFirst = true;
      kernel.beforeCall = () => {
        if (isFirst || fault !== undefined) kernel.pass(late);
        isFirst = false;
      };
      expect(leases.renew(soon())?.slice(0, 19)).toBe(fault);
      expect(kernel.isSilent()).toBe(fault !== undefined);
    },
  );

  test("that comes late by an eighth of the margin is told again, and ends when it was to", () => {
    leases.grant(soon());
    for (const [late, calls] of [
      [12, 1],
      [13, 2],
    ] as const) {
      let count = 0;
      kernel.beforeCall = () => {
        count += 1;
        if (count === 1) kernel.pass(late);
      };
      const end = soon();
      expect(leases.renew(end)).toBeUndefined();
      expect(count).toBe(calls);
      expect(kernel.table?.until).toBe(calls === 1 ? after(end, millis(late)) : end);
    }
  });

  test("that comes late once is told again, shorter by as much", () => {
    leases.grant(soon());
    kernel.beforeCall = () => {
      kernel.beforeCall = () => undefined;
      kernel.pass(200);
    };
    const end = soon();
    expect(leases.renew(end)).toBeUndefined();
    expect(kernel.isSilent()).toBe(false);
    kernel.pass(end - kernel.now);
    expect(kernel.isSilent()).toBe(true);
  });

  test("that is revoked keeps the addresses, silent, without an end of their own", () => {
    leases.grant(soon());
    leases.add([vip]);
    expect(kernel.expiring.get(vip.address)).toBe(3);
    leases.revoke();
    expect(kernel.isSilent()).toBe(true);
    expect([...kernel.expiring]).toEqual([[vip.address, undefined]]);
    leases.grant(soon());
    expect(kernel.expiring.get(vip.address)).toBe(3);
  });

  test("says why the kernel refuses", () => {
    leases.grant(soon());
    kernel.refusal = "EPERM";
    expect(leases.renew(soon())).toBe("nftables: EPERM");
    expect(leases.add([vip])).toEqual([{ ok: false, error: { call: "nftables", errno: "EPERM" } }]);
    expect(kernel.expiring.size).toBe(0);
  });

  test("is mended with all that it guards when somebody has removed the table", () => {
    leases.grant(soon());
    leases.add([vip]);
    kernel.table = undefined;
    kernel.pass(100);
    expect(leases.renew(soon())).toBeUndefined();
    expect(kernel.table).toMatchObject({
      addresses: new Set([vip.address]),
      devices: ["eth0"],
      until: soon(),
    });
    kernel.table = undefined;
    leases.add([placement("10.0.0.101")]);
    expect(kernel.table).toMatchObject({ addresses: new Set([vip.address, "10.0.0.101"]) });
  });

  test("that ran out is not begun again by mending the table", () => {
    leases.grant(soon());
    leases.add([vip]);
    kernel.table = undefined;
    kernel.beforeCall = () => kernel.pass(500);
    expect(leases.renew(soon(2000))).toBe("the lease had run out");
    expect(kernel.isSilent()).toBe(true);
  });

  test("guards an address until the kernel has removed it", () => {
    leases.grant(soon());
    leases.add([vip]);
    leases.remove([vip.address], []);
    expect(kernel.table?.addresses).toEqual(new Set());
  });

  test("guards every interface on which the node can be reached, as they come and go", () => {
    const lo = { ...eth0, index: 1, name: "lo", type: "loopback" as const };
    const port = { ...eth0, index: 5, name: "eth1", partOf: "bridge" };
    const bridge = { ...eth0, index: 6, name: "br0" };
    const inVrf = { ...eth0, index: 7, name: "eth2", partOf: "vrf" };
    leases.look([lo, eth0, port, bridge, inVrf]);
    expect(kernel.table?.devices).toEqual(["eth0", "br0", "eth2"]);
    leases.look([lo, { ...eth0, index: 8 }, { ...bridge, name: "br1" }]);
    expect(kernel.table?.devices).toEqual(["eth0", "br1"]);
    leases.look([
      { ...eth0, index: 8 },
      { ...bridge, name: "br1" },
    ]);
    expect(kernel.table?.devices).toEqual(["eth0", "br1"]);
  });

  test("guards an interface that the kernel refused to guard at the next look", () => {
    const eth1 = { ...eth0, index: 5, name: "eth1" };
    kernel.refusal = "ENOMEM";
    leases.look([eth0, eth1]);
    expect(kernel.table?.devices).toEqual(["eth0"]);
    kernel.refusal = undefined;
    leases.look([eth0, eth1]);
    leases.look([eth0, eth1]);
    expect(kernel.table?.devices).toEqual(["eth0", "eth1"]);
  });

  test("guards an interface that the kernel refused to guard at the next renewal", () => {
    leases.grant(soon());
    kernel.refusal = "ENOMEM";
    leases.look([eth0, { ...eth0, index: 5, name: "eth1" }]);
    kernel.refusal = undefined;
    leases.renew(soon());
    leases.renew(soon());
    expect(kernel.table?.devices).toEqual(["eth0", "eth1"]);
  });

  test("forgets an interface that it could not guard when that has gone", () => {
    kernel.refusal = "ENOMEM";
    leases.look([eth0, { ...eth0, index: 5, name: "eth1" }]);
    leases.look([eth0]);
    kernel.refusal = undefined;
    leases.grant(soon());
    expect(kernel.table?.devices).toEqual(["eth0"]);
  });

  test("leaves nothing when it ends", () => {
    leases.grant(soon());
    leases.end();
    expect(kernel.table).toBeUndefined();
  });
});

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
      expect(Math.max(...kernel.expiring.values().map((each) => each ?? 0))).toBe(length);
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

describe("without a lease", () => {
  test("addresses stay, nobody guards them, and nothing is refused", () => {
    leases = kernel.leases({ lease: undefined });
    expect(leases.kind.mechanism).toBe("none");
    expect(kernel.table).toBeUndefined();
    leases.add([vip]);
    expect([...kernel.expiring]).toEqual([[vip.address, undefined]]);
    expect(leases.grant(soon())).toBeUndefined();
    expect(leases.renew(soon())).toBeUndefined();
    leases.revoke();
    expect(kernel.expiring.size).toBe(1);
  });

  test("one can be switched on and off while it answers", () => {
    leases = kernel.leases({ lease: undefined });
    leases.add([vip]);
    leases.reconfigure({ lease: millis(900), deadtime: millis(1000) });
    expect(leases.kind.mechanism).toBe("nftables");
    expect(kernel.table).toMatchObject({ addresses: new Set([vip.address]), until: soon() });
    kernel.pass(100);
    expect(leases.renew(soon())).toBeUndefined();
    expect(kernel.expiring.get(vip.address)).toBe(3);
    leases.reconfigure({ lease: undefined, deadtime: millis(1000) });
    expect(kernel.table).toBeUndefined();
    expect(kernel.expiring.get(vip.address)).toBeUndefined();
  });
});
