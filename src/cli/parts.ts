/**
 * What the command line needs of the rest of the program. The entry hands it in, and loads it only
 * when it is called.
 */
import type { ConfigSources } from "../config/index.ts";
import type { ScriptedResource } from "../core/index.ts";

/** Given to every command. */
export interface Options {
  /** Where ha.cf, haresources and authkeys are. */
  readonly haDir: string;
  /** Where the control socket is. */
  readonly runDir: string;
  /** What outlives the daemon. */
  readonly stateDir: string;
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
  readonly readFiles: (haDir: string) => Promise<SourceFiles>;
}

export type ProgramFault = (
  resource: ScriptedResource,
  haDir: string,
) => { readonly severity: "error" | "warning"; readonly message: string } | undefined;

/** The files as they are on disk. */
export interface SourceFiles extends Omit<ConfigSources, "hostname"> {
  readonly faults: readonly FileFault[];
}

/** A file that is there and cannot be read. */
export interface FileFault {
  readonly file: string;
  /** An errno, or what the file is. */
  readonly reason: string;
}
