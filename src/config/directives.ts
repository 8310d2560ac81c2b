/**
 * All directives of ha.cf: heartbeat 3.0.6's (ha.cf(5), config.c), and Understudy's own.
 */
import type { Fault } from "./diagnostic.ts";
import type { Directive } from "./directive.ts";
import {
  absolutePath,
  anything,
  boolean,
  booleanOr,
  integer,
  oneOf,
  positiveTime,
  time,
} from "./directive.ts";
import { checkStonith, checkStonithHost } from "./fence.ts";
import { leaseFault } from "./lease.ts";
import { checkMcast, checkUcast } from "./media-line.ts";
import { deviceFault, nodeFault } from "./names.ts";
import { checkPing, checkPingGroup } from "./pings.ts";
import { checkCommand } from "./program-line.ts";
import { baudRates } from "./serial.ts";
import { quoted } from "./tokens.ts";
import { unusedDirectives } from "./unused-directives.ts";
import { falseWords } from "./values.ts";
import { checkWitness, checkWitnessAuth, checkWitnessCa, checkWitnessCert } from "./witness.ts";

const usedDirectives: readonly Directive[] = [
  {
    name: "node",
    argument: "NAME...",
    form: { type: "list", check: nodeFault },
    use: "used",
    says: "The nodes of the cluster, as `uname -n` names them. Required; may be repeated.",
  },
  {
    name: "keepalive",
    argument: "TIME",
    initial: "1",
    form: { type: "scalar", check: positiveTime },
    use: "used",
    says: "How often a node speaks.",
  },
  {
    name: "warntime",
    argument: "TIME",
    initial: "half of deadtime",
    form: { type: "scalar", check: positiveTime },
    use: "used",
    says: "Silence after which a peer is called late.",
  },
  {
    name: "deadtime",
    argument: "TIME",
    initial: "30",
    form: { type: "scalar", check: time },
    use: "used",
    says: "Silence after which a peer is dead. More than twice keepalive.",
  },
  {
    name: "initdead",
    argument: "TIME",
    initial: "deadtime, at least 12",
    form: { type: "scalar", check: time },
    use: "used",
    says: "What stands in for deadtime while this node starts. Not less than deadtime.",
  },
  {
    name: "lease",
    argument: "auto, off or TIME",
    initial: "auto",
    form: { type: "scalar", check: leaseFault },
    use: "used",
    says: "For how long the kernel lets this node answer for its addresses after the daemon last said so. `auto`: deadtime less a tenth, at most 200 ms less. Understudy's own.",
  },
  {
    name: "udpport",
    argument: "PORT",
    initial: "694",
    form: { type: "scalar", check: integer(1, 65_535) },
    use: "used",
    says: "UDP port of the `ucast` and `bcast` lines below it.",
  },
  {
    name: "ucast",
    argument: "INTERFACE PEER",
    form: { type: "line", check: checkUcast },
    use: "used",
    says: "Heartbeats to one address. A line for each node, also for this one, keeps the file the same everywhere.",
  },
  {
    name: "bcast",
    argument: "INTERFACE...",
    form: { type: "list", check: deviceFault },
    use: "used",
    says: "Heartbeats to the interface's broadcast address.",
  },
  {
    name: "udp",
    aliasOf: "bcast",
    argument: "INTERFACE...",
    form: { type: "list", check: deviceFault },
    use: "used",
    says: "Old name of `bcast`.",
  },
  {
    name: "mcast",
    argument: "INTERFACE GROUP PORT TTL LOOP",
    form: { type: "line", check: checkMcast },
    use: "used",
    says: "Heartbeats to a multicast group. TTL 0 to 4, LOOP 0 or 1.",
  },
  {
    name: "baud",
    argument: "RATE",
    initial: "19200",
    form: { type: "once", check: oneOf(...baudRates) },
    use: "used",
    says: "Bits a second of the `serial` lines below it: 9600 to 460800.",
  },
  {
    name: "serial",
    argument: "TTY...",
    form: { type: "list", check: absolutePath },
    use: "used",
    says: "Heartbeats over a null-modem cable: each device is a link of its own.",
  },
  {
    name: "hopfudge",
    argument: "0 to 255",
    initial: "1",
    form: { type: "scalar", check: integer(0, 255) },
    use: "used",
    says: "What is added to the number of nodes to limit how often originals pass a message on along serial lines. Understudy passes nothing on.",
  },
  {
    name: "hbgenmethod",
    argument: "file or time",
    initial: "file",
    form: { type: "scalar", check: oneOf("file", "time") },
    use: "used",
    says: "Where the generation comes from: one more than the last, or, with `time`, not less than the seconds since 1970 either.",
  },
  {
    name: "respawn",
    argument: "USER COMMAND...",
    form: { type: "line", check: checkCommand },
    use: "used",
    says: "A program that runs while this node takes part: started again when it ends, unless with exit status 100. `ipfail` is not started: what it does is built in.",
  },
  {
    name: "watchdog",
    argument: "DEVICE",
    form: { type: "once", check: anything },
    use: "used",
    says: "Restarts the machine when the daemon has hung or crashed for longer than deadtime.",
  },
  {
    name: "realtime",
    argument: "BOOLEAN",
    initial: "on",
    form: { type: "scalar", check: boolean },
    use: "used",
    says: "Whether the daemon goes before ordinary programs (`SCHED_RR`) and stays in memory.",
  },
  {
    name: "rtprio",
    argument: "1 to 99",
    form: { type: "scalar", check: integer(1, 99) },
    use: "used",
    says: "Its priority among realtime programs, 1 if it is not given.",
  },
  {
    name: "ping",
    argument: "HOST...",
    form: { type: "list", check: checkPing },
    use: "used",
    says: "Ping nodes: each is asked at every keepalive. Of two nodes, the one that reaches fewer gives its groups to the other.",
  },
  {
    name: "ping_group",
    argument: "NAME HOST...",
    form: { type: "line", check: checkPingGroup },
    use: "used",
    says: "One ping node of several hosts: it is up if any of them answers.",
  },
  {
    name: "deadping",
    argument: "TIME",
    initial: "deadtime",
    form: { type: "scalar", check: time },
    use: "used",
    says: "Silence after which a ping node is dead. More than twice keepalive.",
  },
  {
    name: "on_isolated",
    argument: "keep or release",
    initial: "keep",
    form: { type: "scalar", check: oneOf("keep", "release") },
    use: "used",
    says: "What a node does that hears no peer and reaches no ping node: goes on, or falls silent. Understudy's own.",
  },
  {
    name: "witness",
    argument: "etcd URL...",
    form: { type: "line", check: checkWitness },
    use: "used",
    says: "An etcd as the third party of a pair: of two nodes that do not hear each other, only the one that has its vote holds anything. All members in one line, `https://` or `http://`, with the port. Understudy's own.",
  },
  {
    name: "witness_ca",
    argument: "FILE",
    form: { type: "line", check: checkWitnessCa },
    use: "used",
    says: "The certificates that the witness's own must be signed by, if that is no public authority. Understudy's own.",
  },
  {
    name: "witness_cert",
    argument: "CERTIFICATE KEY",
    form: { type: "line", check: checkWitnessCert },
    use: "used",
    says: "The files by which this node shows the witness who it is. Understudy's own.",
  },
  {
    name: "witness_auth",
    argument: "USER FILE",
    form: { type: "line", check: checkWitnessAuth },
    use: "used",
    says: "A user of the witness, and the file that has the password: mode 0600 or stricter. Understudy's own.",
  },
  {
    name: "auto_failback",
    argument: "on, off or legacy",
    initial: "legacy",
    form: { type: "scalar", check: booleanOr("legacy") },
    use: "used",
    says: "Whether a group goes home when its preferred node has returned. `legacy` is `on`.",
  },
  {
    name: "nice_failback",
    argument: "BOOLEAN",
    form: { type: "scalar", check: boolean },
    use: "used",
    says: "Obsolete: write `auto_failback`. After one, it turns it off; alone, it is `legacy`.",
  },
  {
    name: "start_timeout",
    argument: "TIME",
    initial: "60",
    form: { type: "scalar", check: positiveTime },
    use: "used",
    says: "How long one resource may take to start before it is killed and has failed. Understudy's own.",
  },
  {
    name: "stop_timeout",
    argument: "TIME",
    initial: "60",
    form: { type: "scalar", check: positiveTime },
    use: "used",
    says: "How long one resource may take to stop. Understudy's own.",
  },
  {
    name: "stonith_host",
    argument: "HOST TYPE PARAMETER...",
    form: { type: "line", check: checkStonithHost },
    use: "used",
    says: "A device with which HOST, or every node if that is `*`, fences a dead peer before it takes over. Several lines are several devices, tried in their order.",
  },
  {
    name: "stonith",
    argument: "TYPE FILE",
    form: { type: "line", check: checkStonith },
    use: "used",
    says: "The same for every node, with the parameters in a file.",
  },
  {
    name: "fence_timeout",
    argument: "TIME",
    initial: "60",
    form: { type: "scalar", check: positiveTime },
    use: "used",
    says: "How long one device may take to fence before it is killed and has failed. Understudy's own.",
  },
  {
    name: "env",
    argument: "NAME=VALUE...",
    form: { type: "list", check: environmentFault },
    use: "used",
    says: "Resource scripts see it as `HA_NAME`.",
  },
  {
    name: "cluster",
    argument: "NAME",
    initial: "linux-ha",
    form: { type: "scalar", check: anything },
    use: "used",
    says: "Resource scripts see it as `HA_cluster`.",
  },
  {
    name: "autojoin",
    argument: "none",
    initial: "none",
    form: { type: "scalar", check: joinFault },
    use: "used",
    says: "Nodes join by their `node` lines only: `other` and `any` are refused, as by heartbeat with haresources.",
  },
  {
    name: "crm",
    argument: "off",
    initial: "false",
    form: { type: "once", check: pacemakerFault },
    use: "used",
    says: "Anything but off is refused: the resources would be Pacemaker's, not those of haresources.",
  },
  {
    name: "pacemaker",
    aliasOf: "crm",
    argument: "off",
    form: { type: "once", check: pacemakerFault },
    use: "used",
    says: "Another name of `crm`.",
  },
];

/** By name, in the order of the reference. */
export const directives: ReadonlyMap<string, Directive> = new Map(
  [...usedDirectives, ...unusedDirectives].map((directive) => [directive.name, directive]),
);

function environmentFault(text: string): Fault | undefined {
  if (/^[^=]+=/.test(text)) return undefined;
  return { code: "bad-word", message: `${quoted(text)} does not set a variable: write NAME=VALUE` };
}

function joinFault(text: string): Fault | undefined {
  const fault = oneOf("none", "other", "any")(text);
  if (fault !== undefined || text === "none") return fault;
  return {
    code: "bad-word",
    message: `${quoted(text)} cannot be had with haresources: name the nodes`,
  };
}

function pacemakerFault(text: string): Fault | undefined {
  const modes = ["respawn", "manual", "minimal", "ccm-only", "valgrind"];
  const fault = booleanOr(...modes)(text);
  if (fault !== undefined || falseWords.includes(text.toLowerCase())) return fault;
  const message =
    "resources would be Pacemaker's to manage, not those of haresources: write crm off";
  return { code: "pacemaker", message };
}
