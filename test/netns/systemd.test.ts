/**
 * The Debian package on a machine with a real systemd, from the installation to the purge: one
 * story, each test of which begins where the one before has ended.
 *
 * The machine is `alpha`; its peer `beta` does not exist, so alpha holds the group when initdead is
 * over.
 */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildDebianPackage } from "../tools/debian-package.ts";
import type { Machine } from "./systemd/machine.ts";
import { bootMachine } from "./systemd/machine.ts";
import { missingRequirement } from "./systemd/requirements.ts";
import { debianTree } from "./systemd/tree.ts";

const missing = missingRequirement();
if (missing !== undefined) {
  if (process.env["CI"] !== undefined) throw new Error(`the systemd tests cannot run: ${missing}`);
  console.warn(`the systemd tests are skipped: ${missing}`);
}

describe.skipIf(missing !== undefined)("the Debian package on a machine with systemd", () => {
  let alpha: Machine;
  let packages: string;
  const undo: (() => unknown)[] = [];

  beforeAll(async () => {
    packages = mkdtempSync(join(tmpdir(), "us-systemd-"));
    undo.push(() => rmSync(packages, { recursive: true }));
    for (const version of ["0.1.0", "0.1.1"])
      buildDebianPackage({ version, out: packages, plain: true });
    alpha = await bootMachine(await debianTree(), "alpha", packages);
    undo.push(alpha.powerOff);
    await alpha.run(network);
  }, 600_000);

  afterAll(async () => {
    for (const each of undo.toReversed()) await each();
  });

  /** A property of the service, as `systemctl show` names it. */
  const property = async (name: string): Promise<string> =>
    alpha.run(`systemctl show --property=${name} --value understudy`);
  const state = async (): Promise<string> =>
    `${await property("ActiveState")}, ${await property("Result")}`;
  const holds = async (): Promise<boolean> =>
    (await alpha.run("ip -o address show dev veth0")).includes(" 10.99.0.100/24 ");
  const install = async (version: string): Promise<string> =>
    alpha.run(`apt-get install --yes /packages/understudy_${version}_*.deb`);
  /** Every file of the operator's: name, mode, owner, content. */
  const haFolder = async (): Promise<string> =>
    alpha.run("cd /etc/ha.d && find . -type f -exec stat -c '%n %a %u' {} + -exec sha256sum {} +");
  const unitRuns = async (): Promise<boolean> =>
    (await alpha.attempt("systemctl is-active web")).output === "active";
  const serviceRuns = async (): Promise<boolean> =>
    (await alpha.attempt("kill -0 $(cat /run/web.pid)")).status === 0;

  test("is the same byte for byte when it is made again, and has nothing in /etc", async () => {
    const again = join(packages, "again");
    mkdirSync(again);
    const made = buildDebianPackage({ version: "0.1.0", out: again, plain: true });
    await execa("cmp", [made, join(packages, basename(made))]);
    const { stdout } = await execa("dpkg-deb", ["--contents", made]);
    expect(stdout).toContain(" ./usr/bin/understudy");
    expect(stdout).not.toContain(" ./etc/");
  });

  test("starts nothing when it is installed, and says what to do", async () => {
    const output = await install("0.1.0");
    expect(output).toContain("nothing was started");
    expect(output).toContain("write /etc/ha.d/ha.cf");
    expect(await state()).toBe("inactive, success");
    expect(await alpha.run("systemctl is-enabled understudy")).toBe("enabled");
    expect((await alpha.attempt("ls /etc/ha.d")).status).toBe(2);
  });

  test("installs a unit in which systemd finds nothing to complain about", async () => {
    expect(await alpha.run("systemd-analyze verify understudy.service")).toBe("");
  });

  test("is not started without a configuration", async () => {
    await alpha.run("systemctl start understudy");
    expect(await property("ConditionResult")).toBe("no");
    expect(await state()).toBe("inactive, success");
  });

  test("does not try a bad configuration again and again", async () => {
    await alpha.run(configuration);
    await alpha.run("echo 'keepalive soon' >>/etc/ha.d/ha.cf");
    expect((await alpha.attempt("systemctl start understudy")).status).toBe(1);
    expect(await state()).toBe("failed, exit-code");
    expect(await property("ExecMainStatus")).toBe("2");
    expect(await property("NRestarts")).toBe("0");
  });

  test("is ready when `systemctl start` returns, run by the runtime of the package", async () => {
    await alpha.run(configuration);
    await alpha.run("systemctl reset-failed understudy; systemctl start understudy");
    expect(await state()).toBe("active, success");
    const program = await alpha.run(`readlink /proc/${await property("MainPID")}/exe`);
    expect(program).toBe("/usr/lib/understudy/node");
  });

  test("takes the group when initdead has passed without a word of the peer", async () => {
    await expect.poll(holds, within(10_000)).toBe(true);
    await expect.poll(serviceRuns, within(5000)).toBe(true);
  });

  test("reads the files anew on `systemctl reload`, in the same process", async () => {
    const before = await property("MainPID");
    await alpha.run("systemctl reload understudy");
    expect(await state()).toBe("active, success");
    expect(await property("MainPID")).toBe(before);
    expect(await holds()).toBe(true);
  });

  test("is started again when it was killed, and holds the address as before", async () => {
    const service = await alpha.run("cat /run/web.pid");
    await alpha.run(`kill -KILL ${await property("MainPID")}`);
    await expect.poll(async () => property("NRestarts"), within(10_000)).toBe("1");
    await expect.poll(state, within(10_000)).toBe("active, success");
    await expect.poll(holds, within(15_000)).toBe(true);
    expect(await property("NRestarts")).toBe("1");
    // What the resource script has started was not killed along with the daemon.
    expect(await alpha.run("cat /run/web.pid")).toBe(service);
    expect(await serviceRuns()).toBe(true);
  });

  test("is killed by the watchdog when it hangs, and takes the address again", async () => {
    const frozen = await property("MainPID");
    await alpha.run(`kill -STOP ${frozen}`);
    await expect.poll(async () => property("NRestarts"), within(15_000)).toBe("2");
    expect(await alpha.run("journalctl --unit understudy")).toContain("Watchdog timeout");
    await expect.poll(holds, within(15_000)).toBe(true);
    expect(await property("MainPID")).not.toBe(frozen);
  });

  test("gives up the address and ends the service when it is stopped", async () => {
    await alpha.run("systemctl stop understudy");
    expect(await holds()).toBe(false);
    expect(await serviceRuns()).toBe(false);
    expect(await state()).toBe("inactive, success");
    expect(await property("ExecMainStatus")).toBe("0");
  });

  test("moves addresses and units from within the sandbox of the hardened example", async () => {
    await alpha.run(unit);
    await alpha.run("sed -i 's/ web$/ systemd::web.service/' /etc/ha.d/haresources");
    const dropIn = "/etc/systemd/system/understudy.service.d";
    const example = "/usr/share/doc/understudy/examples/hardened.conf";
    await alpha.run(`mkdir ${dropIn} && cp ${example} ${dropIn} && systemctl daemon-reload`);
    // In tenths: systemd-analyze(1) rates from 0 to 10.
    await alpha.run("systemd-analyze security --threshold=25 understudy");
    await alpha.run("systemctl start understudy");
    await expect.poll(holds, within(10_000)).toBe(true);
    await expect.poll(unitRuns, within(5000)).toBe(true);
    // The mechanism that needs the most of the kernel, and the socket of another group.
    expect((await alpha.attempt("understudy status")).output).toContain("lease by nftables");
    expect(await alpha.run("stat -c '%a %G' /run/understudy/status")).toBe("660 haclient");
    const killed = await property("MainPID");
    await alpha.run(`kill -KILL ${killed}`);
    await expect
      .poll(async () => property("MainPID"), within(5000))
      .not.toMatch(new RegExp(`^(0|${killed})$`, "u"));
    await expect.poll(state, within(10_000)).toBe("active, success");
    await expect.poll(holds, within(15_000)).toBe(true);
    await alpha.run("systemctl stop understudy");
    expect(await holds()).toBe(false);
    expect(await unitRuns()).toBe(false);
    await alpha.run(`rm -r ${dropIn} && systemctl daemon-reload`);
  });

  test("keeps /etc/ha.d as it is in an upgrade, and replaces a daemon that runs", async () => {
    await alpha.run(`${configuration} systemctl start understudy`);
    await expect.poll(holds, within(10_000)).toBe(true);
    await expect.poll(serviceRuns, within(5000)).toBe(true);
    const service = await alpha.run("cat /run/web.pid");
    await alpha.run("(ip monitor address >/run/monitor 2>&1 & echo $! >/run/monitor.pid)");
    const [files, process] = [await haFolder(), await property("MainPID")];
    const output = await install("0.1.1");
    expect(output).toMatch(/alpha: back after .*, with all that it held/u);
    expect(await haFolder()).toBe(files);
    expect(await state()).toBe("active, success");
    expect(await property("MainPID")).not.toBe(process);
    // Neither the address nor the service has noticed.
    expect(await holds()).toBe(true);
    expect(await alpha.run("kill $(cat /run/monitor.pid); cat /run/monitor")).not.toContain(
      "Deleted",
    );
    expect(await alpha.run("cat /run/web.pid")).toBe(service);
    expect(await alpha.run("dpkg --verify understudy")).toBe("");
  });

  test("is not started by an upgrade if it was stopped, nor enabled if it was disabled", async () => {
    const again = "apt-get install --yes --reinstall /packages/understudy_0.1.1_*.deb";
    await alpha.run(`systemctl stop understudy && ${again}`);
    expect(await state()).toBe("inactive, success");
    await alpha.run(`systemctl disable understudy && ${again}`);
    expect((await alpha.attempt("systemctl is-enabled understudy")).output).toBe("disabled");
    expect(await state()).toBe("inactive, success");
  });

  test("gives up the address when it is removed, and leaves only /etc/ha.d after a purge", async () => {
    await alpha.run("systemctl start understudy");
    await expect.poll(holds, within(10_000)).toBe(true);
    const files = await haFolder();
    await alpha.run("apt-get remove --yes understudy");
    expect(await holds()).toBe(false);
    expect(await haFolder()).toBe(files);
    await alpha.run("dpkg --purge understudy");
    expect(await haFolder()).toBe(files);
    const rest = "find / -xdev -name '*understudy*' -not -path '/var/log/*'";
    expect(await alpha.run(`${rest} -not -path '/var/cache/apt/*'`)).toBe("");
  });

  test("does not start beside the original, and takes its place when told to", async () => {
    await alpha.run(original);
    expect(await install("0.1.1")).toContain("systemctl disable heartbeat");
    expect((await alpha.attempt("systemctl is-enabled understudy")).output).toBe("disabled");
    expect(await alpha.run("systemctl is-active heartbeat")).toBe("active");
    await alpha.run("systemctl disable heartbeat && systemctl enable --now understudy");
    expect(await state()).toBe("active, success");
    expect((await alpha.attempt("systemctl is-active heartbeat")).output).toBe("inactive");
    await alpha.run("systemctl stop understudy");
  });

  test("has heartbeat's commands, and gives way to them where heartbeat runs alone", async () => {
    await alpha.run(originalCommand);
    expect(await install("0.1.1")).not.toContain("error");
    expect((await alpha.attempt("cl_status hbstatus")).output).toBe("the original: hbstatus");
    await alpha.run("rm /run/heartbeat.pid && systemctl start understudy");
    expect(await alpha.run("cl_status hbstatus")).toBe("Heartbeat is running on this machine.");
    expect(await alpha.run("cl_status hbparameter -p deadtime")).toBe("1");
    for (const command of ["hb_standby", "/usr/share/heartbeat/hb_standby"])
      expect((await alpha.attempt(`${command} local`)).output).toContain("Going standby [local].");
    await alpha.run("systemctl stop understudy && apt-get remove --yes understudy");
    expect(await alpha.run("/usr/bin/cl_status hbstatus")).toBe("the original: hbstatus");
    expect(await alpha.run("dpkg-divert --list '*heartbeat*'")).toBe("");
  });

  test("leaves every unit of the machine in good order", async () => {
    expect(await alpha.run("systemctl list-units --failed --no-legend")).toBe("");
  });
});

/** How long the machine may take, in milliseconds. */
function within(timeout: number) {
  return { timeout, interval: 10 };
}

/** An interface to hold the address on, whose other end nobody answers at. */
const network = `
  ip link add veth0 type veth peer name veth1
  ip link set veth1 up
  ip link set veth0 up
  ip address add 10.99.0.1/24 dev veth0
`;

/** The operator's files; the group is an address and a service that its script leaves running. */
const configuration = `
mkdir -p /etc/ha.d/resource.d
cat >/etc/ha.d/ha.cf <<'END'
keepalive 100ms
warntime 300ms
deadtime 1
initdead 3
bcast veth0
auto_failback on
node alpha beta
END
echo 'alpha 10.99.0.100/24/veth0 web' >/etc/ha.d/haresources
(umask 077; printf 'auth 1\\n1 sha256 hb0e3pQvGz7s5Lk2Wd9\\n' >/etc/ha.d/authkeys)
cat >/etc/ha.d/resource.d/web <<'END'
#!/bin/sh
runs() { [ -e /run/web.pid ] && kill -0 "$(cat /run/web.pid)" 2>/dev/null; }
case $1 in
start) runs || { sleep infinity & echo $! >/run/web.pid; } ;;
stop) if runs; then kill "$(cat /run/web.pid)"; fi; rm -f /run/web.pid ;;
status) if runs; then echo running; else echo stopped; exit 3; fi ;;
esac
END
chmod 755 /etc/ha.d/resource.d/web
`;

/** The service as a unit. */
const unit = `
cat >/etc/systemd/system/web.service <<'END'
[Service]
ExecStart=/bin/sleep infinity
END
systemctl daemon-reload
`;

/** A command of the original, as its package has it, and the sign that its daemon runs. */
const originalCommand = `
apt-get remove --yes understudy
printf '#!/bin/sh\\necho "the original: $*"\\n' >/usr/bin/cl_status
chmod 755 /usr/bin/cl_status
touch /run/heartbeat.pid
`;

/** The service of the original as its Debian package names it, with nothing behind it. */
const original = `
cat >/etc/systemd/system/heartbeat.service <<'END'
[Service]
ExecStart=/bin/sleep infinity
[Install]
WantedBy=multi-user.target
END
systemctl daemon-reload
systemctl enable --now heartbeat
`;
