/**
 * Starts arp-flood.ts on a machine.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Namespace } from "./namespace.ts";

export interface Flood {
  /** On this interface, whose machine claims to have the address. */
  readonly device: string;
  readonly address: string;
  readonly seconds: number;
  /** Frames a second. */
  readonly rate: number;
}

const program = new URL("arp-flood.ts", import.meta.url).pathname;

/** @returns how many frames were sent, when it is over */
export async function startFlood(
  { name }: Namespace,
  { device, address, seconds, rate }: Flood,
): Promise<number> {
  const args = [program, device, address, String(seconds), String(rate)];
  const child = spawn("ip", ["netns", "exec", name, process.execPath, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let printed = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (printed += text));
  await once(child, "close");
  return Number(printed);
}
