/**
 * One medium: the sockets of one interface, opened whenever it is there.
 *
 * Level-triggered: an interface that appears late, goes, or returns under another index is found by
 * looking. Nothing that goes wrong here is fatal: it is counted and told.
 */
import type { SocketAsPromised } from "dgram-as-promised";
import { DgramAsPromised } from "dgram-as-promised";
import type { InterfaceMedium, Target } from "../config/index.ts";
import type { Input } from "../core/index.ts";
import type { Errno } from "../linux/index.ts";
import { droppedBy, now, openUdpSocket } from "../linux/index.ts";
import type { Host } from "./host.ts";
import { linkFault } from "./host.ts";
import type { Names } from "./names.ts";
import { resolveNames } from "./names.ts";
import type { Place } from "./whereabouts.ts";

export interface Medium {
  /** @param directly - to whom besides, where it is sent to all */
  send(bytes: Uint8Array, directly?: readonly Place[]): void;
  /** What was sent and has not left this host yet is not to arrive later. */
  dropUnsent(): void;
  kernelChanged(): void;
  close(): void;
}

export interface MediumOptions {
  readonly config: InterfaceMedium;
  readonly host: Host;
  readonly post: (input: Input) => void;
  readonly receive: (bytes: Uint8Array, from?: Place) => void;
}

interface Open {
  readonly ifindex: number;
  /** By port. */
  readonly sockets: ReadonlyMap<number, Port>;
  /** What changes with the addresses of this host. */
  here: Here;
}

interface Here {
  /** The interface's own broadcast address. */
  readonly broadcast: string;
  /** All of its own IPv4 addresses, on whatever interface. */
  readonly own: ReadonlySet<string>;
}

interface Port {
  readonly socket: SocketAsPromised;
  readonly fd: number;
  /** Datagrams that the kernel has dropped, as far as they were counted, and when. */
  dropped: number;
  countedAt: number;
}

export function openMedium(options: MediumOptions): Medium {
  const { config, host, post } = options;
  const names = resolveNames(config);
  let open: Open | undefined;
  let told: string | undefined | null = null;

  const tell = (fault: string | undefined, canHear = false): void => {
    if (fault === told) return;
    told = fault;
    post({ type: "medium", medium: config.name, fault, canHear });
  };
  const tellLink = (): void => {
    const fault = linkFault(host.links(), config.device);
    tell(fault?.down ?? fault?.unplugged, fault?.down === undefined);
  };
  const reopen = (): void => {
    const ifindex = host.links().find(({ name }) => name === config.device)?.index;
    if (open !== undefined && open.ifindex === ifindex) {
      open.here = hereOf(host, ifindex);
      return tellLink();
    }
    closeAll(open);
    open = undefined;
    if (ifindex === undefined) return tell(`there is no interface ${config.device}`);
    const opened = openSockets({ ...options, receive });
    if ("errno" in opened) return tell(`${opened.call}: ${opened.errno}`);
    open = { ifindex, sockets: opened, here: hereOf(host, ifindex) };
    return tellLink();
  };

  // What was sent to all comes back, and says nothing.
  const receive = (bytes: Uint8Array, from?: Place): void => {
    if (from === undefined || open?.here.own.has(from.address) !== true)
      options.receive(bytes, from);
  };
  reopen();
  return {
    send(bytes, directly = []) {
      // Not open: it is tried again at every heartbeat, besides at every change that is reported.
      if (open === undefined) reopen();
      if (open === undefined) return;
      names.lookUp();
      for (const target of config.targets) sendTo(options, open, { target, bytes, names });
      for (const place of directly) sendDirectly(options, open, { place, bytes, names });
      countDropped(options, open);
    },
    dropUnsent() {
      for (const target of config.targets) {
        const address = target.type === "ucast" ? names.addressOf(target.host) : undefined;
        if (open !== undefined && address !== undefined) {
          host.forgetNeighbour(open.ifindex, address);
        }
      }
    },
    kernelChanged: reopen,
    close() {
      closeAll(open);
      open = undefined;
    },
  };
}

function hereOf(host: Host, ifindex: number): Here {
  const own = host.addresses().filter(({ family, ours }) => family === 4 && !ours);
  const among = own.find((each) => each.ifindex === ifindex && each.broadcast !== undefined);
  return {
    broadcast: among?.broadcast ?? "255.255.255.255",
    own: new Set(own.map(({ address }) => address)),
  };
}

function openSockets({ config, receive }: MediumOptions): Map<number, Port> | Errno {
  const sockets = new Map<number, Port>();
  for (const port of new Set(config.targets.map((target) => target.port))) {
    const opened = openUdpSocket({
      device: config.device,
      port,
      family: 4,
      groups: groupsOf(config.targets, port),
    });
    if (!opened.ok) {
      for (const { socket } of sockets.values()) closeQuietly(socket);
      return opened.error;
    }
    const fd = opened.value;
    const from = (bytes: Uint8Array, address: string): void => receive(bytes, { address, port });
    sockets.set(port, { socket: adopt(fd, from), fd, dropped: 0, countedAt: 0 });
  }
  return sockets;
}

function groupsOf(
  targets: readonly Target[],
  port: number,
): { address: string; ttl: number; loop: boolean }[] {
  return targets.flatMap((target) =>
    target.type === "mcast" && target.port === port
      ? [{ address: target.group, ttl: target.ttl, loop: target.loop }]
      : [],
  );
}

/**
 * Gives the descriptor to node:dgram. The callback of `createSocket` is not a matter of taste:
 * `recv()` and `for await` of dgram-as-promised listen only while they wait, and lose the rest.
 */
function adopt(
  fd: number,
  receive: (bytes: Uint8Array, address: string) => void,
): SocketAsPromised {
  const socket = DgramAsPromised.createSocket({ type: "udp4", lookup: asItIs }, (bytes, from) =>
    receive(bytes, from.address),
  );
  // An error of a socket is seen where it matters, at the next send.
  socket.bind({ fd, exclusive: true }).catch(() => undefined);
  return socket;
}

/**
 * By its own means node:dgram looks up even a literal address, and sends it in a later turn: after
 * the socket was closed, for a node's last words. With this it is sent when `send` returns.
 */
function asItIs(
  host: string,
  _options: unknown,
  callback: (error: null, address: string, family: number) => void,
): void {
  callback(null, host, 4);
}

interface Datagram {
  readonly target: Target;
  readonly bytes: Uint8Array;
  readonly names: Names;
}

function sendTo(
  { config, post }: MediumOptions,
  open: Open,
  { target, bytes, names }: Datagram,
): void {
  const address = addressOf(target, open, names);
  const port = open.sockets.get(target.port);
  if (port === undefined) return;
  if (address === undefined) {
    return post({ type: "sendFailed", medium: config.name, errno: "ENOTFOUND" });
  }
  // Both nodes of a pair have the same file, with a line for each.
  if (target.type === "ucast" && open.here.own.has(address)) return;
  port.socket.send(bytes, target.port, address).catch((error: unknown) => {
    post({ type: "sendFailed", medium: config.name, errno: errnoOf(error) });
  });
}

/** To who has just been sent it by his own address nothing is sent twice. */
function sendDirectly(
  { config }: MediumOptions,
  open: Open,
  { place, bytes, names }: { readonly place: Place } & Pick<Datagram, "bytes" | "names">,
): void {
  const isSent = config.targets.some(
    (target) => target.port === place.port && addressOf(target, open, names) === place.address,
  );
  if (isSent) return;
  // What cannot be sent so was sent to all.
  open.sockets
    .get(place.port)
    ?.socket.send(bytes, place.port, place.address)
    .catch(() => undefined);
}

const COUNT_EVERY_MS = 1000;

/** What never gets as far as to be rejected here is counted by the kernel. It is told once a minute. */
function countDropped({ config, post }: MediumOptions, open: Open): void {
  const at = now();
  for (const port of open.sockets.values()) {
    if (at - port.countedAt < COUNT_EVERY_MS) continue;
    port.countedAt = at;
    const dropped = droppedBy(port.fd);
    const count = dropped - port.dropped;
    port.dropped = dropped;
    if (count <= 0) continue;
    post({ type: "rejected", medium: config.name, reason: "dropped-by-kernel", count });
  }
}

function addressOf(target: Target, open: Open, names: Names): string | undefined {
  switch (target.type) {
    case "ucast":
      return names.addressOf(target.host);
    case "bcast":
      return open.here.broadcast;
    case "mcast":
      return target.group;
  }
}

function errnoOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "unknown";
}

function closeAll(open: Open | undefined): void {
  if (open === undefined) return;
  for (const { socket } of open.sockets.values()) closeQuietly(socket);
}

function closeQuietly(socket: SocketAsPromised): void {
  socket.close().catch(() => undefined);
}
