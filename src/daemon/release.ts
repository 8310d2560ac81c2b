/**
 * `understudy release`: what systemd runs when the daemon has ended, however it ended.
 */
import type { Errno, KernelAddress, Netfilter, Rtnetlink } from "../linux/index.ts";
import { openNetfilter, openRtnetlink } from "../linux/index.ts";
import type { Result } from "../std/result.ts";
import { lockHost } from "./host-lock.ts";

/**
 * Removes every address that bears our mark (IFA_PROTO, see linux/address.ts) and the table of the
 * lease, and nothing else. Knows of no file, so that it works when all of them are lost. What a
 * daemon that runs has added is not left behind: then nothing is done.
 *
 * Of a daemon that is started again right away, while the kernel's lease lives, everything stays: it
 * takes up what it finds and no client notices. Should it not come, the kernel falls silent by itself
 * when the lease ends, before any peer takes over; the addresses go with the lifetime that they have.
 *
 * @param ending - how the daemon ended, as systemd says
 * @returns the exit status
 */
export async function releaseAddresses(ending: Ending = endingOf(process.env)): Promise<number> {
  const lock = await lockHost();
  if (lock === undefined) {
    process.stderr.write("understudy: release: a daemon is running: stop it instead\n");
    return 1;
  }
  const [rtnetlink, netfilter] = [openRtnetlink(), openNetfilter()];
  if (!rtnetlink.ok) return complain(rtnetlink.error);
  const leftMs = ending === "to-return" ? leaseLeft(netfilter) : 0;
  const code = leftMs > 0 ? leave(rtnetlink.value, leftMs) : releaseAll(rtnetlink.value, netfilter);
  rtnetlink.value.close();
  if (netfilter.ok) netfilter.value.close();
  lock.release();
  return code;
}

/** Whether the daemon that has ended is started again by itself, and gave nothing up before. */
export type Ending = "to-return" | "for-good";

/** @param environment - systemd.exec(5) SERVICE_RESULT and EXIT_STATUS; called by hand there is none */
export function endingOf(environment: NodeJS.ProcessEnv): Ending {
  const { SERVICE_RESULT: result = "", EXIT_STATUS: status } = environment;
  return killed.has(result) || (result !== "" && status === AWAY) ? "to-return" : "for-good";
}

/**
 * It did not end by its own word. What took too long to stop (`timeout`) was told to, and is not
 * started again.
 */
const killed: ReadonlySet<string> = new Set(["signal", "core-dump", "watchdog", "oom-kill"]);
/** sysexits.h EX_TEMPFAIL: it makes room for its successor. */
const AWAY = "75";

function leaseLeft(netfilter: Result<Netfilter, Errno>): number {
  const left = netfilter.ok ? netfilter.value.left() : netfilter;
  return left.ok ? left.value : 0;
}

function leave(rtnetlink: Rtnetlink, leftMs: number): number {
  const names = oursOf(rtnetlink).map(nameOf);
  process.stdout.write(
    `left for the daemon that is to return: ${names.join(", ") || "no address"}; ` +
      `the lease ends in ${leftMs} ms\n`,
  );
  return 0;
}

function releaseAll(rtnetlink: Rtnetlink, netfilter: Result<Netfilter, Errno>): number {
  const present = rtnetlink.addresses();
  if (!present.ok) return complain(present.error);
  const ours = present.value.filter((address) => address.ours);
  // Silent first: to remove a thousand takes a while.
  if (netfilter.ok) netfilter.value.revoke();
  const results = rtnetlink.removeAddresses(ours);
  for (const [index, address] of ours.entries()) {
    const result = results[index];
    const end = result === undefined || result.ok ? "removed" : result.error.errno;
    process.stdout.write(`${nameOf(address)}: ${end}\n`);
  }
  if (!results.every(({ ok }) => ok)) return 1;
  // Where it cannot be had, there is none.
  const removed = netfilter.ok && netfilter.value.left().ok ? netfilter.value.remove() : undefined;
  return removed?.ok === false ? complain(removed.error) : 0;
}

function oursOf(rtnetlink: Rtnetlink): readonly KernelAddress[] {
  const present = rtnetlink.addresses();
  return present.ok ? present.value.filter(({ ours }) => ours) : [];
}

function nameOf({ address, prefix }: KernelAddress): string {
  return `${address}/${prefix}`;
}

function complain(error: { readonly call: string; readonly errno: string }): number {
  process.stderr.write(`understudy: release: ${error.call}: ${error.errno}\n`);
  return 1;
}
