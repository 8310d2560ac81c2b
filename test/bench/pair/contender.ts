/**
 * The words of a program that is measured: what its operator has set, and how it is used.
 */
import type { Lab } from "./lab.ts";

export const programs = ["Understudy", "keepalived", "heartbeat"] as const;
export type Program = (typeof programs)[number];

/** Settings that are compared with each other: by the silence after which the standby takes over. */
export const classNames = ["5s", "1s", "fastest"] as const;
export type ClassName = (typeof classNames)[number];

export interface Contender {
  readonly program: Program;
  readonly className: ClassName;
  /** What its operator has written: `keepalive 2, deadtime 5`. */
  readonly setting: string;
  /** The silence after which the standby takes over, as configured, in milliseconds. */
  readonly detectionMs: number;
  /** After that silence, until all has surely been done. */
  readonly settleMs: number;
  /** Its heartbeats, for pcap-filter(7) and by what a frame has. */
  readonly heartbeats: { readonly filter: string; isOne(frame: Buffer): boolean };
  /** What its operator does to move the address without a fault. */
  readonly moveBy: string;
  /** Starts it on both nodes. Ends when alpha holds the address, and beta could take it over. */
  start(lab: Lab): Promise<void>;
  /** Has beta take over. Ends when the command does. */
  move(lab: Lab): Promise<void>;
  /** What it wrote on both nodes. */
  story(lab: Lab): string;
}
