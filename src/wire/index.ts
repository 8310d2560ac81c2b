/**
 * The wire: heartbeat 3.0.6's messages, bytes to values and back, with their signatures.
 *
 * Pure. Nothing here opens a socket or reads a clock; no bytes, however hostile, make it throw, and
 * none are read before their signature was found good.
 */
export type { Envelope, WireReject } from "./envelope.ts";
export { decode, encode } from "./envelope.ts";
export type { Field, Fields, PlainField } from "./fields.ts";
export { textField, textOf } from "./fields.ts";
export { encodeHeartbeat, fieldsOf, heartbeatOf } from "./heartbeat.ts";
export type { Key, KeyMethod } from "./key.ts";
export { encodeOriginal } from "./original-text.ts";
export { originalOf } from "./original.ts";
export type { Stamp } from "./stamp.ts";
export type { MessageStream } from "./stream.ts";
export { newMessageStream } from "./stream.ts";
