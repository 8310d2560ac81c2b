/**
 * Directives of heartbeat 3.0.6 that are understood, checked as heartbeat checks them, and without
 * effect here; and those that its Debian build refuses.
 */
import type { Directive, Form, LineCheck, WordCheck } from "./directive.ts";
import { anything, atLeast, boolean, integer, oneOf, positiveTime } from "./directive.ts";
import { checkClient, checkCommand, usualClients } from "./program-line.ts";
import { falseWords, trueWords } from "./values.ts";

const most = 2 ** 31 - 1;
const facilities =
  "auth authpriv cron daemon ftp kern local0 local1 local2 local3 local4 local5 local6 local7 lpr mail news none security syslog user uucp".split(
    " ",
  );

const noIpv6Pings = "ping nodes are asked over IPv4 in this version: write ping";
const noIpv6 = "heartbeats travel over IPv4 in this version: write";
const journal = "the log goes to standard output, to be read with journalctl -u understudy";
const noClients = "there is no local client API: the control socket's mode says who may ask";
const noCompression = "messages are short and never compressed";
const cores = "set LimitCORE= in the systemd unit";
const noPacemaker = "it is Pacemaker's";
const counted = "dropped datagrams are counted, and told at most once a minute";
const repeated = "what is missing of an original is asked for again every 250 ms";
const ownUuid =
  "UUIDs made of names may be the same on two nodes, and confuse originals: the one in the file hb_uuid is sent; write uuidfrom file";
const bothFormats = "classic is sent, and both are understood";
const unit = "write a systemd unit for the program";

/** `heartbeat -D`: scripts and `cl_status hbparameter` see them, as the original's. */
const initials: ReadonlyMap<string, string> = new Map([
  ["conn_logd_time", "60"],
  ["syslogmsgfmt", "true"],
  ["log_badpack", "true"],
  ["debug", "0"],
  ["memreserve", "6500"],
  ["uuidfrom", "file"],
  ["msgfmt", "classic"],
  ["max_rexmit_delay", "250"],
  ["compression", "zlib"],
  ["compression_threshold", "2"],
  ["traditional_compression", "no"],
  ["coredumps", "true"],
]);

export const unusedDirectives: readonly Directive[] = [
  unused("ping6", "HOST...", list(anything), noIpv6Pings),
  unused("ucast6", "INTERFACE PEER", line(atLeast(2, "ucast6 eth0 PEER")), `${noIpv6} ucast`),
  unused(
    "mcast6",
    "INTERFACE GROUP PORT TTL LOOP",
    line(atLeast(5, "mcast6 eth0 GROUP PORT TTL LOOP")),
    `${noIpv6} mcast`,
  ),
  unused("logfile", "PATH", scalar(anything), journal),
  unused("debugfile", "PATH", scalar(anything), journal),
  silentFor(["none"], unused("logfacility", "NAME or none", scalar(oneOf(...facilities)), journal)),
  unused("use_logd", "BOOLEAN", scalar(boolean), journal),
  unused("conn_logd_time", "TIME", scalar(positiveTime), journal),
  unused("syslogmsgfmt", "BOOLEAN", scalar(boolean), journal),
  silentFor(trueWords, unused("log_badpack", "BOOLEAN", scalar(boolean), counted)),
  silentFor(["0"], unused("debug", "0 to 255", scalar(integer(0, 255)), journal)),
  unused("failfast", "USER COMMAND...", line(checkCommand), `${unit}, with FailureAction=reboot`),
  silentFor(usualClients, unused("apiauth", "NAME uid=... gid=...", line(checkClient), noClients)),
  unused("memreserve", "KILOBYTES", scalar(integer(1, most)), "memory is not preallocated"),
  silentFor(
    ["file"],
    unused("uuidfrom", "file or nodename", scalar(oneOf("file", "nodename")), ownUuid),
  ),
  silentFor(
    ["classic"],
    unused("msgfmt", "classic or netstring", scalar(oneOf("classic", "netstring")), bothFormats),
  ),
  silentFor(
    ["250"],
    unused("max_rexmit_delay", "MILLISECONDS", scalar(integer(1, most)), repeated),
  ),
  unused("compression", "zlib or bz2", scalar(oneOf("zlib", "bz2")), noCompression),
  unused("compression_threshold", "KILOBYTES", scalar(integer(1, most)), noCompression),
  silentFor(
    falseWords,
    unused("traditional_compression", "BOOLEAN", scalar(boolean), noCompression),
  ),
  silentFor(falseWords, unused("coredumps", "BOOLEAN", scalar(boolean), cores)),
  unused("coreroot", "DIRECTORY", scalar(anything), cores),
  silentFor(falseWords, unused("use_apphbd", "BOOLEAN", scalar(boolean), "there is no apphbd")),
  unused("quorum_server", "NAME", scalar(anything), "there is no quorum server"),
  unused("crm_daemon_dir", "DIRECTORY", scalar(anything), noPacemaker),
  unused("crmd_spawns_pengine", "BOOLEAN", scalar(anything), noPacemaker),
  unused("record_config_changes", "BOOLEAN", scalar(anything), noPacemaker),
  unused("record_pengine_inputs", "BOOLEAN", scalar(anything), noPacemaker),
  unused("enable_config_writes", "BOOLEAN", scalar(anything), noPacemaker),
  ...["normalpoll", "hbaping", "rds", "tipc", "openais"].map(refused),
];

function unused(name: string, argument: string, form: Form, says: string): Directive {
  const initial = initials.get(name);
  const directive = { name, argument, form, says, use: "unused" } as const;
  return initial === undefined ? directive : { ...directive, initial };
}

function silentFor(harmless: readonly string[], directive: Directive): Directive {
  return { ...directive, harmless };
}

function refused(name: string): Directive {
  const says = "heartbeat knows it only if built with it, which Debian's is not";
  return { name, argument: "", form: line(() => undefined), says, use: "refused" };
}

function scalar(check: WordCheck): Form {
  return { type: "scalar", check };
}

function list(check: WordCheck): Form {
  return { type: "list", check };
}

function line(check: LineCheck): Form {
  return { type: "line", check };
}
