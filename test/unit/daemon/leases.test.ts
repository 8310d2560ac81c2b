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
