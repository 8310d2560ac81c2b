/**
 * Directives of heartbeat 3.0.6 that are understood, checked as heartbeat checks them, and without
 * effect here; and those that its Debian build refuses.
 */
import type { Fault } from "./diagnostic.ts";
import type { Directive, Form, LineCheck, WordCheck } from "./directive.ts";
import {
  absolutePath,
  anything,
  atLeast,
  boolean,
  integer,
  missingArgument,
  oneOf,
  positiveTime,
  time,
} from "./directive.ts";
import { quoted } from "./tokens.ts";
import { falseWords, trueWords } from "./values.ts";

const most = 2 ** 31 - 1;
const facilities =
  "auth authpriv cron daemon ftp kern local0 local1 local2 local3 local4 local5 local6 local7 lpr mail news none security syslog user uucp".split(
    " ",
  );

const noPings = "ping nodes are not watched in this version";
const noSerial = "serial lines are not opened: give the nodes a second interface";
const noIpv6 = "heartbeats travel over IPv4 in this version: write";
const journal = "the log goes to standard output, to be read with journalctl -u understudy";
const noClients = "there is no local client API; the control socket's mode says who may use it";
const noFencing = "fencing devices are not driven in this version";
const realtime = "set CPUSchedulingPolicy= in the systemd unit";
const noCompression = "messages are short and never compressed";
const cores = "set LimitCORE= in the systemd unit";
const noPacemaker = "it is Pacemaker's";
const counted = "dropped datagrams are counted, and told at most once a minute";
const notForwarded = "heartbeats are not forwarded";
const notRepeated = "nothing is sent again: the next heartbeat says it all";
const inFile = "the generation is kept in a file";
const byName = "nodes are known by their names";
const bothFormats = "classic is sent, and both are understood";
const reset = "stonith_host HOST TYPE PARAMETER...";
const unit = "write a systemd unit for the program";

export const unusedDirectives: readonly Directive[] = [
  unused("ping", "HOST...", list(anything), noPings),
  unused("ping6", "HOST...", list(anything), noPings),
  unused("ping_group", "NAME HOST...", line(atLeast(2, "ping_group NAME HOST...")), noPings),
  unused("deadping", "TIME", scalar(time), noPings),
  unused("serial", "TTY...", list(absolutePath), noSerial),
  unused(
    "baud",
    "RATE",
    once(oneOf("9600", "19200", "38400", "57600", "115200", "230400", "460800")),
    noSerial,
  ),
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
  unused("respawn", "USER COMMAND...", line(commandFault), unit),
  unused("failfast", "USER COMMAND...", line(commandFault), `${unit}, with FailureAction=reboot`),
  unused("apiauth", "NAME uid=... gid=...", line(clientFault), noClients),
  unused("stonith", "TYPE FILE", line(atLeast(2, "stonith TYPE FILE")), noFencing),
  unused("stonith_host", "HOST TYPE PARAMETER...", line(atLeast(2, reset)), noFencing),
  unused("watchdog", "DEVICE", once(anything), "set WatchdogSec= in the systemd unit"),
  silentFor(falseWords, unused("realtime", "BOOLEAN", scalar(boolean), realtime)),
  unused("rtprio", "1 to 99", scalar(integer(1, 99)), realtime),
  unused("memreserve", "KILOBYTES", scalar(integer(1, most)), "memory is not preallocated"),
  silentFor(["1"], unused("hopfudge", "0 to 255", scalar(integer(0, 255)), notForwarded)),
  silentFor(["file"], unused("hbgenmethod", "file or time", scalar(oneOf("file", "time")), inFile)),
  silentFor(
    ["file"],
    unused("uuidfrom", "file or nodename", scalar(oneOf("file", "nodename")), byName),
  ),
  silentFor(
    ["classic"],
    unused("msgfmt", "classic or netstring", scalar(oneOf("classic", "netstring")), bothFormats),
  ),
  unused("max_rexmit_delay", "MILLISECONDS", scalar(integer(1, most)), notRepeated),
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
  return { name, argument, form, says, use: "unused" };
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

function once(check: WordCheck): Form {
  return { type: "once", check };
}

function list(check: WordCheck): Form {
  return { type: "list", check };
}

function line(check: LineCheck): Form {
  return { type: "line", check };
}

function commandFault(words: readonly string[]): Fault | undefined {
  const [, command] = words;
  return command === undefined ? missingArgument("USER /path/to/command") : absolutePath(command);
}

function clientFault(words: readonly string[]): Fault | undefined {
  const lists = words.slice(1);
  if (lists.length === 0) return missingArgument("NAME uid=USER,... gid=GROUP,...");
  const odd = lists.find((each) => !/^[ug]id=./.test(each));
  if (odd === undefined) return undefined;
  return { code: "bad-word", message: `${quoted(odd)} is neither uid=USER,... nor gid=GROUP,...` };
}
