import { describe, expect, test } from "vitest";
import { readConfig, render } from "../../../src/config/index.ts";
import { codes, errors, haCfWith, soundHaCf, sources } from "./support.ts";

function configured(lines: readonly string[], hostname = "alpha") {
  const read = readConfig(sources({ haCf: `${soundHaCf}${lines.join("\n")}\n`, hostname }));
  return { ...read, fencing: read.value?.core.fencing, programs: read.value?.fencePrograms };
}

describe("a stonith_host line", () => {
  test("is a device of the node that it names, or of every node", () => {
    const lines = ["stonith_host alpha external/ipmi 10.0.0.9 admin", "stonith_host * null beta"];
    expect(configured(lines).fencing?.devices).toEqual([
      { name: "external/ipmi", targets: undefined },
      { name: "null", targets: undefined },
    ]);
    expect(configured(lines, "beta").fencing?.devices).toEqual([
      { name: "null", targets: undefined },
    ]);
  });

  test.each([
    ["fence_ipmilan ip=10.0.0.9 password=x", "agent", ["ip=10.0.0.9", "password=x"]],
    ["/usr/local/sbin/reset port3", "script", ["port3"]],
    ["external/ssh alpha beta", "plugin", ["alpha", "beta"]],
    ["null", "plugin", []],
    // Not an agent: there is no name behind it.
    ["fence_", "plugin", []],
  ])("with %s is driven as a device of its kind", (device, kind, parameters) => {
    const [name] = device.split(" ");
    expect(configured([`stonith_host * ${device}`]).programs).toEqual([
      { kind, name, parameters, file: undefined },
    ]);
  });

  test("may say which nodes it is for, as Pacemaker does; the device does not hear that", () => {
    const line = "stonith_host * fence_ipmilan pcmk_host_list=beta,Gamma ip=10.0.0.9";
    const { value, diagnostics } = haCfWith("node gamma", line);
    expect(value.fenceLines).toMatchObject([
      { targets: ["beta", "gamma"], program: { parameters: ["ip=10.0.0.9"] } },
    ]);
    expect(diagnostics).toEqual([]);
  });

  test.each([
    ["without a device", "stonith_host alpha", "missing-argument"],
    ["with an agent's parameter that has no name", "stonith_host * fence_x secret", "bad-word"],
    ["with a device that looks like an option", "stonith_host * -rf x", "bad-name"],
    ["without anything", "stonith", "missing-argument"],
    ["with a file that is nowhere", "stonith baytech conf/stonith", "bad-path"],
  ])("%s is refused", (_, line, code) => {
    expect(errors(haCfWith(line))).toEqual([code]);
  });

  test("of a node that is not there is doubtful, and so is no line for this node", () => {
    expect(codes(haCfWith("stonith_host alhpa null beta"))).toEqual(["warning 7:14 unknown-node"]);
    expect(codes(configured(["stonith_host beta null alpha"]))).toEqual([
      "warning 0:0 fence-target",
    ]);
    expect(configured(["stonith_host beta null alpha"]).fencing).toBeUndefined();
  });

  test("in a cluster of three that may reset whichever machine is doubtful", () => {
    const line = "stonith_host * fence_ipmilan ip=10.0.0.9";
    expect(codes(haCfWith("node gamma", line))).toEqual(["warning 8:14 fence-target"]);
    expect(codes(haCfWith(line))).toEqual([]);
  });
});

test("a stonith line is a device of every node, with its parameters in a file", () => {
  const lines = [
    "stonith baytech /etc/ha.d/stonith.baytech",
    "stonith /sbin/reset /etc/reset.conf",
  ];
  expect(configured(lines).programs).toEqual([
    { kind: "plugin", name: "baytech", parameters: [], file: "/etc/ha.d/stonith.baytech" },
    { kind: "script", name: "/sbin/reset", parameters: ["/etc/reset.conf"], file: undefined },
  ]);
});

test("fence_timeout is for each device", () => {
  expect(configured(["stonith_host * null x"]).fencing?.timeout).toBe(60_000);
  expect(configured(["fence_timeout 5", "stonith_host * null x"]).fencing?.timeout).toBe(5000);
});

describe("a password", () => {
  test.each([
    ["where the device is none", "stonith_host * -x hunter2"],
    ["where the device is an agent", "stonith_host * fence_apc hunter2"],
    ["where the directive is misspelt", "stonith_hots * external/ipmi hunter2"],
    ["where the directive is misspelt otherwise", "sotnith_host * external/ipmi hunter2"],
    ["with a character that cannot be seen", "stonith_host * external/ipmi hunter2\u200B"],
    ["in a line that is too long", `stonith_host * external/ipmi ${"hunter2 ".repeat(800)}`],
    ["where its node is unknown", "stonith_host nobody external/ipmi hunter2"],
    ["behind a carriage return", "stonith_host * null\rhunter2"],
    ["in the place of its file", "stonith external/ipmi hunter2"],
    ["in what was meant to be the rest of the line", "stonith_host * null \\\nhunter2 x"],
    ["in a line of its own", "password=hunter2"],
  ])("%s is not shown", (_, line) => {
    const text = `${soundHaCf}${line}\n`;
    const { diagnostics } = haCfWith(line);
    expect(diagnostics).not.toEqual([]);
    for (const each of diagnostics) expect(render(each, text)).not.toContain("hunter2");
  });

  test("is no part of the digest, and the device is", () => {
    const digest = (line: string) => configured([line]).value?.core.digest;
    const one = digest("stonith_host * external/ipmi hunter2");
    expect(digest("stonith_host * external/ipmi hunter3")).toBe(one);
    expect(digest("stonith_host alpha external/ipmi hunter2")).not.toBe(one);
    expect(digest("stonith_host * external/ssh hunter2")).not.toBe(one);
    // The line is the same on both nodes, whoever drives the device.
    const lines = ["stonith_host alpha null beta", "stonith_host beta null alpha"];
    const [here, there] = [configured(lines), configured(lines, "beta")];
    expect(here.value?.core.digest).toBe(there.value?.core.digest);
  });
});

test("a line that only begins like one with a secret is shown as any other", () => {
  const [mistake] = haCfWith("stop_timeout soon").diagnostics;
  expect(mistake?.confidential).toBe(false);
});
