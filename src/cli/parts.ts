/**
 * What the command line needs of the rest of the program. The entry hands it in, and loads it only
 * when it is called.
 */
import type { ConfigSources, FenceProgram, Respawn, WitnessConfig } from "../config/index.ts";
import type { Resource, ScriptedResource } from "../core/index.ts";

/** Given to every command. */
export interface Options {
  /** Where ha.cf, haresources and authkeys are. */
  readonly haDir: string;
  /** Where the control socket is. */
  readonly runDir: string;
  /** What outlives the daemon. */
  readonly stateDir: string;
  /** What outlives the original heartbeat, if it was here. */
  readonly heartbeatDir: string;
  /** This node's name, as `uname -n` gives it. */
  readonly node: string;
}

export interface Parts {
  readonly version: string;
  /** @returns the exit status */
  readonly runDaemon: (options: Options) => Promise<number>;
  /** Removes from the kernel what a dead daemon left. @returns the exit status */
  readonly release: () => Promise<number>;
  /** What is wrong with the program behind a resource, if something is. */
  readonly programFault: () => Promise<ProgramFault>;
  /** Which file is run for a resource. */
  readonly programPath: () => Promise<ProgramPath>;
  /** What is wrong with a device that fences, if something is. */
  readonly fenceFault: () => Promise<FenceFault>;
  /** What this host has against lines of `respawn`: the daemon refuses to start with such a line. */
  readonly respawnFaults: () => Promise<RespawnFaults>;
  /** Asks each member of a witness by itself. */
  readonly askWitness: () => Promise<AskWitness>;
  readonly readFiles: (haDir: string) => Promise<SourceFiles>;
}

export type ProgramFault = (
  resource: ScriptedResource,
  haDir: string,
) => { readonly severity: "error" | "warning"; readonly message: string } | undefined;

export type RespawnFaults = (
  respawns: readonly Respawn[],
) => Promise<readonly { readonly line: number; readonly message: string }[]>;

export type ProgramPath = (resource: Resource, haDir: string) => string | undefined;

export type FenceFault = (program: FenceProgram) => string | undefined;

/** What each member says, in the order of the file. */
export type AskWitness = (witness: WitnessConfig) => Promise<readonly WitnessAnswer[]>;

export interface WitnessAnswer {
  readonly url: string;
  /** Why it cannot be asked; undefined: it answers. */
  readonly fault: string | undefined;
  readonly tookMs: number;
  /** Which node has the vote. */
  readonly owner: string | undefined;
}

/** The files as they are on disk. */
export interface SourceFiles extends Omit<ConfigSources, "hostname"> {
  readonly faults: readonly FileFault[];
  /** Those that somebody but root can write. */
  readonly distrusted: readonly FileFault[];
}

/** A file that is there and cannot be read. */
export interface FileFault {
  readonly file: string;
  /** An errno, or what the file is. */
  readonly reason: string;
}
