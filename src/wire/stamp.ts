/**
 * What every message that we send has behind its own fields: who says it, when, and where in its
 * order it stands.
 */
import type { NodeName } from "../core/index.ts";
import { assert } from "../std/assert.ts";
import type { PlainField } from "./fields.ts";
import { textField } from "./fields.ts";
import { hexOf } from "./number.ts";
import { bytesOfText } from "./word.ts";

/** What the original wants to be told besides, and the core has no use for. */
export interface Stamp {
  /** Since 1970. Its value is looked at by nobody. */
  readonly seconds: number;
  /** The line of /proc/loadavg, without its end. */
  readonly load: string;
  /** How often a message may be passed on along serial lines: one more than there are nodes. */
  readonly ttl: number;
  /**
   * Of this node, 16 bytes: what the original has in /var/lib/heartbeat/hb_uuid. An original looks
   * a node up by it before it looks at the name, so no two nodes may ever have the same.
   */
  readonly uuid: Uint8Array;
}

/** The sender and the place in its order; without a sequence, what is outside of the order. */
export interface Sender {
  readonly from: NodeName;
  readonly generation: number;
  readonly sequence: number | undefined;
}

/** In the original's order (heartbeat.c add_control_msg_fields). Outside of the order, no load. */
export function stampFields(sender: Sender, stamp: Stamp): readonly PlainField[] {
  assert(stamp.uuid.length === 16, `a uuid of 16 bytes, not of ${stamp.uuid.length}`);
  const { from, generation, sequence } = sender;
  const isOrdered = sequence !== undefined;
  return [
    textField("src", bytesOfText(from)),
    { type: "binary", name: "srcuuid", bytes: stamp.uuid },
    ...(isOrdered ? [textField("seq", hexOf(sequence))] : []),
    textField("hg", hexOf(generation)),
    // An original drops a message of the time 0, which a machine without a battery may believe in.
    textField("ts", hexOf(Math.max(1, Math.floor(stamp.seconds)))),
    ...(isOrdered ? [textField("ld", stamp.load)] : []),
    textField("ttl", String(stamp.ttl)),
  ];
}
