import { describe, expect, onTestFinished, test, vi } from "vitest";
import { readConfig } from "../../../src/config/index.ts";
import type { VirtualIp } from "../../../src/core/index.ts";
import type { Acts, Stage } from "../../../src/daemon/rehearsal.ts";
import { rehearsal, startRehearsals } from "../../../src/daemon/rehearsal.ts";
import type { StandIn } from "../../../src/daemon/stand-in.ts";
import { openStandIn } from "../../../src/daemon/stand-in.ts";
import { fail, ok } from "../../../src/std/result.ts";
import type { Instant } from "../../../src/std/time.ts";
import { instant, never, seconds } from "../../../src/std/time.ts";

/** What the daemon of beta would play with, and the addresses that the kernel was asked about. */
function stageOf({ haCf = "", haresources }: { haCf?: string; haresources: string }) {
  const { value, diagnostics } = readConfig({
    haCf: {
      file: "ha.cf",
      text: `node alpha beta\nucast eth0 10.0.0.1\nucast eth0 10.0.0.2\n${haCf}`,
    },
    haresources: { file: "haresources", text: haresources },
    authkeys: { file: "authkeys", text: "auth 1\n1 sha256 not-a-secret\n", mode: 0o600 },
    hostname: "beta",
  });
  if (value === undefined) throw new Error(JSON.stringify(diagnostics));
  const asked: string[] = [];
  const stage: Stage = {
    core: value.core,
    keys: value.keys,
    stamp: () => ({ seconds: 0, load: "0", ttl: 3, uuid: new Uint8Array(16) }),
    standIn: standInThat((ips) => asked.push(...ips.map(({ address }) => address))),
  };
  return { stage, asked };
}

/** Says that it has done everything. */
function standInThat(add: (ips: readonly VirtualIp[]) => void): StandIn {
  const links = { links: () => [], addresses: () => [] };
  const kernel = {
    rtnetlink: { addAddresses: () => [], removeAddresses: () => [], promote: () => [] },
    packets: { sendFrames: () => ok(0) },
    netfilter: fail({ call: "nftables", errno: "EPROTONOSUPPORT" }),
  };
  const times = { lease: undefined, deadtime: seconds(1) };
  const standIn = openStandIn({ ...times, ...kernel, host: links });
  return { ...standIn, host: { ...standIn.host, add } };
}

const unneeded = () => ({ set: () => undefined, close: () => undefined });

function playToTheEnd(
  stage: Stage,
  acts?: Acts,
): { readonly isWhole: boolean; readonly pieces: number } {
  const play = rehearsal(stage, acts);
  for (let pieces = 0; ; pieces++) {
    const { done, value } = play.next();
    if (done === true) return { isWhole: value, pieces };
  }
}

const line = "alpha 10.0.0.100/24/eth0 nginx\n";

describe("a takeover and its giving up are played to the end", () => {
  test.each([
    ["with a lease", ""],
    ["without a lease", "lease off\n"],
    ["with times of a cluster that is fast", "keepalive 10ms\ndeadtime 50ms\n"],
    ["with failback", "auto_failback on\n"],
    ["with ping nodes", "ping 10.0.0.254\n"],
  ])("%s", (_, haCf) => {
    const { stage, asked } = stageOf({ haCf, haresources: line });
    const { isWhole, pieces } = playToTheEnd(stage);
    expect(isWhole).toBe(true);
    expect(asked).toEqual(["10.0.0.100"]);
    // What is long is not played between two heartbeats at once.
    expect(pieces).toBeGreaterThan(5);
  });

  test("of one group only, however many there are", () => {
    const haresources = `${line}alpha 10.0.0.101/24/eth0\nalpha 10.0.0.102/24/eth0\n`;
    const { stage, asked } = stageOf({ haresources });
    expect(playToTheEnd(stage).isWhole).toBe(true);
    expect(asked).toEqual(["10.0.0.100"]);
  });
});

test("the first act ends with what was taken", () => {
  const { stage } = stageOf({ haresources: line });
  const { host } = stage.standIn;
  let removals = 0;
  const remove: typeof host.remove = (ips) => {
    removals += 1;
    return host.remove(ips);
  };
  const watched = { ...stage, standIn: { ...stage.standIn, host: { ...host, remove } } };
  expect(playToTheEnd(watched, 1).isWhole).toBe(true);
  // For the next play.
  expect(removals).toBe(1);
  expect(playToTheEnd(watched, 2).isWhole).toBe(true);
  expect(removals).toBe(3);
});

test("where there is nothing to take, nothing is played", () => {
  const { stage, asked } = stageOf({ haresources: "" });
  expect(playToTheEnd(stage)).toEqual({ isWhole: false, pieces: 0 });
  expect(asked).toEqual([]);
});

/** The rehearsals of a daemon that has started, by a clock that stands still, and what they set. */
async function started() {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  onTestFinished(() => void vi.useRealTimers());
  const { stage, asked } = stageOf({ haresources: line });
  const alarm = { set: [] as Instant[], isClosed: false, ring: (): void => undefined };
  const rehearsals = startRehearsals({
    stage: () => stage,
    alarm(onDue) {
      alarm.ring = onDue;
      return { set: (at) => alarm.set.push(at), close: () => (alarm.isClosed = true) };
    },
    failed: (error) => expect.unreachable(String(error)),
  });
  onTestFinished(() => rehearsals.close());
  const played = (times: number) => expect.poll(() => asked.length).toBe(times);
  await played(1);
  return { rehearsals, alarm, asked, played };
}

test("often after the start, then every minute, until it is closed", async () => {
  const { rehearsals, asked, played } = await started();
  for (let plays = 2; plays <= 50; plays++) {
    vi.advanceTimersByTime(50);
    await played(plays);
  }
  vi.advanceTimersByTime(1000);
  await turn();
  expect(asked).toHaveLength(50);
  vi.advanceTimersByTime(60_000);
  await played(51);
  rehearsals.close();
  vi.advanceTimersByTime(60_000);
  await turn();
  expect(asked).toHaveLength(51);
});

describe("right before a death", () => {
  test("it is played once more", async () => {
    const { rehearsals, alarm, played } = await started();
    rehearsals.turned(instant(5000));
    expect(alarm.set).toEqual([4990]);
    alarm.ring();
    await played(2);
    expect(alarm.set).toEqual([4990, never]);
  });

  test("the alarm is set when what is expected changes, and not in every turn", async () => {
    const { rehearsals, alarm } = await started();
    for (const at of [5000, 5000, 6000, never, never]) rehearsals.turned(instant(at));
    expect(alarm.set).toEqual([4990, 5990, never]);
  });

  test("nothing is any more when it is closed", async () => {
    const { rehearsals, alarm, asked } = await started();
    rehearsals.close();
    rehearsals.turned(instant(5000));
    alarm.ring();
    await turn();
    expect(asked).toHaveLength(1);
    expect(alarm.isClosed).toBe(true);
  });
});

/** Whatever waits for a turn of the loop has had several. */
async function turn(): Promise<void> {
  for (let round = 0; round < 50; round++)
    await new Promise((resolve) => void setImmediate(resolve));
}

test("a bug that a play shows is told, ends no daemon, and nothing is played after it", async () => {
  const { stage } = stageOf({ haresources: line });
  const bug = new Error("a bug");
  let plays = 0;
  const broken = {
    ...stage,
    standIn: standInThat(() => {
      plays += 1;
      throw bug;
    }),
  };
  const failures: unknown[] = [];
  startRehearsals({
    stage: () => broken,
    alarm: unneeded,
    failed: (error) => failures.push(error),
  });
  await expect.poll(() => failures).toEqual([bug]);
  await new Promise((resolve) => void setImmediate(resolve));
  expect(plays).toBe(1);
});
