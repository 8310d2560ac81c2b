/**
 * What may happen to the networks: cut, one-way, lossy, slow, flooded.
 */
import type { Fault } from "./fault.ts";
import { lastsMs, neverTwo } from "./fault.ts";
import type { Pair } from "./pair.ts";
import type { Drop } from "./switch.ts";

/** nft(8) */
const heartbeats = "udp dport 694";
const everything = "counter";

/** The ports of the holder, and those of both. */
const holder = ["alpha-0", "alpha-1"];
const both = [...holder, "beta-0", "beta-1"];

const restore = ({ hub }: Pair): void => hub.restore();

/** What all cuts have in common: three deadtimes are long enough for whatever may come of it. */
const cut = { promise: neverTwo, deadtimes: 3, heal: restore } as const;

const cuts: readonly Fault[] = [
  {
    ...cut,
    name: "all links of the holder cut",
    inject: ({ hub }) => hub.cut(holder),
  },
  {
    ...cut,
    name: "service cable of the holder pulled",
    inject: ({ hub }) => hub.cut(["alpha-0"]),
  },
  {
    ...cut,
    name: "service cable of the standby pulled",
    inject: ({ hub }) => hub.cut(["beta-0"]),
  },
  {
    ...cut,
    name: "heartbeats cut, service network alive",
    inject: (pair) =>
      pair.hub.drop([...fromAlpha(pair, heartbeats), ...fromBeta(pair, heartbeats)]),
  },
  {
    ...cut,
    name: "heartbeats of the holder lost, those to it not",
    inject: (pair) => pair.hub.drop(fromAlpha(pair, heartbeats)),
  },
  {
    ...cut,
    name: "heartbeats to the holder lost, its own not",
    inject: (pair) => pair.hub.drop(fromBeta(pair, heartbeats)),
  },
  {
    ...cut,
    name: "everything that the holder sends lost",
    inject: ({ hub }) => hub.drop(drops(holder, "ingress", everything)),
  },
  {
    ...cut,
    name: "everything sent to the holder lost",
    inject: ({ hub }) => hub.drop(drops(holder, "egress", everything)),
  },
  {
    ...cut,
    name: "network split, a client on each side",
    promise: { excuse: "a pair alone cannot know: while the cut lasts, each side has its own" },
    isSplit: true,
    inject: split,
  },
  {
    ...cut,
    name: "network split, on_isolated release, ping node beside the standby",
    isSplit: true,
    more: (deadtime) => ["on_isolated release", `deadping ${deadtime}ms`, "ping 10.77.0.251"],
    inject: split,
  },
];

const loss = { promise: neverTwo, deadtimes: 6, leastMs: 3000, heal: restore } as const;

const losses: readonly Fault[] = [10, 30, 50].flatMap((percent): readonly Fault[] => {
  const some = `numgen random mod 100 < ${percent}`;
  return [
    {
      ...loss,
      name: `${percent} % of the heartbeats lost, each way`,
      inject(pair) {
        const what = `${heartbeats} ${some}`;
        pair.hub.drop([...fromAlpha(pair, what), ...fromBeta(pair, what)]);
      },
    },
    {
      ...loss,
      name: `${percent} % of everything lost, each way, at both nodes`,
      inject: ({ hub }) =>
        hub.drop([...drops(both, "ingress", some), ...drops(both, "egress", some)]),
    },
  ];
});

const delays: readonly Fault[] = [
  {
    name: "heartbeats late by 1.5 deadtimes, service network alive",
    promise: neverTwo,
    deadtimes: 6,
    async inject(pair) {
      await pair.trunks.private.delay(pair.deadtime * 1.5);
      // Of the other way nothing is left.
      pair.hub.drop([
        { port: pair.trunks.service.port, hook: "egress", what: heartbeats },
        { port: pair.trunks.service.port, hook: "ingress", what: heartbeats },
      ]);
    },
    heal({ trunks, hub }) {
      trunks.private.hurry();
      hub.restore();
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

/** What comes from alpha's half of both networks. */
function fromAlpha({ trunks }: Pair, what: string): readonly Drop[] {
  return drops([trunks.private.port, trunks.service.port], "egress", what);
}

function fromBeta({ trunks }: Pair, what: string): readonly Drop[] {
  return drops([trunks.private.port, trunks.service.port], "ingress", what);
}

function drops(ports: readonly string[], hook: Drop["hook"], what: string): readonly Drop[] {
  return ports.map((port) => ({ port, hook, what }));
}

function split({ hub, trunks }: Pair): void {
  hub.cut([trunks.private.port, trunks.service.port]);
}
