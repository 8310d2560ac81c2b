/**
 * What the files say, once it is known to be sound.
 */
import type { CoreConfig, MediumName } from "../core/index.ts";
import type { Key } from "../wire/index.ts";
import type { Duties } from "./duties.ts";
import type { FenceProgram } from "./fence.ts";
import type { WitnessConfig } from "./witness.ts";

/** Where a medium sends. What comes back is received on the interface, whatever it was sent to. */
export type Target =
  | { readonly type: "ucast"; readonly host: string; readonly port: number }
  | { readonly type: "bcast"; readonly port: number }
  | {
      readonly type: "mcast";
      readonly group: string;
      readonly port: number;
      readonly ttl: number;
      readonly loop: boolean;
    };

export type MediumConfig = InterfaceMedium | SerialMedium;

/** All heartbeat directives of one interface: one wire, one medium. */
export interface InterfaceMedium {
  readonly type: "interface";
  readonly name: MediumName;
  readonly device: string;
  readonly targets: readonly Target[];
}

/** A cable between two serial ports, which carries bytes and no datagrams. */
export interface SerialMedium {
  readonly type: "serial";
  /** The path of the device. */
  readonly name: MediumName;
  readonly device: string;
  /** Bits a second, of which a byte takes ten. */
  readonly baud: number;
}

export interface Config {
  readonly core: CoreConfig;
  readonly media: readonly MediumConfig[];
  /** The key that signs what we send; all keys are accepted. */
  readonly keys: KeyRing;
  /** Every directive as written, defaults included: scripts see them as HA_<name>. */
  readonly settings: Readonly<Record<string, string>>;
  readonly duties: Duties;
  /** How each device of `core.fencing` is driven, in the same order. May hold passwords. */
  readonly fencePrograms: readonly FenceProgram[];
  /** Undefined: nobody is asked who may go on. */
  readonly witness?: WitnessConfig | undefined;
}

export interface KeyRing {
  readonly active: Key;
  readonly all: readonly Key[];
}
