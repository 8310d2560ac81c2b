/**
 * The machine under a virtual original, as the world gives it.
 */
import type { Side } from "../../src/core/index.ts";
import { after, millis } from "../../src/std/time.ts";
import type { Machine } from "./original-life.ts";
import { observed } from "./original-life.ts";
import { beginOriginal } from "./original.ts";
import type { Rng } from "./rng.ts";
import type { SimNode } from "./sim-node.ts";
import type { Stage } from "./stage.ts";

/** What only the world can do. */
export interface MachinePorts {
  readonly stage: Stage;
  readonly rng: Rng;
  readonly transmit: (bytes: Uint8Array, isStatus: boolean) => void;
  readonly exit: () => void;
}

/** @param held - by this a quick restart that left its groups running */
export function bootOriginal(ports: MachinePorts, node: SimNode, held: readonly Side[]): void {
  node.generation += 1;
  node.lives += 1;
  ports.stage.write(node, held.length === 0 ? "boots" : "restarts quickly");
  const { original: knobs = observed, ...config } = node.config;
  const machine = machineOf(ports, node);
  const { generation } = node;
  node.original = beginOriginal({ config, machine, knobs, generation, held });
}

function machineOf(ports: MachinePorts, node: SimNode): Machine {
  const { stage } = ports;
  const { lives } = node;
  const later = (delay: number, run: () => void): void => {
    stage.agenda.add(after(stage.now, millis(delay)), () => {
      if (node.lives !== lives) return;
      const paused = node.pausedUntil - stage.now;
      if (paused > 0) later(paused, run);
      else run();
    });
  };
  return {
    rng: ports.rng,
    kernel: node.kernel,
    now: () => stage.now,
    faults: () => stage.faults,
    later,
    transmit: ports.transmit,
    write: (what) => stage.write(node, what),
    restart: (sides) => bootOriginal(ports, node, sides),
    reboot: () => stage.crash(node),
    exit: ports.exit,
  };
}
