import { describe, expect, test } from "vitest";
import { directives } from "../../../src/config/directives.ts";
import { directiveTable } from "../../../src/config/index.ts";
import { codes, errors, haCfWith } from "./support.ts";

/** The directives that heartbeat 3.0.6 of Debian has in haresources mode: ha.cf(5), config.c. */
const original =
  `node keepalive deadtime warntime initdead deadping hopfudge udpport baud bcast udp ucast ucast6
  mcast mcast6 serial ping ping6 ping_group auto_failback nice_failback logfile debugfile
  logfacility use_logd conn_logd_time syslogmsgfmt log_badpack debug respawn failfast apiauth
  stonith stonith_host watchdog realtime rtprio memreserve hbgenmethod uuidfrom msgfmt
  max_rexmit_delay compression compression_threshold traditional_compression autojoin crm pacemaker
  cluster env coredumps coreroot use_apphbd quorum_server crm_daemon_dir crmd_spawns_pengine
  record_config_changes record_pengine_inputs enable_config_writes`.split(/\s+/);

test("every directive of the original is known", () => {
  expect(original.filter((name) => !directives.has(name))).toEqual([]);
});

/** A line that the original accepts, and what is said of it here. */
test.each([
  ["node gamma", []],
  ["hopfudge 1", []],
  ["hopfudge 255", []],
  ["baud 115200", []],
  ["serial /dev/ttyS0", []],
  ["ping 10.0.0.254 gateway", ["name-lookup"]],
  ["ping6 fe80::1", ["no-effect"]],
  ["ping_group gateways 10.0.0.254 10.0.0.253", []],
  ["ucast6 eth0 fe80::1", ["no-effect"]],
  ["mcast6 eth0 ff02::1 694 1 0", ["no-effect"]],
  ["logfile /var/log/ha-log", ["no-effect"]],
  ["debugfile /var/log/ha-debug", ["no-effect"]],
  ["logfacility local0", ["no-effect"]],
  ["logfacility none", []],
  ["use_logd yes", ["no-effect"]],
  ["conn_logd_time 60", ["no-effect"]],
  ["syslogmsgfmt off", ["no-effect"]],
  ["log_badpack false", ["no-effect"]],
  ["log_badpack true", []],
  ["debug 255", ["no-effect"]],
  ["debug 0", []],
  ["respawn hacluster /usr/lib/heartbeat/ipfail", []],
  ["respawn hacluster /usr/lib/heartbeat/dopd", ["no-effect"]],
  ["respawn root /usr/local/bin/monitor --quiet", []],
  ["failfast hacluster /usr/lib/heartbeat/ccm", ["no-effect"]],
  ["apiauth ipfail uid=hacluster gid=haclient", []],
  ["apiauth ping gid=haclient uid=alice", []],
  ["apiauth our-tool uid=alice", ["no-effect"]],
  ["stonith baytech /etc/ha.d/conf/stonith.baytech", []],
  ["stonith_host * baytech 10.0.0.3 mylogin", []],
  ["watchdog /dev/watchdog", []],
  ["realtime on", []],
  ["realtime off", []],
  ["rtprio 5", []],
  ["memreserve 6500", ["no-effect"]],
  ["hbgenmethod time", []],
  ["uuidfrom nodename", ["no-effect"]],
  ["msgfmt netstring", ["no-effect"]],
  ["msgfmt classic", []],
  ["max_rexmit_delay 250", []],
  ["max_rexmit_delay 100", ["no-effect"]],
  ["compression bz2", ["no-effect"]],
  ["compression_threshold 2", ["no-effect"]],
  ["traditional_compression on", ["no-effect"]],
  ["autojoin none", []],
  ["crm off", []],
  ["pacemaker no", ["alias"]],
  ["cluster web", []],
  ["env WEB_ROOT=/srv/www", []],
  ["coredumps true", ["no-effect"]],
  ["coreroot /var/cores", ["no-effect"]],
  ["use_apphbd on", ["no-effect"]],
  ["quorum_server quorum.example.com", ["no-effect"]],
  ["crm_daemon_dir /usr/lib/heartbeat", ["no-effect"]],
  ["crmd_spawns_pengine yes", ["no-effect"]],
  ["record_config_changes on", ["no-effect"]],
  ["record_pengine_inputs on", ["no-effect"]],
  ["enable_config_writes on", ["no-effect"]],
])("%s is accepted: %j", (line, expected) => {
  const { diagnostics } = haCfWith(line);
  expect(diagnostics.map(({ code }) => code)).toEqual(expected);
  expect(diagnostics.every(({ severity }) => severity === "warning")).toBe(true);
});

/** What heartbeat refuses to start with. */
test.each([
  ["keepalive 10s", "bad-time"],
  ["keepalive 2 ms", "bad-time"],
  ["keepalive -5", "bad-time"],
  ["hopfudge 256", "bad-integer"],
  ["hopfudge -1", "bad-integer"],
  ["udpport 0", "bad-integer"],
  ["udpport ha-cluster", "bad-integer"],
  ["baud 300", "bad-word"],
  ["auto_failback maybe", "bad-word"],
  ["nice_failback maybe", "bad-boolean"],
  ["logfacility local8", "bad-word"],
  ["use_logd 2", "bad-boolean"],
  ["use_logd off", "logging"],
  ["conn_logd_time 0", "bad-time"],
  ["debug 256", "bad-integer"],
  ["respawn hacluster", "missing-argument"],
  ["respawn hacluster ipfail", "bad-path"],
  ["failfast hacluster ipfail", "bad-path"],
  ["apiauth ipfail", "missing-argument"],
  ["apiauth ipfail hacluster", "bad-word"],
  ["apiauth ipfail uid=a\napiauth ipfail uid=b", "repeated"],
  ["stonith baytech", "missing-argument"],
  ["watchdog /dev/watchdog\nwatchdog /dev/watchdog", "repeated"],
  ["baud 9600\nbaud 9600", "repeated"],
  ["crm off\npacemaker off", "repeated"],
  ["realtime 2", "bad-boolean"],
  ["rtprio 100", "bad-integer"],
  ["memreserve 0", "bad-integer"],
  ["hbgenmethod clock", "bad-word"],
  ["uuidfrom mac", "bad-word"],
  ["msgfmt Classic", "bad-word"],
  ["max_rexmit_delay 0", "bad-integer"],
  ["compression gzip", "bad-word"],
  ["compression_threshold 0", "bad-integer"],
  ["traditional_compression maybe", "bad-boolean"],
  ["autojoin other", "bad-word"],
  ["autojoin any", "bad-word"],
  ["crm on", "pacemaker"],
  ["crm respawn", "pacemaker"],
  ["pacemaker manual", "pacemaker"],
  ["crm maybe", "bad-word"],
  ["env =value", "bad-word"],
  ["env NAME", "bad-word"],
  ["coredumps maybe", "bad-boolean"],
  ["use_apphbd maybe", "bad-boolean"],
  ["normalpoll 1", "unsupported-directive"],
  ["hbaping 10.0.0.1", "unsupported-directive"],
  ["rds 10.0.0.1", "unsupported-directive"],
  ["tipc 1", "unsupported-directive"],
  ["openais x", "unsupported-directive"],
  ["watchdgo /dev/watchdog", "unknown-directive"],
])("%j is refused", (line, code) => {
  expect(errors(haCfWith(line))).toEqual([code]);
});

test("use_logd off is accepted when heartbeat would have a file to log to", () => {
  expect(errors(haCfWith("use_logd off", "logfile /var/log/ha-log"))).toEqual([]);
});

describe("the last value counts", () => {
  test("in a line, and between lines, and the one before is named", () => {
    expect(haCfWith("keepalive 2 3").value.timing.keepalive).toBe(3000);
    expect(codes(haCfWith("lease off", "keepalive 2 3"))).toEqual([
      "warning 7:7 lease",
      "warning 8:11 repeated",
      "warning 8:13 repeated",
    ]);
  });

  test("but a directive without a value changes nothing", () => {
    const parsed = haCfWith("keepalive");
    expect(parsed.value.timing.keepalive).toBe(1000);
    expect(codes(parsed)).toEqual(["warning 7:1 no-value"]);
  });
});

describe("the reference", () => {
  test("has a row for every directive", () => {
    const rows = directiveTable().split("\n").slice(2, -1);
    expect(rows.map((row) => row.split("`")[1])).toEqual([...directives.keys()]);
    expect(rows.every((row) => row.split("|").length === 6)).toBe(true);
  });

  test("says of what has no effect what to write instead", () => {
    expect(directiveTable()).toContain(
      "| `coreroot` | DIRECTORY |  | No effect: set LimitCORE= in the systemd unit. |",
    );
  });
});
