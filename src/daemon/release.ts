/**
 * `understudy release`: what systemd runs when the daemon has ended, however it ended.
 */
import { openRtnetlink } from "../linux/index.ts";

/**
 * Removes every address that bears our mark (IFA_PROTO, see linux/address.ts), and nothing else.
 * Knows of no file, so that it works when all of them are lost.
 *
 * @returns the exit status
 */
export function releaseAddresses(): Promise<number> {
  const opened = openRtnetlink();
  if (!opened.ok) return Promise.resolve(complain(opened.error));
  const rtnetlink = opened.value;
  const present = rtnetlink.addresses();
  if (!present.ok) return Promise.resolve(complain(present.error));
  const ours = present.value.filter((address) => address.ours);
  const results = rtnetlink.removeAddresses(ours);
  rtnetlink.close();
  for (const [index, { address, prefix }] of ours.entries()) {
    const result = results[index];
    const end = result === undefined || result.ok ? "removed" : result.error.errno;
    process.stdout.write(`${address}/${prefix}: ${end}\n`);
  }
  return Promise.resolve(results.every(({ ok }) => ok) ? 0 : 1);
}

function complain(error: { readonly call: string; readonly errno: string }): number {
  process.stderr.write(`understudy: release: ${error.call}: ${error.errno}\n`);
  return 1;
}
