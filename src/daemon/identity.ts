/**
 * The node's UUID, by which original heartbeats know it besides its name: 16 random bytes, made once.
 *
 * In the original's file `hb_uuid`, if its folder is there, so that the original and this daemon are
 * one node to their peers. Never derived from the name (`uuidfrom nodename`): nodes of different
 * names may come to the same bytes, and originals then take one for the other, renamed.
 */
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import type { IdentityDirs } from "./generation.ts";
import { readSmallFile, saveFile } from "./small-file.ts";

export interface Identity {
  /** 16 bytes, not all zero. */
  readonly uuid: Uint8Array;
  /** Why it could not be saved, if it could not: the next start then has another one. */
  readonly fault: string | undefined;
}

const FILE = "hb_uuid";
const BYTES = 16;

/** The original's, else ours, else a new one; saved wherever it is missing. */
export function nodeUuid({ stateDir, heartbeatDir }: IdentityDirs): Identity {
  const theirs = readUuid(heartbeatDir);
  const ours = readUuid(stateDir);
  const uuid = theirs ?? ours ?? randomUuid();
  try {
    // What the original's folder says is kept here too: it goes when that package is purged.
    if (ours === undefined || !uuid.equals(ours)) {
      mkdirSync(stateDir, { recursive: true });
      saveFile(join(stateDir, FILE), uuid);
    }
    if (theirs === undefined && existsSync(heartbeatDir)) saveFile(join(heartbeatDir, FILE), uuid);
    return { uuid, fault: undefined };
  } catch (error) {
    return { uuid, fault: error instanceof Error ? error.message : String(error) };
  }
}

/** Version 4 (RFC 9562 §5.4): all the others are made of clocks or names. */
function randomUuid(): Buffer {
  const bytes = randomBytes(BYTES);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x40, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes;
}

function readUuid(dir: string): Buffer | undefined {
  const bytes = readSmallFile(join(dir, FILE));
  return bytes?.length === BYTES && bytes.some((byte) => byte !== 0) ? bytes : undefined;
}
