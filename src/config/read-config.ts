/**
 * From the files as they were read, or were not there, to a configuration.
 */
import { assemble } from "./assemble.ts";
import type { AuthkeysSource } from "./authkeys.ts";
import { parseAuthkeys } from "./authkeys.ts";
import type { Config } from "./config.ts";
import type { Diagnostic, Parsed } from "./diagnostic.ts";
import { addError, addWarning, diagnosticsOf, newFindings, wholeFile } from "./diagnostic.ts";
import { parseHaCf } from "./ha-cf.ts";
import { parseHaresources } from "./haresources.ts";
import type { Source } from "./tokens.ts";
import { quoted } from "./tokens.ts";

/** Undefined: there is no such file. */
export interface ConfigSources {
  readonly haCf?: Source | undefined;
  readonly haresources?: Source | undefined;
  readonly authkeys?: AuthkeysSource | undefined;
  /** The text of nodeinfo, which names this node if it is there: `hostname` does otherwise. */
  readonly nodeinfo?: string | undefined;
  /** What `uname -n` prints, or what `--node` says. */
  readonly hostname: string;
}

/**
 * @returns all diagnostics of all files; a value if and only if none of them is an error
 */
export function readConfig(sources: ConfigSources): Parsed<Config | undefined> {
  const { haCf, haresources, authkeys } = sources;
  const self = selfOf(sources);
  const { value, diagnostics } = assemble({
    self: self.value,
    haCf: haCf === undefined ? missing("ha.cf") : parseHaCf(haCf),
    haresources: haresources === undefined ? missing("haresources") : parseHaresources(haresources),
    authkeys: authkeys === undefined ? missing("authkeys") : parseAuthkeys(authkeys),
  });
  return { value, diagnostics: [...self.diagnostics, ...diagnostics] };
}

/** heartbeat 3.0.6 reads the first line of nodeinfo, if it ends with a line feed. */
function selfOf({ nodeinfo, hostname }: ConfigSources): Parsed<string> {
  const findings = newFindings({ file: "nodeinfo" });
  const [first = "", ...rest] = (nodeinfo ?? "").split("\n", 2);
  const name = first.trim();
  const ends = rest.length > 0 && name !== "";
  if (nodeinfo !== undefined && !ends) {
    const message = `its first line is empty or has no end: this node is called ${quoted(hostname)}`;
    addWarning(findings, wholeFile, "nodeinfo", message);
  }
  return { value: ends ? name : hostname.trim(), diagnostics: diagnosticsOf(findings) };
}

function missing(file: "ha.cf" | "haresources" | "authkeys"): {
  readonly value: undefined;
  readonly diagnostics: readonly Diagnostic[];
} {
  const findings = newFindings({ file });
  addError(findings, wholeFile, "missing-file", `there is no such file: ${remedies[file]}`);
  return { value: undefined, diagnostics: diagnosticsOf(findings) };
}

const remedies = {
  "ha.cf": "it names the nodes and how they hear each other",
  haresources: "it says what moves: node1 10.0.0.100/24/eth0 nginx",
  authkeys: "understudy keygen writes one, to be copied to every node",
};
