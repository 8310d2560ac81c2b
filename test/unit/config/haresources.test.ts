import { describe, expect, test } from "vitest";
import { headline } from "../../../src/config/index.ts";
import { codes, haresources } from "./support.ts";

/** Each group as its node and the words of its resources. */
function groups(text: string) {
  return haresources(text).value.groups.map(({ node, name, resources }) => ({
    [`${node} ${name}`]: resources.map((resource) => resource.name),
  }));
}

test("a word by which the commands mean several groups is no group's name", () => {
  expect(codes(haresources("alpha failback\n"))).toEqual(["error 1:7 bad-name"]);
});

describe("a line", () => {
  test("is a group: the node where it belongs, and its resources from left to right", () => {
    const text = "alpha 10.0.0.1/24/eth0 nginx\n\n \t beta\thttpd::x  10.0.0.2\t# end\n# none\n";
    expect(groups(text)).toEqual([
      { "alpha 10.0.0.1": ["10.0.0.1/24/eth0", "nginx"] },
      { "beta httpd::x": ["httpd::x", "10.0.0.2"] },
    ]);
  });

  test("names its node in capitals or not", () => {
    expect(groups("ALPHA 10.0.0.1\n")).toEqual([{ "alpha 10.0.0.1": ["10.0.0.1"] }]);
  });

  test("goes on after a backslash", () => {
    const text = "alpha 10.0.0.1 \\\n  nginx\\\n  php \\\nfpm\n";
    expect(groups(text)).toEqual([{ "alpha 10.0.0.1": ["10.0.0.1", "nginx", "php", "fpm"] }]);
  });

  test("is joined to the next one with nothing in between", () => {
    expect(groups("alpha fo\\\no\\\nbar\n")).toEqual([{ "alpha foobar": ["foobar"] }]);
  });

  test("may have a comment where it goes on, which heartbeat would take for resources", () => {
    const text = "alpha 10.0.0.1 \\\n  nginx # the web\nbeta 10.0.0.2\n";
    expect(groups(text)).toEqual([
      { "alpha 10.0.0.1": ["10.0.0.1", "nginx"] },
      { "beta 10.0.0.2": ["10.0.0.2"] },
    ]);
  });

  test("goes on after a backslash and blanks or a comment too, and it is said that heartbeat's does not", () => {
    const parsed = haresources("alpha 10.0.0.1 \\ # first\n nginx \\ \n php\n");
    expect(parsed.value.groups[0]?.resources.map(({ name }) => name)).toEqual([
      "10.0.0.1",
      "nginx",
      "php",
    ]);
    expect(codes(parsed)).toEqual(["warning 1:16 continuation", "warning 2:8 continuation"]);
  });

  test("that goes on after the end of the file ends there", () => {
    expect(groups("alpha 10.0.0.1 \\")).toEqual([{ "alpha 10.0.0.1": ["10.0.0.1"] }]);
  });

  test("may end as Windows ends lines, and it is said once that heartbeat's may not", () => {
    const parsed = haresources("alpha 10.0.0.1 \\\r\n nginx\r\nbeta 10.0.0.2\r\n");
    expect(parsed.value.groups.map(({ resources }) => resources.map(({ name }) => name))).toEqual([
      ["10.0.0.1", "nginx"],
      ["10.0.0.2"],
    ]);
    expect(codes(parsed)).toEqual(["warning 1:17 carriage-return"]);
  });

  test("needs a resource", () => {
    expect(codes(haresources("alpha\n"))).toEqual(["error 1:1 missing-argument"]);
  });

  test("shows where a word of a line that goes on is wrong", () => {
    const text = "alpha 10.0.0.1 \\\n\tnginx 10.0.0.300\n";
    expect(codes(haresources(text))).toEqual(["error 2:8 bad-address"]);
  });

  test("tells all its mistakes", () => {
    const text = "al/pha 10.0.0.300 /etc/init.d/x ht\u0007tp\n";
    expect(codes(haresources(text))).toEqual([
      "error 1:1 bad-name",
      "error 1:8 bad-address",
      "error 1:19 bad-resource",
      "error 1:33 bad-character",
    ]);
  });
});

function messages(text: string): string[] {
  return haresources(text).diagnostics.map(headline);
}

describe("twice", () => {
  test("the same address is refused, in another group and in its own, with both lines", () => {
    expect(messages("alpha a 10.0.0.1 x\nbeta b IPaddr2::10.0.0.1/24 y\n")).toEqual([
      "haresources:2:8: error: 10.0.0.1 is in line 1 already",
    ]);
    expect(messages("alpha 10.0.0.1 \\\n 10.0.0.1/24 x\n")).toEqual([
      "haresources:2:2: error: 10.0.0.1 is in line 1 already",
    ]);
    expect(messages("alpha 10.0.0.1\nbeta 10.0.0.2 10.0.0.1\n")).toContain(
      "haresources:2:15: error: 10.0.0.1 is in line 1 already",
    );
  });

  test("the same IPv6 address is refused however it is written", () => {
    const text = "alpha IPv6addr::2001:db8::1\nbeta x IPv6addr::2001:DB8:0::1 y\n";
    expect(messages(text)).toEqual(["haresources:2:8: error: 2001:db8::1 is in line 1 already"]);
  });

  test("the name of a group is refused, once, with both lines", () => {
    expect(messages("alpha 10.0.0.1\n\nbeta 10.0.0.1/24/eth0\n")).toEqual([
      'haresources:3:6: error: the group of line 1 is named "10.0.0.1", after its first resource, too',
    ]);
    expect(messages("alpha httpd\nbeta httpd\n")).toHaveLength(1);
  });

  test("the same script behind different addresses is accepted", () => {
    expect(messages("alpha 10.0.0.1 httpd\nbeta 10.0.0.2 httpd\n")).toEqual([]);
  });
});

describe("an address that comes last", () => {
  test("is warned of when a service starts without it", () => {
    expect(codes(haresources("alpha nginx 10.0.0.1\n"))).toEqual(["warning 1:13 order"]);
    expect(codes(haresources("alpha systemd::nginx 10.0.0.1\n"))).toEqual(["warning 1:22 order"]);
  });

  test("is in order after disks and other addresses", () => {
    const text = "alpha drbddisk::r0 Filesystem::/dev/drbd0::/data 10.0.0.2 10.0.0.1\n";
    expect(codes(haresources(text))).toEqual([]);
  });

  test("is not warned of when services follow the address", () => {
    expect(codes(haresources("alpha drbddisk 10.0.0.1 nginx\n"))).toEqual([]);
  });
});

test("a broadcast address that is not the subnet's is warned of, and used", () => {
  const parsed = haresources("alpha 10.0.0.1/8/eth0/10.0.0.255\n");
  expect(codes(parsed)).toEqual(["warning 1:7 broadcast"]);
  expect(parsed.value.groups[0]?.resources[0]).toMatchObject({ ip: { broadcast: "10.0.0.255" } });
  expect(codes(haresources("alpha 10.0.0.1/8/eth0/10.255.255.255\n"))).toEqual([]);
});

test("a group's name fits into a heartbeat", () => {
  expect(codes(haresources(`alpha ${"x".repeat(255)}\n`))).toEqual([]);
  expect(codes(haresources(`alpha ${"x".repeat(256)}\n`))).toEqual(["error 1:7 bad-name"]);
});

test("a file without groups is warned of", () => {
  expect(codes(haresources("# nothing\n"))).toEqual(["warning 0:0 no-groups"]);
});

/** What is not proportional to the length takes minutes for a megabyte. */
test.each(["alpha", " ", "x\\\n", "alpha 10.0.0.1\n", "a b\n", "1.", "a::", "::", "ocf::a:b::c=d"])(
  "a megabyte of %j is read in time proportional to its length",
  { timeout: 60_000 },
  (text) => {
    const start = performance.now();
    haresources(`alpha ${text.repeat(Math.ceil(2 ** 20 / text.length))}!`);
    expect(performance.now() - start).toBeLessThan(10_000);
  },
);
