import { execFileSync } from "node:child_process";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Netfilter } from "../../../src/linux/netfilter.ts";
import { openNetfilter } from "../../../src/linux/netfilter.ts";
import { openRtnetlink } from "../../../src/linux/rtnetlink.ts";
import type { Namespace } from "./namespace.ts";
import { connect, createNamespace, patience, valueOf } from "./namespace.ts";

let host: Namespace;
let other: Namespace;
let table: Netfilter;
let eth0: { readonly index: number; readonly name: string };

beforeEach(() => {
  host = createNamespace("guard");
  other = createNamespace("guest");
  connect(host, "eth0", other, "eth0");
  host.ip("addr add 10.0.0.1/24 dev eth0");
  other.ip("addr add 10.0.0.2/24 dev eth0");
  host.ip("addr add 10.0.0.100/32 dev eth0");
  host.ip("addr add 2001:db8::100/64 dev eth0 nodad");
  table = valueOf(host.inside(openNetfilter));
  eth0 = deviceOf("eth0");
});

afterEach(() => {
  table.close();
  host.remove();
  other.remove();
});

const addresses = ["10.0.0.100", "2001:db8::100"];
const contents = (leaseMs?: number) => ({ devices: [eth0], addresses, leaseMs });

test("nft lists the table as it is meant", () => {
  expect(valueOf(table.build(contents(60_000)))).toEqual({ canOwn: true, hasEgress: true });
  const listed = list("netdev understudy").replaceAll(/expires \w+/g, "expires soon");
  expect(listed.replaceAll(/-\d+ \{/g, "-N {").replace(/ # progname.*/, "")).toMatchInlineSnapshot(`
    "table netdev understudy {
    	flags owner

    	set lease {
    		type ether_type
    		flags timeout
    		elements = { ip timeout 1m expires soon,
    			     arp timeout 1m expires soon,
    			     ip6 timeout 1m expires soon }
    	}

    	set guarded4 {
    		type ipv4_addr
    		elements = { 10.0.0.100 }
    	}

    	set guarded6 {
    		type ipv6_addr
    		elements = { 2001:db8::100 }
    	}

    	chain arriving {
    		meta protocol @lease accept
    		arp ptype ip arp hlen 6 arp plen 4 arp daddr ip @guarded4 counter packets 0 bytes 0 drop
    		ip daddr @guarded4 counter packets 0 bytes 0 drop
    		ip6 daddr @guarded6 counter packets 0 bytes 0 drop
    		icmpv6 type nd-neighbor-solicit @th,64,128 @guarded6 counter packets 0 bytes 0 drop
    	}

    	chain leaving {
    		meta protocol @lease accept
    		arp ptype ip arp hlen 6 arp plen 4 arp saddr ip @guarded4 counter packets 0 bytes 0 drop
    		ip saddr @guarded4 counter packets 0 bytes 0 drop
    		ip6 saddr @guarded6 counter packets 0 bytes 0 drop
    		icmpv6 type nd-neighbor-advert @th,64,128 @guarded6 counter packets 0 bytes 0 drop
    	}

    	chain ingress-N {
    		type filter hook ingress device "eth0" priority -500; policy accept;
    		jump arriving
    	}

    	chain egress-N {
    		type filter hook egress device "eth0" priority -500; policy accept;
    		jump leaving
    	}
    }
    "
  `);
});

describe("a lease", () => {
  test("is what was granted, and less with every millisecond", async () => {
    valueOf(table.build(contents()));
    expect(valueOf(table.left())).toBe(0);
    valueOf(table.grant(60_000));
    expect(valueOf(table.left())).toBeGreaterThan(59_000);
    await expect.poll(() => valueOf(table.left()), patience).toBeLessThan(59_990);
    valueOf(table.renew(90_000));
    expect(valueOf(table.left())).toBeGreaterThan(89_000);
    valueOf(table.renew(30_000));
    expect(valueOf(table.left())).toBeLessThanOrEqual(30_000);
  });

  test("that has run out cannot be renewed, only granted anew", async () => {
    valueOf(table.build(contents(20)));
    await expect.poll(() => valueOf(table.left()), patience).toBe(0);
    expect(table.renew(60_000)).toEqual(refused("ENOENT"));
    expect(valueOf(table.left())).toBe(0);
    valueOf(table.grant(60_000));
    valueOf(table.renew(60_000));
  });

  test("that is revoked has run out", () => {
    valueOf(table.build(contents(60_000)));
    valueOf(table.revoke());
    expect(valueOf(table.left())).toBe(0);
    expect(table.renew(60_000)).toEqual(refused("ENOENT"));
    valueOf(table.revoke());
  });

  test("decides whether a guarded address answers, and no other", () => {
    valueOf(table.build(contents()));
    expect(answers("10.0.0.100")).toBe(false);
    expect(answers("10.0.0.1")).toBe(true);
    valueOf(table.grant(60_000));
    expect(answers("10.0.0.100")).toBe(true);
    valueOf(table.revoke());
    expect(answers("10.0.0.100")).toBe(false);
    valueOf(table.unguard(addresses));
    expect(answers("10.0.0.100")).toBe(true);
    valueOf(table.guard(addresses));
    expect(answers("10.0.0.100")).toBe(false);
  });
});

describe("an interface", () => {
  test("that has come answers without a guard until it has one", () => {
    valueOf(table.build(contents()));
    connect(host, "eth1", other, "eth1");
    host.ip("addr add 10.1.0.1/24 dev eth1");
    other.ip("addr add 10.1.0.2/24 dev eth1");
    other.ip("route add 10.0.0.100 dev eth1");
    expect(answers("10.0.0.100", "10.1.0.2")).toBe(true);
    const eth1 = deviceOf("eth1");
    valueOf(table.guardDevice(eth1, { canOwn: true, hasEgress: true }));
    expect(answers("10.0.0.100", "10.1.0.2")).toBe(false);
    table.unguardDevice(eth1);
    expect(answers("10.0.0.100", "10.1.0.2")).toBe(true);
  });

  test("that has gone is forgotten, and one that comes in its place is guarded anew", () => {
    valueOf(table.build(contents()));
    host.ip("link del eth0");
    table.unguardDevice(eth0);
    expect(list("netdev understudy")).not.toContain("hook");
    connect(host, "eth0", other, "eth0");
    valueOf(table.guardDevice(deviceOf("eth0"), { canOwn: true, hasEgress: true }));
    expect(list("netdev understudy")).toContain('hook egress device "eth0"');
  });
});

describe("the table", () => {
  test("is not there after it was only tried", () => {
    valueOf(table.tryBuild(contents()));
    expect(table.left()).toMatchObject({ ok: false, error: { errno: "ENOENT" } });
    expect(list("ruleset")).toBe("");
  });

  test("of somebody else stays, though it has the same name in another family", () => {
    nft("add table inet understudy");
    nft("add table netdev theirs; add set netdev theirs lease { type ether_type; }");
    const theirs = list("ruleset");
    valueOf(table.build(contents()));
    valueOf(table.grant(60_000));
    valueOf(table.remove());
    expect(list("ruleset")).toBe(theirs);
    valueOf(table.remove());
    expect(list("ruleset")).toBe(theirs);
  });

  test("is made anew over one of a former life, and that one's contents are gone", () => {
    nft("add table netdev understudy; add set netdev understudy guarded4 { type ipv4_addr; }");
    nft("add element netdev understudy guarded4 { 1.2.3.4 }");
    valueOf(table.build(contents(60_000)));
    expect(list("netdev understudy")).not.toContain("1.2.3.4");
    valueOf(table.build(contents()));
    expect(valueOf(table.left())).toBe(0);
  });

  test("cannot be flushed by others while its daemon lives, and stays when that is killed", () => {
    valueOf(table.build(contents(60_000)));
    nft("flush ruleset");
    expect(valueOf(table.left())).toBeGreaterThan(0);
    expect(() => nft("delete table netdev understudy")).toThrow(/not permitted/i);
    table.close();
    const next = valueOf(host.inside(openNetfilter));
    expect(valueOf(next.left())).toBeGreaterThan(0);
    valueOf(next.build(contents(60_000)));
    valueOf(next.remove());
    table = next;
    expect(list("ruleset")).toBe("");
  });

  test("that another daemon owns would do", () => {
    valueOf(table.build(contents(60_000)));
    const checking = valueOf(host.inside(openNetfilter));
    expect(valueOf(checking.tryBuild(contents()))).toEqual({ canOwn: true, hasEgress: true });
    expect(checking.build(contents())).toEqual(refused("EPERM"));
    checking.close();
  });

  test("for rehearsals is beside it, changes nothing of it, and goes with its socket", () => {
    valueOf(table.build(contents()));
    const before = list("netdev understudy");
    const rehearsed = valueOf(host.inside(() => openNetfilter("understudy-rehearsal")));
    valueOf(rehearsed.build({ devices: [], addresses: [], leaseMs: undefined }));
    valueOf(rehearsed.guard(addresses));
    valueOf(rehearsed.grant(60_000));
    expect(valueOf(rehearsed.left())).toBeGreaterThan(0);
    expect(list("netdev understudy-rehearsal")).not.toContain("hook");
    expect(list("netdev understudy")).toBe(before);
    expect(() => nft("delete table netdev understudy-rehearsal")).toThrow(/not permitted/i);
    rehearsed.close();
    expect(list("ruleset")).not.toContain("rehearsal");
  });

  test("takes thousands of addresses", () => {
    const many = Array.from({ length: 2500 }, (_, n) => `10.${1 + (n >> 8)}.0.${n & 255}`);
    const many6 = Array.from({ length: 2500 }, (_, n) => `2001:db8::${n.toString(16)}`);
    valueOf(table.build({ devices: [eth0], addresses: [...many, ...many6], leaseMs: undefined }));
    valueOf(table.unguard([...many, ...many6]));
    expect(table.unguard(many.slice(0, 1))).toEqual(refused("ENOENT"));
    valueOf(table.guard([...many, ...many6]));
    valueOf(table.guard(many));
  });
});

function refused(errno: string) {
  return { ok: false, error: { call: "nftables", errno } };
}

function deviceOf(name: string) {
  const kernel = valueOf(host.inside(openRtnetlink));
  const { index } = valueOf(kernel.links()).find((link) => link.name === name)!;
  kernel.close();
  return { index, name };
}

/** Asked by ping; nothing is remembered of whom it asked before. */
function answers(address: string, from = "10.0.0.2"): boolean {
  other.ip("neigh flush all");
  try {
    other.run("ping", ["-c", "1", "-W", "0.3", "-I", from, address]);
    return true;
  } catch {
    return false;
  }
}

function list(what: string): string {
  return host.run("nft", ["list", ...(what === "ruleset" ? [] : ["table"]), ...what.split(" ")]);
}

function nft(command: string): void {
  execFileSync("ip", ["netns", "exec", host.name, "nft", command], { stdio: "pipe" });
}
