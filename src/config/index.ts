/**
 * The configuration: ha.cf, haresources and authkeys, in the grammar of heartbeat 3.0.6.
 *
 * Pure: text in, values and diagnostics out. Parsing never fails and never throws, whatever the text
 * is; it returns what it understood and says all that it did not, and there is a configuration if
 * and only if nothing of that is an error. Takes time in proportion to the text.
 */
export type { ConfigParts } from "./assemble.ts";
export { assemble } from "./assemble.ts";
export type { AuthkeysSource } from "./authkeys.ts";
export { authkeysText, parseAuthkeys } from "./authkeys.ts";
export type {
  Config,
  InterfaceMedium,
  KeyRing,
  MediumConfig,
  SerialMedium,
  Target,
} from "./config.ts";
export type { Code, Diagnostic, Parsed, Severity } from "./diagnostic.ts";
export { hasError, headline, render } from "./diagnostic.ts";
export { directiveTable } from "./directive-table.ts";
export type { Duties, Respawn } from "./duties.ts";
export type { FenceProgram } from "./fence.ts";
export type { HaCf } from "./ha-cf.ts";
export { parseHaCf } from "./ha-cf.ts";
export type { GroupLine, Haresources } from "./haresources.ts";
export { parseHaresources } from "./haresources.ts";
export type { MigrationNote } from "./migration.ts";
export { differences, directiveNotes, lineNotes } from "./migration.ts";
export type { ConfigSources } from "./read-config.ts";
export { readConfig } from "./read-config.ts";
export type { Source } from "./tokens.ts";
export type { WitnessConfig, WitnessEndpoint } from "./witness.ts";
