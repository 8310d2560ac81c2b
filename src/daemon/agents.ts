/**
 * The four kinds of programs behind a resource, and what each means by running, started, stopped.
 */
import { join } from "node:path";
import type { ScriptedResource } from "../core/index.ts";
import { distrust, isExecutable } from "./trusted-file.ts";

/** One program to be run, and how its end is to be read. */
export interface Invocation {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

export interface Agent {
  /** Asks whether it runs. Undefined: to start what runs already does no harm. */
  readonly status: (Invocation & { readonly reads: StatusReading }) | undefined;
  readonly start: Invocation;
  readonly stop: Invocation;
}

export type StatusReading =
  /** By what is printed: heartbeat's own agents (ResourceManager, `we_own_resource`). */
  | "text"
  /** By the exit status 0: OCF's action monitor (OCF Resource Agent API 1.1 §3.4.3). */
  | "exit-status";

const OCF_ROOT = "/usr/lib/ocf";

/**
 * @param haDir - resource.d is in it
 * @returns undefined if there is no such program
 */
export function agentOf(resource: ScriptedResource, haDir: string): Agent | undefined {
  switch (resource.type) {
    case "script":
      return scriptAgent(resource, haDir);
    case "systemd":
      return systemdAgent(resource.unit);
    case "ocf":
      return ocfAgent(resource);
  }
}

/** Where the program of a resource is looked for, for the operator. */
export function whereabouts(resource: ScriptedResource, haDir: string): string {
  switch (resource.type) {
    case "script":
      return `an executable file in ${join(haDir, "resource.d")} or /etc/init.d`;
    case "systemd":
      return "systemctl";
    case "ocf":
      return `an executable file ${ocfPath(resource)}`;
  }
}

/** Why its program must not be run: somebody but root could have written it. */
export function agentFault({ start: { file } }: Agent): string | undefined {
  // systemctl is found along PATH, as by any other program of root's.
  return file.includes("/") ? distrust(file) : undefined;
}

type Script = Extract<ScriptedResource, { readonly type: "script" }>;
type Ocf = Extract<ScriptedResource, { readonly type: "ocf" }>;

function scriptAgent({ script, args }: Script, haDir: string): Agent | undefined {
  const file = [join(haDir, "resource.d", script), join("/etc/init.d", script)].find(isExecutable);
  if (file === undefined) return undefined;
  const call = (action: string): Invocation => ({ file, args: [...args, action], env: {} });
  return {
    status: { ...call("status"), reads: "text" },
    start: call("start"),
    stop: call("stop"),
  };
}

/** systemctl(1): start and stop wait for the unit, and do nothing if it is so already. */
function systemdAgent(unit: string): Agent {
  const call = (action: string): Invocation => ({
    file: "systemctl",
    args: ["--no-ask-password", action, "--", unit],
    env: {},
  });
  return { status: undefined, start: call("start"), stop: call("stop") };
}

function ocfAgent(resource: Ocf): Agent | undefined {
  const file = ocfPath(resource);
  if (!isExecutable(file)) return undefined;
  const env: Record<string, string> = {
    OCF_ROOT,
    OCF_RA_VERSION_MAJOR: "1",
    OCF_RA_VERSION_MINOR: "0",
    OCF_RESOURCE_INSTANCE: resource.agent,
    OCF_RESOURCE_TYPE: resource.agent,
    OCF_RESOURCE_PROVIDER: resource.provider,
  };
  for (const [name, value] of Object.entries(resource.parameters)) {
    env[`OCF_RESKEY_${name}`] = value;
  }
  const call = (action: string): Invocation => ({ file, args: [action], env });
  return {
    status: { ...call("monitor"), reads: "exit-status" },
    start: call("start"),
    stop: call("stop"),
  };
}

function ocfPath({ provider, agent }: Ocf): string {
  return join(OCF_ROOT, "resource.d", provider, agent);
}

/**
 * Whether what an agent printed at `status` says that its resource runs. "not running" is looked
 * for first, since it contains the other (ResourceManager, `we_own_resource`).
 */
export function saysRunning(text: string): boolean {
  if (/not\s+running/i.test(text)) return false;
  return /[Rr]unning|OK/.test(text);
}
