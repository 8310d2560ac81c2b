import { describe, expect, onTestFinished, test, vi } from "vitest";
import { readConfig } from "../../../src/config/index.ts";
import type { VirtualIp } from "../../../src/core/index.ts";
import type { Stage } from "../../../src/daemon/rehearsal.ts";
import { rehearsal, startRehearsals } from "../../../src/daemon/rehearsal.ts";

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
    host: {
      rehearse: (ips: readonly VirtualIp[]) => asked.push(...ips.map(({ address }) => address)),
    },
  };
  return { stage, asked };
}

function playToTheEnd(stage: Stage): { readonly isHeld: boolean; readonly pieces: number } {
  const play = rehearsal(stage);
  for (let pieces = 0; ; pieces++) {
    const { done, value } = play.next();
    if (done === true) return { isHeld: value, pieces };
  }
}

const line = "alpha 10.0.0.100/24/eth0 nginx\n";

describe("a takeover is played to its end", () => {
  test.each([
    ["with a lease", ""],
    ["without a lease", "lease off\n"],
    ["with times of a cluster that is fast", "keepalive 10ms\ndeadtime 50ms\n"],
    ["with failback", "auto_failback on\n"],
    ["with ping nodes", "ping 10.0.0.254\n"],
  ])("%s", (_, haCf) => {
    const { stage, asked } = stageOf({ haCf, haresources: line });
    const { isHeld, pieces } = playToTheEnd(stage);
    expect(isHeld).toBe(true);
    expect(asked).toEqual(["10.0.0.100"]);
    // What is long is not played between two heartbeats at once.
    expect(pieces).toBeGreaterThan(5);
  });

  test("of one group only, however many there are", () => {
    const haresources = `${line}alpha 10.0.0.101/24/eth0\nalpha 10.0.0.102/24/eth0\n`;
    const { stage, asked } = stageOf({ haresources });
    expect(playToTheEnd(stage).isHeld).toBe(true);
    expect(asked).toEqual(["10.0.0.100"]);
  });
});

test("where there is nothing to take, nothing is played", () => {
  const { stage, asked } = stageOf({ haresources: "" });
  expect(playToTheEnd(stage)).toEqual({ isHeld: false, pieces: 0 });
  expect(asked).toEqual([]);
});

test("several times after the start, then every minute, until it is closed", async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  onTestFinished(() => void vi.useRealTimers());
  const { stage, asked } = stageOf({ haresources: line });
  const rehearsals = startRehearsals(
    () => stage,
    (error) => expect.unreachable(String(error)),
  );
  await expect.poll(() => asked.length).toBe(5);
  vi.advanceTimersByTime(60_000);
  await expect.poll(() => asked.length).toBe(6);
  rehearsals.close();
  vi.advanceTimersByTime(60_000);
  await new Promise((resolve) => void setImmediate(resolve));
  expect(asked).toHaveLength(6);
});

test("a bug that a play shows is told, ends no daemon, and nothing is played after it", async () => {
  const { stage } = stageOf({ haresources: line });
  const bug = new Error("a bug");
  let plays = 0;
  const broken = {
    ...stage,
    host: {
      rehearse() {
        plays += 1;
        throw bug;
      },
    },
  };
  const failures: unknown[] = [];
  startRehearsals(
    () => broken,
    (error) => failures.push(error),
  );
  await expect.poll(() => failures).toEqual([bug]);
  await new Promise((resolve) => void setImmediate(resolve));
  expect(plays).toBe(1);
});
