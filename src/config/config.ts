/**
 * What the files say, once it is known to be sound.
 */
import type { CoreConfig, MediumName } from "../core/index.ts";
import type { Key } from "../wire/index.ts";

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

/** All heartbeat directives of one interface: one wire, one medium. */
export interface MediumConfig {
  readonly name: MediumName;
  readonly device: string;
  readonly targets: readonly Target[];
}

export interface Config {
  readonly core: CoreConfig;
  readonly media: readonly MediumConfig[];
  /** The key that signs what we send; all keys are accepted. */
  readonly keys: KeyRing;
  /** Every directive as written, defaults included: scripts see them as HA_<name>. */
  readonly settings: Readonly<Record<string, string>>;
}

export interface KeyRing {
  readonly active: Key;
  readonly all: readonly Key[];
}
