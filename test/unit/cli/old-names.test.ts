import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { clStatus } from "../../../src/cli/cl-status/command.ts";
import { argumentsOf, oldNames } from "../../../src/cli/old-names.ts";
import { plain } from "../../../src/cli/terminal.ts";
import { settings } from "../../../src/control/index.ts";
import { read } from "../project.ts";
import { serveAnswers, serveNothing, serveSilence, understudy } from "./control-server.ts";
import type { ControlServer } from "./control-server.ts";
import { allWell, alpha, group, reportOf } from "./reports.ts";

vi.setConfig({ testTimeout: 30_000 });

test("a symbolic link with an old name stands for the command of that name", () => {
  expect(argumentsOf(["node", "/usr/share/heartbeat/hb_standby", "local"])).toEqual([
    "hb_standby",
    "local",
  ]);
  expect(argumentsOf(["node", "/usr/bin/understudy", "status"])).toEqual(["status"]);
});

test("a program that is run through such a link answers like heartbeat's own", async () => {
  const folder = mkdtempSync(join(tmpdir(), "us-names-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  symlinkSync(
    new URL("../../../src/understudy.ts", import.meta.url).pathname,
    join(folder, "cl_status"),
  );
  const link = join(folder, "cl_status");
  const { stdout, exitCode } = await execa(
    process.execPath,
    [link, "hbstatus", "--run-dir", folder],
    { reject: false },
  );
  expect({ stdout, exitCode }).toEqual({
    stdout: "Heartbeat is stopped on this machine.",
    exitCode: 1,
  });
});

test.each(oldNames)("npm links %s to the program", (name) => {
  expect(read("package.json")).toContain(`"${name}": "dist/understudy.js"`);
});

describe("hb_takeover and hb_standby", () => {
  test.concurrent.each([
    ["hb_standby", [], "/v1/standby", "all"],
    ["hb_standby", ["failback"], "/v1/standby", "failback"],
    ["hb_standby", ["foreign"], "/v1/standby", "foreign"],
    ["hb_takeover", [], "/v1/takeover", "all"],
    ["hb_takeover", ["local"], "/v1/takeover", "local"],
    // What is at home here is what a standby for failback there would give up.
    ["hb_takeover", ["failback"], "/v1/takeover", "local"],
  ])("%s %j asks for %s of %s and exits with 0", async (name, args, path, selection) => {
    await using server = await serveAnswers(() => ({
      body: {
        version: 1,
        node: "alpha",
        groups: [{ group: "10.0.0.100", result: { type: "accepted" } }],
      },
    }));
    const { stdout, exitCode } = await understudy(name, ...args, "--run-dir", server.runDir);
    expect({ stdout, exitCode }).toEqual({
      stdout: "10.0.0.100: accepted; it is under way\n",
      exitCode: 0,
    });
    const body = JSON.stringify({ selection, wait: false });
    expect(server.asked).toEqual([{ method: "POST", path, body }]);
  });

  test("tell that it was refused, and exit with 0 all the same: it was asked", async () => {
    await using server = await serveAnswers(() => ({
      body: {
        version: 1,
        node: "alpha",
        groups: [{ group: "10.0.0.100", result: { type: "refused", reason: "beta is dead" } }],
      },
    }));
    const { stderr, exitCode } = await understudy("hb_standby", "--run-dir", server.runDir);
    expect(stderr).toBe("Going standby [all].\n10.0.0.100: refused: beta is dead\n");
    expect(exitCode).toBe(0);
  });

  // As /usr/share/heartbeat/hb_standby of 3.0.6 prints it.
  test.concurrent.each([
    [["bogus"], "hb_standby: wrong resources(bogus).\nusage:\n"],
    [["all", "x"], "hb_standby: too many arguments\nusage:\n"],
    [["--help"], "usage:\n"],
  ])("%j is their usage, and exit status 1", async (args, shown) => {
    const { stdout, stderr, exitCode } = await understudy("hb_standby", ...args);
    expect({ stdout, stderr, exitCode }).toEqual({
      stdout: shown,
      stderr: "hb_standby [all|foreign|local|failback]\n",
      exitCode: 1,
    });
  });

  test("do not wait for a daemon that is not there", async () => {
    await using none = await serveNothing();
    const { stderr, exitCode } = await understudy("hb_takeover", "--run-dir", none.runDir);
    expect(stderr).toContain("understudy is not running on this node");
    expect(exitCode).toBe(1);
  });
});

describe("cl_status without a daemon", () => {
  test.concurrent.each([
    [["hbstatus"], "Heartbeat is stopped on this machine.\n", 1],
    [["hbstatus", "-v", "-m"], "Heartbeat is stopped on this machine.\n", 1],
    [["rscstatus"], "", 1],
    [["nodestatus", "alpha"], "", 1],
    [["hbparameter", "-p", "keepalive"], "", 1],
    [["hbparameter", "-p", "hbversion"], "", 1],
  ])("%j prints %j and exits with %i", async (args, shown, code) => {
    await using none = await serveNothing();
    const { stdout, exitCode } = await clStatusOf(none.runDir, args);
    expect({ stdout, exitCode }).toEqual({ stdout: shown, exitCode: code });
  });

  test("says why on standard error", async () => {
    await using none = await serveNothing();
    const { stderr } = await clStatusOf(none.runDir, ["rscstatus"]);
    expect(stderr).toBe(
      "cl_status: ERROR: Cannot signon with heartbeat\n" +
        `cl_status: ERROR: REASON: understudy is not running on this node (no answer at ${none.runDir}/control)\n`,
    );
  });

  test("gives up a daemon that is frozen after 5 s, with 12", async () => {
    await using frozen = await serveSilence("");
    const { exitCode } = await clStatusOf(frozen.runDir, ["hbstatus"]);
    expect(exitCode).toBe(12);
  });
});

describe("cl_status of a pair that is well", () => {
  test.concurrent.each([
    [["hbstatus"], "Heartbeat is running on this machine.\n"],
    [["hbstatus", "-m"], "Heartbeat is running on this machine.\n"],
    [["listnodes"], "gw\nbeta\nalpha\n"],
    [["listnodes", "-n"], "beta\nalpha\n"],
    [["listnodes", "-p"], "gw\n"],
    [["listnodes", "-pn"], "gw\nbeta\nalpha\n"],
    [["listnodes", "-m"], "The nodes are as follow:\ngw\nbeta\nalpha\n"],
    [
      ["hbstatus", "-v"],
      'version:\t0.1.0 (understudy)\nmanaged by:\t"haresources"\n' +
        "\ngw\tping\t(nodetype: ping)\n\tgw\tup\n" +
        "\nbeta\tactive\t(nodetype: normal)\n\teth0\tup\n\teth1\tup\n" +
        "\nalpha\tactive\t(nodetype: normal)\n\teth0\tup\n\teth1\tup\n",
    ],
    [
      ["listnodes", "-nvm"],
      "The nodes are as follow:\n" +
        "\nbeta\tactive\t(nodetype: normal)\n\tthis node has the following heartbeat links:\n\teth0\tup\n\teth1\tup\n" +
        "\nalpha\tactive\t(nodetype: normal)\n\tthis node has the following heartbeat links:\n\teth0\tup\n\teth1\tup\n",
    ],
    [["nodestatus", "beta"], "active\n"],
    [["nodestatus", "BETA", "-m"], "The cluster node BETA is active\n"],
    [["nodestatus", "gw"], "ping\n"],
    [["nodetype", "beta"], "normal\n"],
    [["nodetype", "-m", "gw"], "The node gw's type: ping\n"],
    [["nodeweight", "beta"], "100\n"],
    [["nodeweight", "-m", "beta"], "The weight of the cluster node beta is 100\n"],
    [["nodesite", "beta"], "\n"],
    [["nodesite", "-m", "beta"], "The site of the cluster node beta is \n"],
    [["listhblinks", "beta"], "\teth0\n\teth1\n"],
    [["listhblinks", "beta", "-v"], "\teth0\tup\n\teth1\tup\n"],
    [["hblinkstatus", "beta", "eth0"], "up\n"],
    [["hblinkstatus", "-m", "beta", "eth0"], "The node beta's heartbeat link eth0 is up\n"],
    [["rscstatus"], "local\n"],
    [["rscstatus", "-m"], "This node is holding local resources.\n"],
    [["hbparameter", "-p", "keepalive"], "500ms\n"],
    [["hbparameter", "-m", "-pkeepalive"], "Heartbeat parameter keepalive's value: 500ms\n"],
    [["hbparameter", "-p", "hbversion"], "0.1.0 (understudy)\n"],
  ])("%j prints as heartbeat 3.0.6 does: %j", async (args, shown) => {
    await using server = await pair();
    const { stdout, stderr, exitCode } = await clStatusOf(server.runDir, args);
    expect({ stdout, stderr, exitCode }).toEqual({ stdout: shown, stderr: "", exitCode: 0 });
  });

  test.concurrent.each([
    [["nodestatus"], "Not enough parameters.\n", 11],
    [["nodestatus", "nosuch"], "Error. May be due to incorrect node name\n", 11],
    [["nodeweight", "nosuch"], "Error. Maybe due to incorrect node name.\n", 11],
    [["nodetype"], "No enough parameter.\n", 11],
    [["hblinkstatus", "beta"], "No enough parameter.\n", 11],
    [
      ["hblinkstatus", "beta", "eth7"],
      /^cl_status: ERROR: Cannot get heartbeat link status\n/u,
      13,
    ],
    [
      ["listhblinks", "nosuch"],
      /^cl_status: ERROR: Cannot start heartbeat link interface walk.\n/u,
      13,
    ],
    [["clientstatus", "nosuch", "ipfail"], /Cannot get heartbeat client ipfail's status\n/u, 13],
    [["hbparameter", "-p", "nosuch"], /Cannot get parameter nosuch's value\n/u, 1],
    [["hbparameter", "-p", "constructor"], /Cannot get parameter constructor's value\n/u, 1],
    [["hbparameter"], "cl_status: ERROR: parameter name required\n", 11],
    [
      ["hbparameter", "-p"],
      "cl_status: ERROR: hbparameter: option requires an argument -- 'p'\n",
      11,
    ],
    [["rscstatus", "-z"], "cl_status: ERROR: rscstatus: invalid option -- 'z'\n", 11],
    [["\u001B[2J"], "cl_status: ERROR: \ufffd[2J: invalid sub-command.\n", 11],
  ])("%j prints nothing, complains with %j and exits with %i", async (args, shown, code) => {
    await using server = await pair();
    const { stdout, stderr, exitCode } = await clStatusOf(server.runDir, args);
    expect({ stdout, exitCode }).toEqual({ stdout: "", exitCode: code });
    if (typeof shown === "string") expect(stderr).toBe(shown);
    else expect(stderr).toMatch(shown);
  });

  test.concurrent.each([
    ["nodestatus of a peer that is dead", ["nodestatus", "beta"], "dead\n"],
    ["a link that is dead", ["hblinkstatus", "beta", "eth0"], "dead\n"],
    ["clients, of which there are none", ["clientstatus", "alpha", "ipfail"], "offline\n"],
  ])("%s is told with 1", async (_, args, shown) => {
    const dead = { ...onlyPeer(), state: "dead", links: dying } as const;
    await using server = await serveAnswers(() => ({ body: reportOf(allWell, { peers: [dead] }) }));
    const { stdout, exitCode } = await clStatusOf(server.runDir, args);
    expect({ stdout, exitCode }).toEqual({ stdout: shown, exitCode: 1 });
  });

  test("-h is heartbeat's own summary", async () => {
    const { stdout, exitCode } = await understudy("cl_status", "-h");
    expect(stdout).toMatch(
      /^Usage: cl_status <sub-command> \[<options>\] \[<parameters>\]\n\nSub-commands:\nclientstatus /u,
    );
    expect(exitCode).toBe(0);
  });
});

/** Within this process: that a process passes its arguments on is seen above. */
async function clStatusOf(
  runDir: string,
  args: readonly string[],
): Promise<{ stdout: string; stderr: string; exitCode: number }> {
  const written = { stdout: "", stderr: "" };
  const options = { haDir: "", stateDir: "", heartbeatDir: "", node: "alpha", runDir };
  const exitCode = await clStatus(options, args, {
    out: (text) => (written.stdout += text),
    err: (text) => (written.stderr += text),
    interactive: false,
    paint: plain,
    closed: new AbortController().signal,
  });
  return { ...written, exitCode };
}

const dying = allWell.peers.flatMap(({ links }) =>
  links.map((link) => ({ ...link, state: "dead" as const })),
);

function onlyPeer(): (typeof allWell.peers)[number] {
  const [peer] = allWell.peers;
  if (peer === undefined) throw new Error("expected a peer");
  return peer;
}

/** alpha holds its own group, beta is well, and the gateway answers. */
function pair(): Promise<ControlServer> {
  const report = reportOf(allWell, {
    groups: [group({ holder: alpha })],
    pings: [{ name: "gw", state: "up", lastHeardMs: 12 }],
  });
  return serveAnswers(({ path }) => ({
    body: path === "/v1/settings" ? settings(alpha, { keepalive: "500ms" }) : report,
  }));
}
