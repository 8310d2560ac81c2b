/**
 * Datagrams in a file, for send.ts.
 */
import { readFileSync, writeFileSync } from "node:fs";

export function writeDatagrams(file: string, datagrams: readonly Buffer[]): void {
  writeFileSync(file, datagrams.map((each) => `${each.toString("base64")}\n`).join(""));
}

export function readDatagrams(file: string): readonly Buffer[] {
  const lines = readFileSync(file, "latin1").split("\n").slice(0, -1);
  return lines.map((line) => Buffer.from(line, "base64"));
}
