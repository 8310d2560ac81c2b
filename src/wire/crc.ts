/**
 * The checksum of the method `crc`: CRC-32 with polynomial 0x04C11DB7, most significant bit first,
 * from 0, complemented at the end. It is that of POSIX cksum(1) without the length behind the data,
 * and in the RevEng catalogue CRC-32/CKSUM. It protects from noise, not from anybody.
 */

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte << 24;
  for (let bit = 0; bit < 8; bit++) {
    remainder = remainder < 0 ? (remainder << 1) ^ 0x04c11db7 : remainder << 1;
  }
  return remainder;
});

/** @returns 32 bits, unsigned */
export function crc32(parts: readonly Uint8Array[]): number {
  let remainder = 0;
  for (const part of parts) {
    for (const byte of part) {
      remainder = (remainder << 8) ^ (table[(remainder >>> 24) ^ byte] ?? 0);
    }
  }
  return ~remainder >>> 0;
}
