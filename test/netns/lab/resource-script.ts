/**
 * Resource scripts, as administrators write them: each logs how it was called.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** What an action does besides being logged, in shell. It ends the script with its exit status. */
export interface ScriptActions {
  readonly start?: string;
  readonly stop?: string;
}

/** Writes `resource.d/<name>`. What it has started is remembered for `status`. */
export function writeResourceScript(
  haDir: string,
  name: string,
  actions: ScriptActions = {},
): void {
  const script = `#!/bin/sh
# Called as: ${name} [ARGUMENT...] start|stop|status
for action; do :; done
running=${haDir}/${name}.running
[ "$action" = status ] || echo "$(date +%s.%N) ${name} $*" >>${callsFile(haDir)}
case $action in
start)
  ${actions.start ?? ":"}
  touch $running
  ;;
stop)
  ${actions.stop ?? ":"}
  rm -f $running
  ;;
status)
  if [ -e $running ]; then echo running; else echo stopped; fi
  ;;
esac
`;
  writeFileSync(join(haDir, "resource.d", name), script, { mode: 0o755 });
}

/** The calls of all scripts of a node in their order: `web1 start`. */
export function callsOf(haDir: string): readonly string[] {
  try {
    const lines = readFileSync(callsFile(haDir), "utf8").trim().split("\n");
    return lines.map((line) => line.slice(line.indexOf(" ") + 1));
  } catch {
    // None was called yet.
    return [];
  }
}

function callsFile(haDir: string): string {
  return join(haDir, "calls");
}
