import { describe, expect, test } from "vitest";
import { codes, errors, haCf } from "./support.ts";

const rest = "node alpha beta\nauto_failback on\n";

function media(...lines: readonly string[]) {
  const parsed = haCf(`${lines.join("\n")}\n${rest}`);
  return { ...parsed, media: parsed.value.media.filter((each) => each.type === "interface") };
}

test("all lines of one interface are one medium, named by the interface", () => {
  const lines = [
    "ucast eth0 10.0.0.1",
    "bcast eth1",
    "ucast eth0 10.0.0.2",
    "mcast eth1 239.0.0.1 695 1 0",
  ];
  expect(media(...lines)).toEqual(
    expect.objectContaining({
      diagnostics: [],
      media: [
        {
          type: "interface",
          name: "eth0",
          device: "eth0",
          targets: [
            { type: "ucast", host: "10.0.0.1", port: 694 },
            { type: "ucast", host: "10.0.0.2", port: 694 },
          ],
        },
        {
          type: "interface",
          name: "eth1",
          device: "eth1",
          targets: [
            { type: "bcast", port: 694 },
            { type: "mcast", group: "239.0.0.1", port: 695, ttl: 1, loop: false },
          ],
        },
      ],
    }),
  );
});

describe("udpport", () => {
  test("holds for the lines below it, and warns of those above it", () => {
    const parsed = media("ucast eth0 10.0.0.2", "udpport 7000", "bcast eth1");
    expect(parsed.media.map(({ targets }) => targets[0]?.port)).toEqual([694, 7000]);
    expect(codes(parsed)).toEqual(["warning 2:1 udpport-late"]);
  });

  test("above all media is not warned of", () => {
    expect(codes(media("udpport 7000", "bcast eth0 eth1"))).toEqual([]);
  });

  test("below multicast alone is not warned of: that has its own port", () => {
    expect(codes(media("mcast eth0 239.0.0.1 694 1 0", "udpport 7000", "bcast eth1"))).toEqual([]);
  });
});

test("udp is bcast by its old name", () => {
  const parsed = media("udp eth0 eth1");
  expect(parsed.media.map(({ targets }) => targets)).toEqual([
    [{ type: "bcast", port: 694 }],
    [{ type: "bcast", port: 694 }],
  ]);
  expect(codes(parsed)).toEqual(["warning 1:1 alias"]);
});

test.each([
  ["ucast eth0", "missing-argument"],
  ["ucast eth0,10.0.0.2", "missing-argument"],
  ["ucast eth0 10.0.0.256", "bad-address"],
  ["ucast eth0 10.0.0", "bad-address"],
  ["ucast eth0 224.0.0.1", "bad-address"],
  ["ucast eth0 255.255.255.255", "bad-address"],
  ["ucast eth0 fe80::1", "bad-address"],
  ["ucast eth0 -peer", "bad-name"],
  ["ucast a-very-long-interface 10.0.0.2", "bad-name"],
  ["bcast eth0:0", "bad-name"],
  ["bcast ../eth0", "bad-name"],
  ["mcast eth0 239.0.0.1 694 1", "missing-argument"],
  ["mcast eth0 10.0.0.1 694 1 0", "bad-address"],
  ["mcast eth0 240.0.0.1 694 1 0", "bad-address"],
  ["mcast eth0 239.0.0.1 0 1 0", "bad-integer"],
  ["mcast eth0 239.0.0.1 694 5 0", "bad-integer"],
  ["mcast eth0 239.0.0.1 694 1 2", "bad-integer"],
  ["ucast6 eth0", "missing-argument"],
  ["mcast6 eth0 ff02::1 694 1", "missing-argument"],
  ["serial ttyS0", "bad-path"],
  ["ping_group gateways", "missing-argument"],
])("%s is refused", (line, code) => {
  expect(errors(media("bcast eth8 eth9", line))).toEqual([code]);
});

test.each(["mcast eth0 224.0.0.1 694 0 1", "mcast eth0 239.255.255.255 65535 4 0"])(
  "%s is accepted",
  (line) => {
    expect(codes(media("bcast eth8", line))).toEqual([]);
  },
);

test("a peer by name is accepted, and warned of for its dependence on DNS", () => {
  const parsed = media("bcast eth1", "ucast eth0 peer.example.com");
  expect(codes(parsed)).toEqual(["warning 2:12 name-lookup"]);
  expect(parsed.media[1]?.targets).toEqual([
    { type: "ucast", host: "peer.example.com", port: 694 },
  ]);
});

test("a second peer in a line is not read, which is said", () => {
  const parsed = media("bcast eth1", "ucast eth0 10.0.0.2 10.0.0.3");
  expect(codes(parsed)).toEqual(["warning 2:21 extra-argument"]);
});

test("the same target twice is one path", () => {
  const parsed = media("bcast eth0 eth1 eth0");
  expect(parsed.media.map(({ targets }) => targets.length)).toEqual([1, 1]);
  expect(codes(parsed)).toEqual(["warning 1:17 duplicate-medium"]);
});

describe("a heartbeat link", () => {
  test("that is the only one is warned of, however many peers it reaches", () => {
    const parsed = media("ucast eth0 10.0.0.1", "ucast eth0 10.0.0.2");
    expect(codes(parsed)).toEqual(["warning 1:1 single-link"]);
  });

  test("that cannot be opened does not count as a second one", () => {
    const parsed = media("bcast eth0", "ucast6 eth1 fe80::1");
    expect(codes(parsed)).toEqual(["warning 1:1 single-link", "warning 2:1 no-effect"]);
  });

  test("may be a serial line", () => {
    expect(codes(media("bcast eth0", "serial /dev/ttyS0"))).toEqual([]);
    expect(codes(media("serial /dev/ttyS0"))).toEqual(["warning 1:1 single-link"]);
  });

  test("must be there", () => {
    expect(errors(media())).toEqual(["no-media"]);
    expect(errors(media("bcast"))).toEqual(["no-media"]);
  });

  test("that is faulty is said to be faulty, not to be missing", () => {
    expect(errors(media("ucast eth0"))).toEqual(["missing-argument"]);
  });
});

test.each(["ucast6 eth0 fe80::1", "mcast6 eth0 ff02::1 694 1 0"])(
  "%s alone is refused: there is nothing to send heartbeats on",
  (line) => {
    expect(codes(media(line))).toEqual(["error 1:1 no-media", "warning 1:1 no-effect"]);
  },
);

test("a ping node alone is refused too", () => {
  expect(codes(media("ping 10.0.0.1"))).toEqual(["error 1:1 no-media"]);
});

test("64 media are accepted, 65 are not, whatever they are", () => {
  const names = Array.from({ length: 64 }, (_, index) => `eth${index}`).join(" ");
  expect(codes(media(`bcast ${names}`))).toEqual([]);
  expect(errors(media(`bcast ${names} eth64`))).toEqual(["too-many"]);
  expect(errors(media(`bcast ${names}`, "ping 10.0.0.1"))).toEqual(["too-many"]);
});
