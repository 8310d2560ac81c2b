/**
 * The wire: heartbeat 3.0.6's messages, bytes to values and back, with their signatures.
 *
 * Pure. Nothing here opens a socket or reads a clock; no bytes, however hostile, make it throw.
 */
export type { Key, KeyMethod } from "./key.ts";
