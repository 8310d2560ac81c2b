import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nameOf, parseResource } from "../../../src/config/resource.ts";
import type { Resource } from "../../../src/core/index.ts";

function ipOf(word: string) {
  const resource = parseResource(word);
  return resource.ok && resource.value.type === "address" ? resource.value.ip : resource;
}

describe("an address", () => {
  test.each([
    ["10.0.0.1", {}],
    ["10.0.0.1/24", { prefix: 24 }],
    ["10.0.0.1/255.255.255.0", { prefix: 24 }],
    ["10.0.0.1/24/eth0", { prefix: 24, device: "eth0" }],
    ["10.0.0.1/24/eth0:1", { prefix: 24, device: "eth0", label: "1" }],
    ["10.0.0.1/24/eth0.5", { prefix: 24, device: "eth0.5" }],
    ["10.0.0.1/24/10.0.0.255", { prefix: 24, broadcast: "10.0.0.255" }],
    ["10.0.0.1/24/eth0/10.0.0.255", { prefix: 24, device: "eth0", broadcast: "10.0.0.255" }],
    ["10.0.0.0/31", { prefix: 31 }],
    ["10.0.0.255/32", { prefix: 32 }],
  ])("is %s, also as an argument of IPaddr and IPaddr2", (argument, rest) => {
    const address = argument.split("/")[0];
    const expected = { family: 4, address, ...rest };
    expect(ipOf(argument)).toEqual(expected);
    expect(ipOf(`IPaddr::${argument}`)).toEqual(expected);
    expect(ipOf(`IPaddr2::${argument}`)).toEqual(expected);
  });

  test.each([
    ["IPv6addr::2001:DB8::0:1", { address: "2001:db8::1" }],
    ["IPv6addr::2001:db8::1/64/eth0", { address: "2001:db8::1", prefix: 64, device: "eth0" }],
    ["IPv6addr::fe80::1/64/eth0", { address: "fe80::1", prefix: 64, device: "eth0" }],
    ["IPv6addr::2001:db8::/127", { address: "2001:db8::", prefix: 127 }],
  ])("of IPv6 is all that follows the first :: of %s", (word, rest) => {
    expect(ipOf(word)).toEqual({ family: 6, ...rest });
  });

  test("names its group without its arguments", () => {
    const names = ["10.0.0.1/24/eth0", "IPaddr2::10.0.0.1/24", "IPv6addr::2001:DB8::1/64/eth0"].map(
      (word) => {
        const resource = parseResource(word);
        return resource.ok && [resource.value.name, nameOf(resource.value)];
      },
    );
    expect(names).toEqual([
      ["10.0.0.1/24/eth0", "10.0.0.1"],
      ["IPaddr2::10.0.0.1/24", "10.0.0.1"],
      ["IPv6addr::2001:DB8::1/64/eth0", "2001:db8::1"],
    ]);
  });

  test.each([
    ["10.0.0.256", "is not an IPv4 address"],
    ["10.0.0", "is not an IPv4 address"],
    ["10.0.0.1.1", "is not an IPv4 address"],
    ["10.0.0.1O", "is not an IPv4 address"],
    ["010.0.0.1", "is not an IPv4 address"],
    ["10.0.0.1:80", "is not an IPv4 address"],
    ["10.0.0.1::24", "is not an IPv4 address"],
    ["10.0.0.1/33", "is not a netmask"],
    ["10.0.0.1/0", "is not a netmask"],
    ["10.0.0.1//eth0", "is not a netmask"],
    ["10.0.0.1/255.0.255.0", "is not a netmask"],
    ["10.0.0.0/24", "network address of its /24"],
    ["10.0.0.255/24", "broadcast address of its /24"],
    ["10.0.0.3/30", "broadcast address of its /30"],
    ["127.0.0.2/8", "loopback"],
    ["239.0.0.1", "multicast"],
    ["0.0.0.1", "0.0.0.0/8"],
    ["255.255.255.255", "reserved"],
    ["10.0.0.1/24/", "cannot be an interface"],
    ["10.0.0.1/24/an-interface-too-long", "cannot be an interface"],
    ["10.0.0.1/24/eth0:", "is not an interface with a label"],
    ["10.0.0.1/24/eth0:1:2", "is not an interface with a label"],
    ["10.0.0.1/24/eth0:a-label-too-long", "is not an interface with a label"],
    ["10.0.0.1/24/eth0/10.0.0.256", "is not a broadcast address"],
    ["10.0.0.1/24/eth0/10.0.0.255/x", "is too much"],
    ["10.0.0.1/24/10.0.0.255/eth0", "is too much"],
    ["IPaddr", "write one address"],
    ["IPaddr2::10.0.0.1::24", "write one address"],
    ["IPv6addr::10.0.0.1", "is not an IPv6 address"],
    ["IPv6addr", "is not an IPv6 address"],
    ["IPv6addr::2001:db8::1/129", "is not from 1 to 128"],
    ["IPv6addr::2001:db8::1/0", "is not from 1 to 128"],
    ["IPv6addr::2001:db8::1/64/eth0/x", "is too much"],
    ["IPv6addr::2001:db8::/64", "routers"],
    ["IPv6addr::fe80::1", "needs its interface"],
    ["IPv6addr::fe80::1%eth0", "is not an IPv6 address"],
    ["IPv6addr::ff02::1", "multicast"],
    ["IPv6addr::::1", "loopback"],
    ["IPv6addr::::", "no address"],
    ["IPv6addr::::ffff:10.0.0.1", "write the IPv4 address"],
    ["2001:db8::1/64/eth0", "write IPv6addr::2001:db8::1/64/eth0"],
  ])("is not %s, and it is said why", (word, reason) => {
    const resource = parseResource(word);
    expect(resource.ok ? "" : resource.error.message).toContain(reason);
  });
});

describe("a script", () => {
  test.each([
    ["httpd", "httpd", []],
    ["drbddisk::r0", "drbddisk", ["r0"]],
    ["Filesystem::/dev/drbd0::/data::ext3", "Filesystem", ["/dev/drbd0", "/data", "ext3"]],
    ["OCF::apache::web", "OCF", ["apache", "web"]],
    ["dummy::::x::", "dummy", ["x"]],
    ["one::a:b", "one", ["a:b"]],
    ["dead::beef", "dead", ["beef"]],
    ["1st", "1st", []],
  ])("of %s is %s with its arguments", (name, script, args) => {
    expect(parseResource(name)).toEqual({
      ok: true,
      value: { type: "script", name, script, args },
    });
  });

  test.each(["/etc/init.d/httpd", "../httpd", "..", "::x", "ht\u0000tpd", "ht\u200btpd"])(
    "cannot be %j",
    (word) => {
      expect(parseResource(word).ok).toBe(false);
    },
  );
});

describe("a unit of systemd", () => {
  test.each(["nginx.service", "nginx", "getty@tty1.service", "dev-sda\\x2d1.mount"])(
    "is %s",
    (unit) => {
      const name = `systemd::${unit}`;
      expect(parseResource(name)).toEqual({ ok: true, value: { type: "systemd", name, unit } });
    },
  );

  test.each(["systemd", "systemd::", "systemd::a::b", "systemd::--now", "systemd::a/b"])(
    "is not %s",
    (word) => {
      expect(parseResource(word).ok).toBe(false);
    },
  );
});

describe("an OCF agent", () => {
  test("has a provider, a name and parameters", () => {
    const name = "ocf::heartbeat:apache::configfile=/etc/apache2.conf::options=-D=x";
    expect(parseResource(name)).toEqual({
      ok: true,
      value: {
        type: "ocf",
        name,
        provider: "heartbeat",
        agent: "apache",
        parameters: { configfile: "/etc/apache2.conf", options: "-D=x" },
      },
    });
  });

  test.each([
    "ocf",
    "ocf::apache",
    "ocf::heartbeat:../apache",
    "ocf::a:b:c",
    "ocf::heartbeat:apache::configfile",
    "ocf::heartbeat:apache::=x",
    "ocf::heartbeat:apache::a=1::a=2",
    "ocf:heartbeat:apache",
  ])("is not %s", (word) => {
    expect(parseResource(word).ok).toBe(false);
  });
});

test("every resource is read from what it is written as", () => {
  fc.assert(
    fc.property(anyResource, (resource) => {
      expect(parseResource(written(resource))).toEqual({ ok: true, value: resource });
    }),
  );
});

function written(resource: Resource): string {
  switch (resource.type) {
    case "address":
      return resource.name;
    case "script":
      return [resource.script, ...resource.args].join("::");
    case "systemd":
      return `systemd::${resource.unit}`;
    case "ocf": {
      const parameters = Object.entries(resource.parameters).map(
        ([key, value]) => `${key}=${value}`,
      );
      return [`ocf::${resource.provider}:${resource.agent}`, ...parameters].join("::");
    }
  }
}

const word = fc
  .stringMatching(/^[a-z][a-z0-9_]{0,8}$/)
  .filter((each) => !/^(ocf|systemd)$/.test(each));
const value = fc.stringMatching(/^[a-z0-9/=.-]{0,12}$/);

const anyResource = fc.oneof(
  fc
    .record({ script: word, args: fc.array(value.filter((each) => each !== "")) })
    .map((each): Resource => ({
      type: "script",
      name: [each.script, ...each.args].join("::"),
      ...each,
    })),
  word.map((unit): Resource => ({ type: "systemd", name: `systemd::${unit}`, unit })),
  fc
    .record({ provider: word, agent: word, parameters: fc.dictionary(word, value) })
    .map((each): Resource => {
      const resource = {
        type: "ocf" as const,
        name: "",
        ...each,
        parameters: { ...each.parameters },
      };
      return { ...resource, name: written(resource) };
    }),
  fc
    .record({
      host: fc.integer({ min: 1, max: 254 }),
      prefix: fc.integer({ min: 24, max: 24 }),
      device: word,
    })
    .map(({ host, prefix, device }): Resource => {
      const address = `10.0.0.${host}`;
      return {
        type: "address",
        name: `${address}/${prefix}/${device}`,
        ip: { family: 4, address, prefix, device },
      };
    }),
);
