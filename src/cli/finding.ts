/**
 * What `check` finds when it looks at something: that it is wrong, doubtful or well.
 */
export interface Finding {
  readonly severity: "error" | "warning" | "ok";
  readonly code: string;
  /** As a compiler shows it; an excerpt of the file may follow on lines of its own. */
  readonly text: string;
  /** Undefined: it is about the live host. */
  readonly at: Position | undefined;
  readonly message: string;
}

export interface Position {
  readonly file: string;
  /** Lines and columns count from 1. Line 0: the file as a whole. */
  readonly line: number;
  readonly column: number;
}

/** A finding that has no line of a file to point at. */
export function finding(severity: Finding["severity"], code: string, message: string): Finding {
  return { severity, code, text: `${severity}: ${message}`, at: undefined, message };
}
