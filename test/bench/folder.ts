import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Folder {
  readonly path: string;
  remove(): void;
}

/** A folder for the files of a measurement. Goes with the process too, should that be interrupted. */
export function temporaryFolder(name: string): Folder {
  const path = mkdtempSync(join(tmpdir(), `us-${name}-`));
  const remove = (): void => {
    process.off("exit", remove);
    rmSync(path, { recursive: true, force: true });
  };
  process.once("exit", remove);
  return { path, remove };
}
