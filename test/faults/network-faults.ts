/**
 * What may happen to the networks: cut, one-way, lossy, slow, flooded.
 */
import type { Direction } from "../netns/lab/cable.ts";
import type { Fault } from "./fault.ts";
import { lastsMs, neverTwo } from "./fault.ts";
import type { Pair } from "./pair.ts";

/** nft(8): the heartbeats among what goes over a trunk. */
const heartbeats = "udp dport 694";

/** Of a trunk's cable: see network.ts. */
const [fromAlpha, fromBeta] = ["to", "from"] as const satisfies readonly Direction[];

const cuts: readonly Fault[] = [
  {
    name: "all links of the holder cut",
    promise: neverTwo,
    deadtimes: 3,
    inject: ({ alpha }) => alpha.cut(),
    heal: ({ alpha }) => alpha.restore(),
  },
  {
    name: "heartbeats cut, service network alive",
    promise: neverTwo,
    deadtimes: 3,
    inject: (pair) => dropHeartbeats(pair, [fromAlpha, fromBeta]),
    heal: restore,
  },
  {
    name: "heartbeats of the holder lost, those to it not",
    promise: neverTwo,
    deadtimes: 3,
    inject: (pair) => dropHeartbeats(pair, [fromAlpha]),
    heal: restore,
  },
  {
    name: "heartbeats to the holder lost, its own not",
    promise: neverTwo,
    deadtimes: 3,
    inject: (pair) => dropHeartbeats(pair, [fromBeta]),
    heal: restore,
  },
  {
    name: "everything that the holder sends lost",
    promise: neverTwo,
    deadtimes: 3,
    inject: ({ alpha }) => [alpha.service, alpha.private].forEach((each) => each.cutOneWay("from")),
    heal: ({ alpha }) => alpha.restore(),
  },
  {
    name: "everything sent to the holder lost",
    promise: neverTwo,
    deadtimes: 3,
    inject: ({ alpha }) => [alpha.service, alpha.private].forEach((each) => each.cutOneWay("to")),
    heal: ({ alpha }) => alpha.restore(),
  },
  {
    name: "network split, a client on each side",
    promise: { excuse: "a pair alone cannot know: while the cut lasts, each side has its own" },
    deadtimes: 3,
    isSplit: true,
    inject: split,
    heal: restore,
  },
  {
    name: "network split, on_isolated release, ping node beside the standby",
    promise: neverTwo,
    deadtimes: 3,
    isSplit: true,
    more: (deadtime) => ["on_isolated release", `deadping ${deadtime}ms`, "ping 10.77.0.251"],
    inject: split,
    heal: restore,
  },
];

const losses: readonly Fault[] = [10, 30, 50].flatMap((percent): readonly Fault[] => [
  {
    name: `${percent} % of the heartbeats lost, each way`,
    promise: neverTwo,
    deadtimes: 6,
    leastMs: 3000,
    inject({ trunks }) {
      trunks.private.lose(percent);
      trunks.service.lose(percent, heartbeats);
    },
    heal: restore,
  },
  {
    name: `${percent} % of everything lost, each way, at both nodes`,
    promise: neverTwo,
    deadtimes: 6,
    leastMs: 3000,
    inject({ alpha, beta }) {
      for (const node of [alpha, beta])
        for (const cable of [node.service, node.private]) cable.lose(percent);
    },
    heal({ alpha, beta }) {
      alpha.restore();
      beta.restore();
    },
  },
]);

const delays: readonly Fault[] = [
  {
    name: "heartbeats late by 1.5 deadtimes, service network alive",
    promise: neverTwo,
    deadtimes: 6,
    async inject(pair) {
      await pair.trunks.private.delay(pair.deadtime * 1.5);
      for (const direction of [fromAlpha, fromBeta])
        pair.trunks.service.drop(direction, heartbeats);
    },
    heal({ trunks }) {
      trunks.private.hurry();
      trunks.service.restore();
    },
  },
  {
    name: "everything between the nodes late by 1.5 deadtimes",
    promise: { excuse: "who is heard after deadtime on every path is as good as cut off" },
    deadtimes: 6,
    isSplit: true,
    async inject({ trunks, deadtime }) {
      await Promise.all([trunks.private, trunks.service].map((each) => each.delay(deadtime * 1.5)));
    },
    heal({ trunks }) {
      trunks.private.hurry();
      trunks.service.hurry();
    },
  },
];

const flood = new URL("../netns/lab/flood.ts", import.meta.url).pathname;

const floods: readonly Fault[] = [
  {
    name: "20,000 forged datagrams a second to both nodes",
    promise: neverTwo,
    deadtimes: 3,
    leastMs: 3000,
    inject({ near, deadtime }) {
      const seconds = lastsMs(floods[0]!, deadtime) / 1000;
      for (const address of ["10.77.0.1", "10.77.0.2"])
        near.spawn(process.execPath, [flood, "forged", address, "694", `${seconds}`, "10000"]);
    },
  },
];

export const networkFaults: readonly Fault[] = [...cuts, ...losses, ...delays, ...floods];

/** On both networks, in the direction of a trunk's cable. */
function dropHeartbeats({ trunks }: Pair, directions: readonly Direction[]): void {
  for (const trunk of [trunks.private, trunks.service])
    for (const direction of directions) trunk.drop(direction, heartbeats);
}

function split({ trunks }: Pair): void {
  trunks.private.cut();
  trunks.service.cut();
}

function restore({ trunks }: Pair): void {
  trunks.private.restore();
  trunks.service.restore();
}
