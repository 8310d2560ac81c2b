/**
 * The machine under a virtual original, as the world gives it.
 */
import type { Side } from "../../src/core/index.ts";
import type { Instant } from "../../src/std/time.ts";
import { after, millis } from "../../src/std/time.ts";
import type { Agenda } from "./agenda.ts";
import type { Faults } from "./faults.ts";
import type { Machine } from "./original-life.ts";
import type { Rng } from "./rng.ts";
import type { SimNode } from "./sim-node.ts";

/** What only the world can do. */
export interface Ports {
  readonly rng: Rng;
  readonly agenda: Agenda;
  readonly write: (what: string) => void;
  readonly transmit: (bytes: Uint8Array, isStatus: boolean) => void;
  readonly restart: (held: readonly Side[]) => void;
  readonly exit: () => void;
}

export function machineOf(
  world: { readonly now: Instant; readonly faults: Faults; crash(node: SimNode): void },
  node: SimNode,
  ports: Ports,
): Machine {
  const { lives } = node;
  const later = (delay: number, run: () => void): void => {
    ports.agenda.add(after(world.now, millis(delay)), () => {
      if (node.lives !== lives) return;
      const paused = node.pausedUntil - world.now;
      if (paused > 0) later(paused, run);
      else run();
    });
  };
  return {
    rng: ports.rng,
    kernel: node.kernel,
    now: () => world.now,
    faults: () => world.faults,
    later,
    transmit: ports.transmit,
    write: ports.write,
    restart: ports.restart,
    reboot: () => world.crash(node),
    exit: ports.exit,
  };
}
