/**
 * What `cl_status` answers with: texts, and heartbeat 3.0.6's exit statuses.
 */
export interface ClAnswer {
  readonly out: string;
  readonly err: string;
  readonly exit: ClExit;
}

type ClExit = 0 | 1 | 11 | 12 | 13;

/** Measured: cl_status(1) has none. */
export const clExit: {
  readonly yes: 0;
  /** No, or there is no daemon. */
  readonly no: 1;
  readonly badParameters: 11;
  readonly timeout: 12;
  readonly unknown: 13;
} = { yes: 0, no: 1, badParameters: 11, timeout: 12, unknown: 13 };

export function said(out: string, exit: ClExit = clExit.yes): ClAnswer {
  return { out, err: "", exit };
}

/** A complaint of its own. */
export function complaint(err: string): ClAnswer {
  return { out: "", err: `${err}\n`, exit: clExit.badParameters };
}

/** Lines that the original writes as it writes its log. */
export function failure(exit: ClExit, ...lines: readonly string[]): ClAnswer {
  return { out: "", err: lines.map((line) => `cl_status: ERROR: ${line}\n`).join(""), exit };
}
