/**
 * `understudy keygen`: a fresh authkeys on stdout.
 */
import { randomBytes } from "node:crypto";
import { authkeysText } from "../config/index.ts";
import type { Terminal } from "./terminal.ts";

/** As many bytes as SHA-256 has: RFC 2104 §3. */
const secretBytes = 32;

export function keygen(terminal: Terminal): number {
  terminal.out(authkeysText(randomBytes(secretBytes).toString("hex")));
  if (terminal.interactive) {
    terminal.err("# to keep it: (umask 077; understudy keygen > /etc/ha.d/authkeys)\n");
  }
  return 0;
}
