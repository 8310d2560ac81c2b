/**
 * Base64 (RFC 4648 §4) in its one canonical form.
 */

/**
 * The original signs what it makes of the bytes again, not what it was sent: any other form of the
 * same bytes (no padding, line breaks, bits behind the end) is a message with a wrong signature.
 */
export function bytesFromBase64(text: string): Uint8Array | undefined {
  const bytes = Buffer.from(text, "base64");
  return bytes.toString("base64") === text ? bytes : undefined;
}

export function base64Of(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
}
