/**
 * What the parts of a simulated world have in common: its clock, its machines, its story.
 */
import type { Input, NodeName } from "../../src/core/index.ts";
import type { Instant } from "../../src/std/time.ts";
import type { Agenda } from "./agenda.ts";
import type { Faults } from "./faults.ts";
import type { SimNode } from "./sim-node.ts";

export interface Stage {
  readonly now: Instant;
  readonly faults: Faults;
  readonly nodes: ReadonlyMap<NodeName, SimNode>;
  readonly agenda: Agenda;
  /** Hands an input to the daemon; if none runs, nothing happens. */
  post(node: SimNode, input: Input): void;
  /** A line of the story. */
  write(node: SimNode, what: string): void;
  /** Stops the daemon for a while; its machine goes on. */
  pause(node: SimNode, duration: number): void;
  /** The kernel tells the daemon that its addresses have changed. */
  changed(node: SimNode): void;
  /** Switches a machine off. */
  crash(node: SimNode): void;
}
