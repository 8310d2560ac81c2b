export type KeyMethod = "crc" | "md5" | "sha1" | "sha256" | "sha512";

/** A line of authkeys. */
export interface Key {
  /** 0 to 15: travels with every message. */
  readonly index: number;
  readonly method: KeyMethod;
  /** One character for each byte of the file (latin1). Empty for crc. Never logged. */
  readonly secret: string;
}
