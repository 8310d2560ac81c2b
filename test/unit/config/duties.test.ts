import { describe, expect, test } from "vitest";
import { readConfig } from "../../../src/config/index.ts";
import { codes, haCf, haCfWith, soundAuthkeys, soundHaCf } from "./support.ts";

function duties(...lines: readonly string[]) {
  return haCfWith(...lines).value.duties;
}

test("what nothing is said of is as the original has it", () => {
  expect(duties()).toEqual({
    respawns: [],
    realtime: { priority: 1 },
    watchdog: undefined,
    hopfudge: 1,
  });
});

test("realtime can be had with another priority, or not at all", () => {
  expect(duties("rtprio 50").realtime).toEqual({ priority: 50 });
  expect(duties("realtime on").realtime).toEqual({ priority: 1 });
  expect(duties("realtime off").realtime).toBeUndefined();
  expect(duties("realtime off", "rtprio 50").realtime).toBeUndefined();
});

test("the watchdog and hopfudge are taken as written", () => {
  expect(duties("watchdog /dev/watchdog", "hopfudge 3")).toMatchObject({
    watchdog: "/dev/watchdog",
    hopfudge: 3,
  });
});

describe("respawn", () => {
  test("names a user, a program and its arguments, in the order of the file", () => {
    const { respawns } = duties("respawn root /bin/one -a b", "respawn nobody /bin/two");
    expect(respawns).toEqual([
      { user: "root", file: "/bin/one", args: ["-a", "b"], line: 7 },
      { user: "nobody", file: "/bin/two", args: [], line: 8 },
    ]);
  });

  test.each(["/usr/lib/heartbeat/ipfail", "/usr/libexec/heartbeat/ipfail"])(
    "of %s starts nothing, and nothing is said: what it does is built in",
    (file) => {
      const parsed = haCfWith(`respawn hacluster ${file}`);
      expect(parsed.value.duties.respawns).toEqual([]);
      expect(codes(parsed)).toEqual([]);
    },
  );

  test.each([
    "/usr/lib/heartbeat/ccm",
    "/usr/lib64/heartbeat/dopd",
    "/usr/lib/x86_64-linux-gnu/heartbeat/crmd",
  ])("of %s, a client of heartbeat's API, starts nothing, which is said", (file) => {
    const parsed = haCfWith(`respawn hacluster ${file}`);
    expect(parsed.value.duties.respawns).toEqual([]);
    expect(codes(parsed)).toEqual(["warning 7:19 no-effect"]);
  });

  test("of an own program that is called ipfail starts it", () => {
    expect(duties("respawn root /opt/ipfail").respawns).toHaveLength(1);
  });

  test("of the same twice starts one", () => {
    const parsed = haCfWith("respawn root /bin/one -a", "respawn  root /bin/one  -a");
    expect(parsed.value.duties.respawns).toHaveLength(1);
    expect(codes(parsed)).toEqual(["warning 8:1 repeated"]);
  });
});

describe("a serial line", () => {
  test("is a medium, at the baud above it, or 19200", () => {
    const lines = ["serial /dev/ttyS0", "baud 115200", "serial /dev/ttyS1"];
    const parsed = haCfWith(...lines);
    expect(parsed.value.media.slice(2)).toEqual([
      { type: "serial", name: "/dev/ttyS0", device: "/dev/ttyS0", baud: 19_200 },
      { type: "serial", name: "/dev/ttyS1", device: "/dev/ttyS1", baud: 115_200 },
    ]);
    expect(codes(parsed)).toEqual(["warning 8:1 baud-late"]);
  });

  test("named twice is one", () => {
    const parsed = haCfWith("serial /dev/ttyS0 /dev/ttyS0");
    expect(parsed.value.media).toHaveLength(3);
    expect(codes(parsed)).toEqual(["warning 7:19 duplicate-medium"]);
  });

  test.each([
    // 500 bytes of ten bits each.
    ["500ms", 9600, true],
    ["520ms", 9600, true],
    ["530ms", 9600, false],
    ["45ms", 115_200, false],
    ["44ms", 115_200, true],
  ])("with keepalive %s at %i baud is too slow for a heartbeat: %s", (keepalive, baud, isSlow) => {
    const text = soundHaCf.replace("keepalive 1", `keepalive ${keepalive}`);
    const { diagnostics, value } = readConfig({
      haCf: { file: "ha.cf", text: `${text}baud ${baud}\nserial /dev/ttyS0\n` },
      haresources: { file: "haresources", text: "alpha 10.0.0.1\n" },
      authkeys: { file: "authkeys", text: soundAuthkeys, mode: 0o600 },
      hostname: "alpha",
    });
    expect(diagnostics.map(({ code }) => code)).toEqual(isSlow ? ["slow-line"] : []);
    expect(value?.core.media).toEqual(["eth0", "eth1", "/dev/ttyS0"]);
  });
});

test("a serial line alone is a link, and the only one", () => {
  const parsed = haCf("node a b\nauto_failback on\nserial /dev/ttyS0\n");
  expect(codes(parsed)).toEqual(["warning 3:1 single-link"]);
});
