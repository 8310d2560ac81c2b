/**
 * `understudy release`: what systemd runs when the daemon has ended, however it ended.
 */
import { openRtnetlink } from "../linux/index.ts";
import { lockHost } from "./host-lock.ts";

/**
 * Removes every address that bears our mark (IFA_PROTO, see linux/address.ts), and nothing else.
 * Knows of no file, so that it works when all of them are lost. What a daemon that runs has added is
 * not left behind: then nothing is done.
 *
 * @returns the exit status
 */
export async function releaseAddresses(): Promise<number> {
  const lock = await lockHost();
  if (lock === undefined) {
    process.stderr.write("understudy: release: a daemon is running: stop it instead\n");
    return 1;
  }
  const opened = openRtnetlink();
  if (!opened.ok) return complain(opened.error);
  const rtnetlink = opened.value;
  const present = rtnetlink.addresses();
  if (!present.ok) return complain(present.error);
  const ours = present.value.filter((address) => address.ours);
  const results = rtnetlink.removeAddresses(ours);
  rtnetlink.close();
  for (const [index, { address, prefix }] of ours.entries()) {
    const result = results[index];
    const end = result === undefined || result.ok ? "removed" : result.error.errno;
    process.stdout.write(`${address}/${prefix}: ${end}\n`);
  }
  lock.release();
  return results.every(({ ok }) => ok) ? 0 : 1;
}

function complain(error: { readonly call: string; readonly errno: string }): number {
  process.stderr.write(`understudy: release: ${error.call}: ${error.errno}\n`);
  return 1;
}
