/**
 * Never two: a part of what `npm run faults` does, judged alike: two clients ask both nodes, by
 * their hardware addresses too, once a millisecond (test/faults/verdict.ts).
 *
 * keepalive 100 ms, deadtime 1 s.
 */
import { describe, expect, test } from "vitest";
import type { Outcome } from "../faults/cell.ts";
import { runCell } from "../faults/cell.ts";
import type { Fault } from "../faults/fault.ts";
import { neverTwo } from "../faults/fault.ts";
import { hostFaults } from "../faults/host-faults.ts";
import { networkFaults } from "../faults/network-faults.ts";
import { processFaults } from "../faults/process-faults.ts";
import { cannotRun } from "./lab/cluster-test.ts";

const faults = [...processFaults, ...networkFaults, ...hostFaults];

describe.skipIf(cannotRun)("at no moment two nodes answer, and in the end one does,", () => {
  test.each([
    "kill -9 of the holder's daemon",
    "SIGSTOP for 3 deadtimes, then SIGCONT",
    "both daemons frozen for 3 deadtimes",
    "OOM kill of the holder's daemon",
    "kill -9, and restarted as systemd does",
    "all links of the holder cut",
    "heartbeats cut, service network alive",
    "heartbeats of the holder lost, those to it not",
    "30 % of everything lost, each way, at both nodes",
    "interface of the holder down and up again",
  ])("after this: %s", async (name) => {
    const fault = faultOf(name);
    expect(fault.promise).toBe(neverTwo);
    expect(fault.missing?.()).toBeUndefined();
    expectOne(await outcomeOf(fault));
  });

  test("of an IPv6 address, after SIGSTOP for 3 deadtimes and SIGCONT", async () => {
    expectOne(await outcomeOf(faultOf("SIGSTOP for 3 deadtimes, then SIGCONT"), { family: 6 }));
  });

  test("when the operator has the standby take over while half of all heartbeats are lost", async () => {
    const fault = faultOf("50 % of the heartbeats lost, each way");
    const outcome = await outcomeOf(fault, { isWithTakeover: true });
    expect(outcome.answer).toContain("done");
    expectOne(outcome);
  });
});

describe.skipIf(cannotRun)("without a lease", () => {
  test("two answer after kill -9: the clients would have seen it", async () => {
    const fault = faultOf("kill -9 of the holder's daemon");
    const { bothMs } = await outcomeOf(fault, { more: ["lease off"] });
    expect(bothMs).toBeGreaterThan(1000);
  });
});

function faultOf(name: string): Fault {
  const found = faults.find((fault) => fault.name === name);
  if (found === undefined) throw new Error(`there is no fault of this name: ${name}`);
  return found;
}

interface Asked {
  readonly family?: 4 | 6;
  readonly isWithTakeover?: boolean;
  readonly more?: readonly string[];
}

function outcomeOf(
  fault: Fault,
  { family = 4, isWithTakeover = false, more = [] }: Asked = {},
): Promise<Outcome> {
  return runCell({ fault, isWithTakeover, options: { family, deadtime: 1000, more } });
}

/** The outage is for `npm run faults` to measure; here it has to end. */
function expectOne({ bothMs, outages, story }: Outcome): void {
  const lasting = outages.filter(({ ms, isOpen }) => isOpen && ms > 500);
  if (bothMs > 0 || lasting.length > 0) console.log(story.join("\n"));
  expect(lasting).toEqual([]);
  expect(bothMs).toBe(0);
}
