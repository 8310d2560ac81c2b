/**
 * Removing an address without removing others.
 *
 * The first IPv4 address of a subnet on an interface is the primary one, and the kernel removes its
 * secondaries with it unless `promote_secondaries` is set (Documentation/networking/ip-sysctl).
 */
import { readFileSync, writeFileSync } from "node:fs";

/**
 * Does something while the interfaces promote secondary addresses, and leaves the setting as it was.
 * Where it cannot be changed (a read-only /proc/sys) the work is done all the same.
 *
 * @param devices - names of interfaces
 */
export function whilePromoting<T>(devices: readonly string[], work: () => T): T {
  const changed = devices.filter(promote);
  try {
    return work();
  } finally {
    for (const device of changed) set(device, "0");
  }
}

/** @returns whether it was off and is on */
function promote(device: string): boolean {
  try {
    if (readFileSync(settingOf(device), "latin1").trim() !== "0") return false;
  } catch {
    // An interface that has gone has no addresses to lose.
    return false;
  }
  return set(device, "1");
}

function set(device: string, value: "0" | "1"): boolean {
  try {
    writeFileSync(settingOf(device), value);
    return true;
  } catch {
    // Read-only, or gone meanwhile.
    return false;
  }
}

function settingOf(device: string): string {
  return `/proc/sys/net/ipv4/conf/${device}/promote_secondaries`;
}
