/**
 * Whether the programs behind the resources are there, for `understudy check`: what is missing is
 * better found out now than at a takeover.
 */
import { execFileSync } from "node:child_process";
import type { Resource, ScriptedResource } from "../core/index.ts";
import { agentFault, agentOf, whereabouts } from "./agents.ts";

export interface ProgramFault {
  readonly severity: "error" | "warning";
  readonly message: string;
}

/** @returns undefined if the resource can be started and stopped here, as far as can be seen */
export function programFault(resource: ScriptedResource, haDir: string): ProgramFault | undefined {
  if (resource.type === "systemd") return unitFault(resource.name, resource.unit);
  const agent = agentOf(resource, haDir);
  const message =
    agent === undefined
      ? `there is no program for it: ${whereabouts(resource, haDir)}`
      : agentFault(agent);
  if (message === undefined) return undefined;
  return { severity: "error", message: `${resource.name}: ${message}` };
}

/** The file that is run for a resource. Undefined: there is none, or it needs none. */
export function programPath(resource: Resource, haDir: string): string | undefined {
  return resource.type === "address" ? undefined : agentOf(resource, haDir)?.start.file;
}

function unitFault(name: string, unit: string): ProgramFault | undefined {
  const shown = showUnit(unit);
  if (shown === undefined) {
    return { severity: "warning", message: `${name}: systemctl does not answer on this host` };
  }
  if (shown.includes("LoadState=not-found")) {
    return { severity: "error", message: `${name}: systemd knows no unit ${unit}` };
  }
  if (!shown.includes("UnitFileState=enabled")) return undefined;
  const message = `${name}: systemd starts ${unit} at boot, on whatever node: systemctl disable ${unit}`;
  return { severity: "warning", message };
}

/** systemctl(1) show: exits with 0 for units that are not there, too. */
function showUnit(unit: string): string | undefined {
  try {
    const args = ["show", "--property=LoadState,UnitFileState", "--", unit];
    return execFileSync("systemctl", args, {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
  } catch {
    // No systemd, or none that runs.
    return undefined;
  }
}
