/**
 * What the next life of this node must know, in a file of the state directory.
 */
import type { Memory } from "../core/index.ts";

/** @returns undefined if there is none, or none that can be read */
export function readMemory(_stateDir: string): Memory | undefined {
  return undefined;
}

export interface MemoryFile {
  /** Saves soon, and never waits. */
  save(memory: Memory): void;
  /** Saves at once what still waits. */
  finish(): void;
}

export function openMemory(_stateDir: string, _warn: (fault: string) => void): MemoryFile {
  return { save: () => undefined, finish: () => undefined };
}
